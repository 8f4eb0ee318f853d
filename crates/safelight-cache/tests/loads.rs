//! One load per key, whatever the number of callers, and however it ends.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

use safelight_cache::{Cache, Class, Evicted, Limits, Policy};
use safelight_core::ManualClock;

const N_THREADS: usize = 64;

/// Lets all threads ask for one key at once; returns their answers and the number of loads.
///
/// The load ends only when the other threads wait for it.
fn ask_at_once<T: Send>(
    cache: &Cache<u8, Vec<u8>>,
    ask: impl Fn(&dyn Fn()) -> T + Sync,
) -> (Vec<T>, u64) {
    let n_loads = AtomicU64::new(0);
    let start = Barrier::new(N_THREADS);
    let before = cache.stats().n_coalesced;
    let answers = thread::scope(|scope| {
        let all: Vec<_> = (0..N_THREADS)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    ask(&|| {
                        n_loads.fetch_add(1, SeqCst);
                        while cache.stats().n_coalesced < before + N_THREADS as u64 - 1 {
                            thread::yield_now();
                        }
                    })
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().expect("panics are caught")).collect()
    });
    (answers, n_loads.into_inner())
}

#[test]
fn c05_one_load_answers_all() {
    let cache = Cache::default();
    let (answers, n_loads) = ask_at_once(&cache, |wait| {
        cache.get_or_compute(1, || {
            wait();
            vec![7]
        })
    });
    assert_eq!(n_loads, 1);
    assert!(answers.iter().all(|answer| Arc::ptr_eq(answer, &answers[0])));
    let stats = cache.stats();
    assert_eq!((stats.n_misses, stats.n_coalesced, stats.n_loads), (64, 63, 1));
}

#[test]
fn c05_an_error_reaches_all_and_the_next_call_tries_again() {
    let cache = Cache::default();
    let (answers, n_loads) = ask_at_once(&cache, |wait| {
        cache.try_get_or_compute(1, || {
            wait();
            Err(io::Error::other("no such picture"))
        })
    });
    assert_eq!(n_loads, 1);
    for answer in answers {
        let error = answer.unwrap_err();
        let cause = error.downcast_ref::<io::Error>().unwrap();
        assert_eq!(cause.to_string(), "no such picture");
        assert!(!error.is_panic() && !error.is_remembered());
    }
    assert_eq!(cache.stats().n_failed_loads, 1);
    let next = cache.try_get_or_compute(1, || Ok::<_, io::Error>(vec![7]));
    assert_eq!(*next.unwrap(), [7]);
}

#[test]
fn c05_a_panic_reaches_all_and_the_next_call_tries_again() {
    let cache = Cache::default();
    let (answers, n_loads) = ask_at_once(&cache, |wait| {
        cache.try_get_or_compute(1, || -> Result<_, io::Error> {
            wait();
            panic!("the decoder gave up")
        })
    });
    assert_eq!(n_loads, 1);
    for answer in answers {
        let error = answer.unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.to_string(), "loading a value panicked: the decoder gave up");
    }
    assert_eq!(*cache.get_or_compute(1, || vec![7]), [7]);
}

#[test]
fn c05_a_panic_in_work_that_cannot_fail_goes_on_in_all_callers() {
    let cache = Cache::default();
    let (answers, n_loads) = ask_at_once(&cache, |wait| {
        let answer = catch_unwind(AssertUnwindSafe(|| {
            cache.get_or_compute(1, || {
                wait();
                panic!("the decoder gave up")
            })
        }));
        let payload = answer.expect_err("it panicked");
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
    });
    assert_eq!(n_loads, 1);
    for answer in answers {
        assert!(answer.unwrap().contains("the decoder gave up"));
    }
    assert_eq!(*cache.get_or_compute(1, || vec![7]), [7]);
}

#[test]
fn c05_a_failure_is_remembered_until_its_time_is_over() {
    let clock = ManualClock::new();
    let ttl = Duration::from_secs(5);
    let cache: Cache<u8, Vec<u8>> =
        Cache::builder().failure_ttl(ttl).clock(clock.clone()).build();
    let fail = || cache.try_get_or_compute(1, || Err("broken file")).unwrap_err();
    assert!(!fail().is_remembered());
    clock.advance(Duration::new(4, 999_999_999));
    let known = fail();
    assert!(known.is_remembered());
    assert_eq!(known.to_string(), "loading a value failed a short while ago");
    let stats = cache.stats();
    assert_eq!((stats.n_failed_loads, stats.n_remembered_failures), (1, 1));
    clock.advance(Duration::from_nanos(1));
    assert!(!fail().is_remembered());
    assert_eq!(*cache.get_or_compute(1, || vec![6]), [6], "this work cannot fail");
    cache.set_limits(Class::Bulk, Limits::ZERO);
    cache.set_limits(Class::Bulk, Limits::default());
    assert!(!fail().is_remembered(), "a load that went well forgets the failure");
    cache.insert(1, vec![7]);
    assert_eq!(*cache.try_get_or_compute(1, || Err("broken file")).unwrap(), [7]);
    cache.remove(&1);
    assert!(!fail().is_remembered(), "an insert and a removal forget the failure");
    assert!(fail().is_remembered());
    cache.remove_matching(|key| *key == 1);
    assert!(!fail().is_remembered(), "and so does a removal by a predicate");
}

/// A value that came in by another way while its load went on is the newer one.
#[test]
fn c05_a_load_that_was_overtaken_is_not_kept() {
    type Overtake = fn(&Cache<u8, Vec<u8>>);
    let ways: [(Overtake, Option<&[u8]>); 4] = [
        (|cache| drop(cache.insert(1, vec![2])), Some(&[2])),
        (|cache| drop(cache.remove(&1)), None),
        (|cache| assert_eq!(cache.remove_matching(|_| true), 0), None),
        (|cache| cache.clear(), None),
    ];
    for (overtake, expected) in ways {
        let cache = Cache::default();
        let value = cache.get_or_compute(1, || {
            overtake(&cache);
            vec![1]
        });
        assert_eq!(*value, [1]);
        assert_eq!(cache.get(&1).as_ref().map(|value| value.as_slice()), expected);
        assert_eq!(*cache.get_or_compute(1, || vec![3]), expected.unwrap_or(&[3]));
    }
}

#[test]
fn c05_work_that_asks_for_its_own_key_is_told_so() {
    fn load(cache: &Cache<u8, Vec<u8>>) -> Arc<Vec<u8>> {
        cache.get_or_compute(1, || load(cache).to_vec())
    }
    let cache = Cache::default();
    let panic = catch_unwind(AssertUnwindSafe(|| load(&cache))).unwrap_err();
    let text = panic.downcast_ref::<&str>().unwrap();
    assert_eq!(*text, "the load of a key asks for that same key");
}

#[test]
fn c05_work_that_meets_its_own_key_once_does_it_again() {
    // So it is when a worker that waits takes up a task for the same key.
    let cache = Cache::default();
    let value = cache.get_or_compute(1, || {
        let nested = cache.get_or_compute(1, || vec![2]);
        [vec![1], nested.to_vec()].concat()
    });
    assert_eq!(*value, [1, 2]);
    assert_eq!(*cache.get(&1).unwrap(), [1, 2]);
}

#[test]
fn c05_work_that_cannot_fail_is_done_where_that_of_another_failed() {
    let cache: Cache<u8, Vec<u8>> = Cache::default();
    let (started, has_started) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let answer = cache.try_get_or_compute(1, || {
                started.send(()).expect("the test waits for it");
                while cache.stats().n_coalesced == 0 {
                    thread::yield_now();
                }
                Err("broken file")
            });
            assert!(answer.is_err());
        });
        has_started.recv().unwrap();
        assert_eq!(*cache.get_or_compute(1, || vec![7]), [7]);
    });
    assert_eq!(*cache.get(&1).unwrap(), [7]);
}

/// Those who waited for it do not all do the work themselves.
#[test]
fn c05_one_of_those_whose_work_cannot_fail_does_it_for_all() {
    let cache: Cache<u8, Vec<u8>> = Cache::default();
    let n_works = AtomicU64::new(0);
    thread::scope(|scope| {
        let (started, has_started) = mpsc::channel();
        let cache = &cache;
        scope.spawn(move || {
            let answer = cache.try_get_or_compute(1, || {
                started.send(()).expect("the test waits for it");
                while cache.stats().n_coalesced < 8 {
                    thread::yield_now();
                }
                Err("broken file")
            });
            assert!(answer.is_err());
        });
        has_started.recv().unwrap();
        for _ in 0..8 {
            scope.spawn(|| {
                cache.get_or_compute(1, || {
                    n_works.fetch_add(1, SeqCst);
                    vec![7]
                })
            });
        }
    });
    assert_eq!(n_works.into_inner(), 1);
    let stats = cache.stats();
    assert_eq!((stats.n_requests(), stats.n_loads, stats.n_failed_loads), (9, 1, 1));
}

#[test]
fn work_may_ask_for_other_keys() {
    let cache = Cache::default();
    let value = cache.get_or_compute(1, || {
        let base = cache.get_or_compute(2, || vec![2]);
        [vec![1], base.to_vec()].concat()
    });
    assert_eq!(*value, [1, 2]);
    assert_eq!(cache.usage().n_entries, 2);
}

#[test]
fn an_observer_that_panics_hangs_nobody() {
    let observer = |_: &Evicted<u8>| panic!("the observer gave up");
    let limits = Limits { entries: Some(1), ..Limits::default() };
    let cache =
        Cache::builder().limits(limits).policy(Policy::Lru).observer(observer).build();
    cache.get_or_compute(1, || vec![1]);
    let panic = catch_unwind(AssertUnwindSafe(|| cache.get_or_compute(2, || vec![2])));
    assert!(panic.is_err());
    assert_eq!(cache.usage().n_entries, 0, "the first has left, the second never came");
    assert_eq!(cache.stats().n_failed_loads, 0);
    assert_eq!(*cache.get_or_compute(2, || vec![3]), [3]);
    assert_eq!(cache.usage().n_entries, 1);
}

#[test]
fn many_tasks_that_meet_their_own_load_one_after_the_other_are_no_recursion() {
    let cache = Cache::default();
    let value = cache.get_or_compute(1, || {
        let parts =
            (0..40).flat_map(|part| cache.get_or_compute(1, || vec![part]).to_vec());
        parts.collect()
    });
    assert_eq!(value.len(), 40);
}
