//! Both limits, at every moment and from any thread.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
    },
    thread,
};

use safelight_cache::{Cache, Cause, Class, Evicted, Limits, Policy, Weigh};
use safelight_core::{ByteSize, Consumer, Pressure};

/// A value that weighs whole MiB in the cache, and is counted while it lives.
struct Blob {
    mib: i64,
    class: Class,
    live_mib: Arc<AtomicI64>,
}

impl Blob {
    fn new(mib: i64, live_mib: &Arc<AtomicI64>) -> Self {
        live_mib.fetch_add(mib, SeqCst);
        Self { mib, class: Class::Bulk, live_mib: Arc::clone(live_mib) }
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        self.live_mib.fetch_sub(self.mib, SeqCst);
    }
}

impl Weigh for Blob {
    fn heap(&self) -> ByteSize {
        let own = Cache::<u64, Self>::OVERHEAD + ByteSize::from_len(size_of::<Self>());
        ByteSize::mib(self.mib.unsigned_abs()) - own
    }

    fn class(&self) -> Class {
        self.class
    }
}

/// Ends the watch, also where an assertion fails.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

fn limits(mib: u64, entries: Option<usize>) -> Limits {
    Limits { bytes: ByteSize::mib(mib), entries }
}

fn cache(mib: u64, policy: Policy) -> Cache<u64, Blob> {
    Cache::builder().limits(limits(mib, None)).policy(policy).build()
}

fn fill(cache: &Cache<u64, Blob>, n: u64, live_mib: &Arc<AtomicI64>) {
    for key in 0..n {
        cache.insert(key, Blob::new(1, live_mib));
    }
}

#[test]
fn c02_a_lower_limit_frees_before_it_returns_and_a_higher_one_lets_grow() {
    for policy in [Policy::Lru, Policy::CostAware] {
        let live_mib = Arc::new(AtomicI64::new(0));
        let cache = cache(100, policy);
        fill(&cache, 100, &live_mib);
        assert_eq!(live_mib.load(SeqCst), 100);
        cache.set_limits(Class::Bulk, limits(10, None));
        assert_eq!(live_mib.load(SeqCst), 10);
        assert_eq!(cache.usage().bytes, ByteSize::mib(10));
        assert_eq!(cache.stats().evictions.n_limit, 90);
        cache.set_limits(Class::Bulk, limits(100, Some(30)));
        fill(&cache, 100, &live_mib);
        assert_eq!(live_mib.load(SeqCst), 30);
        assert_eq!(cache.usage().n_entries, 30);
    }
}

#[test]
fn c02_a_budget_cuts_and_gives_back_but_never_raises() {
    let live_mib = Arc::new(AtomicI64::new(0));
    let cache = cache(96, Policy::CostAware);
    // Of which the small class may use its 4 MiB.
    fill(&cache, 96, &live_mib);
    cache.set_budget(ByteSize::mib(50));
    assert_eq!(Consumer::usage(&cache), ByteSize::mib(46));
    cache.set_budget(ByteSize::mib(8));
    assert_eq!(Consumer::usage(&cache), ByteSize::mib(7));
    cache.set_budget(ByteSize::gib(1));
    fill(&cache, 200, &live_mib);
    assert_eq!(live_mib.load(SeqCst), 96);
    assert_eq!(cache.limits(Class::Bulk), limits(96, None));
}

#[test]
fn c02_both_limits_hold_at_every_moment_under_load() {
    const MAX_MIB: i64 = 4;
    const N_WORKERS: i64 = 6;
    let live_mib = Arc::new(AtomicI64::new(0));
    for policy in [Policy::Lru, Policy::CostAware] {
        let cache: Cache<u64, Blob> =
            Cache::builder().limits(limits(40, Some(20))).policy(policy).build();
        // The worst that holds while limits change between these and lower ones.
        let most = 40 + N_WORKERS * MAX_MIB;
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for worker in 0..N_WORKERS as u64 {
                let (cache, live_mib) = (&cache, &live_mib);
                scope.spawn(move || {
                    let mut random = worker + 1;
                    for _ in 0..4000 {
                        random = random.wrapping_mul(6_364_136_223_846_793_005) + 1;
                        let key = random >> 58;
                        let mib = 1 + (random >> 40).cast_signed() % MAX_MIB;
                        match random >> 36 & 7 {
                            0 => drop(cache.remove(&key)),
                            1 => drop(cache.insert(key, Blob::new(mib, live_mib))),
                            _ => drop(
                                cache.get_or_compute(key, || Blob::new(mib, live_mib)),
                            ),
                        }
                        let live = live_mib.load(SeqCst);
                        assert!(live <= most, "{live} MiB are live, {most} at most");
                    }
                });
            }
            scope.spawn(|| {
                while !is_over.load(SeqCst) {
                    let usage = cache.usage();
                    assert!(usage.bytes <= ByteSize::mib(40), "{usage:?}");
                    assert!(usage.n_entries <= 20, "{usage:?}");
                }
            });
            let _end = End(&is_over);
            for step in 0..100 {
                let lower = limits(5 + step % 30, Some(1 + step as usize % 19));
                cache.set_limits(Class::Bulk, lower);
                let usage = cache.usage();
                assert!(usage.bytes <= lower.bytes, "{usage:?} over {lower:?}");
                assert!(Some(usage.n_entries) <= lower.entries, "{usage:?}");
                cache.set_limits(Class::Bulk, limits(40, Some(20)));
                thread::yield_now();
            }
        });
        assert_eq!(cache.usage().bytes, ByteSize::mib(live_mib.load(SeqCst) as u64));
        cache.clear();
        assert_eq!(live_mib.load(SeqCst), 0);
        assert_eq!(cache.usage().n_entries, 0);
    }
}

#[test]
fn c02_a_pin_protects_against_the_policy_but_not_against_the_limit() {
    for policy in [Policy::Lru, Policy::CostAware] {
        let live_mib = Arc::new(AtomicI64::new(0));
        let cache = cache(3, policy);
        cache.insert(0, Blob::new(1, &live_mib));
        let pinned = cache.pin(&0).unwrap();
        for key in 1..20 {
            cache.insert(key, Blob::new(1, &live_mib));
            assert!(cache.contains(&key) || policy == Policy::CostAware);
        }
        assert_eq!(cache.keys().iter().filter(|key| **key == 0).count(), 1);
        cache.set_limits(Class::Bulk, limits(1, None));
        assert_eq!(cache.keys(), [0], "the pinned one goes last");
        cache.set_limits(Class::Bulk, limits(0, None));
        assert_eq!(cache.usage().n_entries, 0);
        assert_eq!(pinned.mib, 1);
        drop(pinned);
        assert_eq!(live_mib.load(SeqCst), 0);
    }
}

#[test]
fn c02_where_all_is_pinned_a_newcomer_is_not_kept() {
    let live_mib = Arc::new(AtomicI64::new(0));
    let cache = cache(2, Policy::Lru);
    fill(&cache, 2, &live_mib);
    let pins = [cache.pin(&0), cache.pin(&1)];
    cache.insert(2, Blob::new(1, &live_mib));
    assert_eq!((cache.stats().n_refused, cache.keys().len()), (1, 2));
    assert!(!cache.contains(&2));
    drop(pins);
    cache.insert(2, Blob::new(1, &live_mib));
    assert!(cache.contains(&2));
}

#[test]
fn c03_oversize_is_rejected_and_evicts_nothing() {
    for policy in [Policy::Lru, Policy::CostAware] {
        let live_mib = Arc::new(AtomicI64::new(0));
        let cache = cache(5, policy);
        fill(&cache, 5, &live_mib);
        let big = cache.get_or_compute(9, || Blob::new(6, &live_mib));
        assert_eq!(big.mib, 6);
        assert_eq!(cache.usage().n_entries, 5);
        assert_eq!(cache.stats().n_oversize, 1);
        assert_eq!(cache.stats().evictions.n_capacity, 0);
        drop(big);
        assert_eq!(live_mib.load(SeqCst), 5);
    }
}

#[test]
fn c03_an_oversize_value_still_replaces_the_one_before() {
    let live_mib = Arc::new(AtomicI64::new(0));
    let cache = cache(5, Policy::CostAware);
    cache.insert(1, Blob::new(1, &live_mib));
    cache.insert(1, Blob::new(6, &live_mib));
    assert!(cache.get(&1).is_none(), "the old value must not be seen again");
    assert_eq!(live_mib.load(SeqCst), 0);
}

#[test]
fn c03_a_limit_of_zero_turns_the_cache_off() {
    let live_mib = Arc::new(AtomicI64::new(0));
    for off in [limits(0, None), limits(5, Some(0)), Limits::ZERO] {
        let cache = Cache::builder().limits(off).build();
        for n_loads in 1..=3 {
            let value = cache.get_or_compute(1_u64, || Blob::new(1, &live_mib));
            assert_eq!(cache.stats().n_loads, n_loads);
            assert!(cache.get(&1).is_none(), "also while {} MiB is held", value.mib);
        }
        assert_eq!(cache.usage().n_entries, 0);
    }
}

#[test]
fn c02_small_values_have_a_budget_of_their_own() {
    let live_mib = Arc::new(AtomicI64::new(0));
    let cache = cache(3, Policy::Lru);
    fill(&cache, 3, &live_mib);
    for key in 100..200 {
        let mut small = Blob::new(1, &live_mib);
        small.class = Class::Small;
        cache.insert(key, small);
    }
    assert_eq!(cache.usage().bytes, ByteSize::mib(3 + 4));
    assert!((0..3).all(|key| cache.contains(&key)), "no image was pushed out");
    cache.set_limits(Class::Small, Limits::ZERO);
    assert_eq!(cache.usage().n_entries, 3);
}

#[test]
fn reclaim_returns_what_was_really_freed() {
    let live_mib = Arc::new(AtomicI64::new(0));
    let cache = cache(20, Policy::Lru);
    fill(&cache, 20, &live_mib);
    let held = [cache.get(&0), cache.get(&7)];
    assert_eq!(cache.reclaim(ByteSize::mib(5)), ByteSize::mib(5));
    assert_eq!(live_mib.load(SeqCst), 15);
    assert_eq!(cache.reclaim(ByteSize::gib(5)), ByteSize::mib(13));
    assert_eq!(live_mib.load(SeqCst), 2, "those are the user's");
    assert_eq!(cache.usage().n_entries, 2);
    drop(held);
    assert_eq!(cache.reclaim(ByteSize::gib(5)), ByteSize::mib(2));
    assert_eq!(cache.reclaim(ByteSize::gib(5)), ByteSize::ZERO);
}

#[test]
fn trim_frees_more_the_higher_the_pressure() {
    let freed =
        [Pressure::Normal, Pressure::Elevated, Pressure::High, Pressure::Critical].map(
            |pressure| {
                let live_mib = Arc::new(AtomicI64::new(0));
                let cache = cache(20, Policy::CostAware);
                fill(&cache, 20, &live_mib);
                let freed = cache.trim(pressure);
                assert_eq!(
                    freed,
                    ByteSize::mib(20 - live_mib.load(SeqCst).unsigned_abs())
                );
                freed
            },
        );
    assert_eq!(freed, [0, 5, 10, 20].map(ByteSize::mib));
}

#[test]
fn an_observer_is_told_of_each_entry_that_goes_and_may_call_the_cache() {
    let live_mib = Arc::new(AtomicI64::new(0));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let cache_of_observer: Arc<Mutex<Option<Cache<u64, Blob>>>> = Arc::default();
    let (events, inner) = (Arc::clone(&seen), Arc::clone(&cache_of_observer));
    let observer = move |evicted: &Evicted<u64>| {
        let cache = inner.lock().unwrap().clone().expect("it was put there");
        let usage = cache.usage();
        assert!(usage.bytes <= ByteSize::mib(3));
        events.lock().unwrap().push((evicted.key, evicted.cause, evicted.was_dropped));
    };
    let cache = Cache::builder()
        .limits(limits(3, None))
        .policy(Policy::Lru)
        .observer(observer)
        .build();
    *cache_of_observer.lock().unwrap() = Some(cache.clone());
    fill(&cache, 4, &live_mib);
    let held = cache.insert(3, Blob::new(1, &live_mib));
    cache.insert(3, Blob::new(1, &live_mib));
    cache.insert(3, Blob::new(1, &live_mib));
    cache.remove(&1);
    cache.set_limits(Class::Bulk, limits(1, None));
    cache.reclaim(ByteSize::mib(1));
    *cache_of_observer.lock().unwrap() = None;
    let expected = [
        (0, Cause::Capacity, true),
        (3, Cause::Replaced, true),
        (3, Cause::Replaced, false),
        (3, Cause::Replaced, true),
        (1, Cause::Removed, false),
        (2, Cause::Limit, true),
        (3, Cause::Reclaim, true),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
    drop(held);
}
