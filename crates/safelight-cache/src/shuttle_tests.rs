//! The production code under a scheduler that tries interleavings at random.
//!
//! `RUSTFLAGS="--cfg shuttle" cargo test -p safelight-cache --lib shuttle_tests`

use std::sync::Arc;

use safelight_core::ByteSize;
use shuttle::{
    check_random,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    thread,
};

use crate::{Cache, Class, Limits, LoadError, Policy, Weigh};

const N_SCHEDULES: usize = 20_000;

type Blobs = Cache<u8, Vec<u8>>;

fn cache(n_entries: usize) -> Blobs {
    let limits = Limits { entries: Some(n_entries), ..Limits::default() };
    Cache::builder().limits(limits).policy(Policy::Lru).build()
}

/// Runs three pieces of work at once, and returns when all have ended.
fn at_once(cache: &Blobs, work: [fn(&Blobs); 3]) {
    let threads = work.map(|work| {
        let cache = cache.clone();
        thread::spawn(move || work(&cache))
    });
    for thread in threads {
        thread.join().expect("no assertion failed");
    }
}

/// What is held is within the limits, and agrees with what can be found.
fn check_account(cache: &Blobs, n_entries: usize) {
    let usage = cache.usage();
    assert!(usage.n_entries <= n_entries, "{usage:?}");
    let found: Vec<u8> = (0..8).filter(|key| cache.owns(key)).collect();
    assert_eq!(found.len(), usage.n_entries, "{found:?}");
    cache.set_limits(Class::Bulk, Limits::ZERO);
    assert_eq!(cache.usage().bytes, ByteSize::ZERO);
}

#[test]
fn c05_one_load_whatever_the_order() {
    check_random(
        || {
            let cache = cache(2);
            let n_loads = Arc::new(AtomicU32::new(0));
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let (cache, n_loads) = (cache.clone(), Arc::clone(&n_loads));
                    thread::spawn(move || {
                        cache.get_or_compute(1, || {
                            n_loads.fetch_add(1, SeqCst);
                            thread::yield_now();
                            vec![7]
                        })
                    })
                })
                .collect();
            let values: Vec<_> = threads
                .into_iter()
                .map(|thread| thread.join().expect("it loads"))
                .collect();
            assert!(values.iter().all(|value| Arc::ptr_eq(value, &values[0])));
            assert_eq!(n_loads.load(SeqCst), 1);
            assert_eq!(cache.stats().n_requests(), 3);
            check_account(&cache, 2);
        },
        N_SCHEDULES,
    );
}

#[test]
fn c05_a_failure_wakes_everybody() {
    check_random(
        || {
            let cache = cache(2);
            let fail = |cache: &Blobs| {
                let answer = cache.try_get_or_compute(1, || {
                    thread::yield_now();
                    Err("broken file")
                });
                assert!(answer.is_err_and(|error: LoadError| !error.is_panic()));
            };
            at_once(&cache, [fail, fail, fail]);
            check_account(&cache, 2);
        },
        N_SCHEDULES,
    );
}

/// The mutant lets the value come back after its removal.
#[test]
fn c07_a_value_does_not_come_back_after_its_removal() {
    check_random(
        || {
            let cache = cache(1);
            let held = cache.insert(1, vec![1]);
            cache.insert(2, vec![2]);
            at_once(
                &cache,
                [
                    |cache| drop(cache.get(&1)),
                    |cache| drop(cache.remove(&1)),
                    |cache| drop(cache.get(&1)),
                ],
            );
            assert!(cache.get(&1).is_none(), "{held:?} was removed");
            check_account(&cache, 1);
        },
        N_SCHEDULES,
    );
}

#[test]
fn c05_the_value_put_there_outlives_a_load_that_goes_on() {
    check_random(
        || {
            let cache = cache(2);
            at_once(
                &cache,
                [
                    |cache| drop(cache.insert(1, vec![2])),
                    |cache| drop(cache.get_or_compute(1, || vec![1])),
                    |cache| drop(cache.get_or_compute(1, || vec![1])),
                ],
            );
            let now = cache.get(&1).expect("nothing pushed it out");
            assert_eq!(*now, [2]);
            check_account(&cache, 2);
        },
        N_SCHEDULES,
    );
}

#[test]
fn c02_limits_hold_while_they_change() {
    check_random(
        || {
            let cache = cache(2);
            at_once(
                &cache,
                [
                    |cache| {
                        for key in 0..3 {
                            drop(cache.insert(key, vec![key]));
                            assert!(cache.usage().n_entries <= 2);
                        }
                    },
                    |cache| {
                        for key in [1, 0, 3] {
                            drop(cache.get_or_compute(key, || vec![key]));
                            assert!(cache.usage().n_entries <= 2);
                        }
                    },
                    |cache| {
                        let limits = Limits { entries: Some(1), ..Limits::default() };
                        cache.set_limits(Class::Bulk, limits);
                        assert!(cache.usage().n_entries <= 1);
                    },
                ],
            );
            check_account(&cache, 1);
        },
        N_SCHEDULES,
    );
}

/// A value that counts itself while it lives.
struct Counted(Arc<AtomicU32>);

impl Counted {
    fn new(n_live: &Arc<AtomicU32>) -> Self {
        n_live.fetch_add(1, SeqCst);
        Self(Arc::clone(n_live))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Weigh for Counted {
    fn heap(&self) -> ByteSize {
        ByteSize::ZERO
    }
}

/// What is on its way out counts: beside the limit there is one value for each thread.
#[test]
fn c02_what_lives_is_within_the_limit_and_what_is_in_hand() {
    check_random(
        || {
            let n_live = Arc::new(AtomicU32::new(0));
            let limits = Limits { entries: Some(2), ..Limits::default() };
            let cache: Cache<u32, Counted> =
                Cache::builder().limits(limits).policy(Policy::Lru).build();
            let threads: Vec<_> = (0..2)
                .map(|thread| {
                    let (cache, n_live) = (cache.clone(), Arc::clone(&n_live));
                    thread::spawn(move || {
                        for idx in 0..3 {
                            drop(cache.insert(thread * 10 + idx, Counted::new(&n_live)));
                            let n_live = n_live.load(SeqCst);
                            assert!(n_live <= 2 + 2, "{n_live} live");
                        }
                        // None of this thread is in hand any more.
                        let n_live = n_live.load(SeqCst);
                        assert!(n_live <= 2 + 1, "{n_live} live");
                    })
                })
                .collect();
            for thread in threads {
                thread.join().expect("no assertion failed");
            }
            assert_eq!(n_live.load(SeqCst), 2);
        },
        N_SCHEDULES,
    );
}
