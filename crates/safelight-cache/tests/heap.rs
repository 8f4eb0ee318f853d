//! The weights beside the real heap, which a counting allocator reads.
//!
//! One test at a time: the heap is that of the whole process.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use safelight_alloc::{Span, TrackingAlloc, process};
use safelight_cache::{Cache, Class, Limits, Policy, Weigh};
use safelight_core::ByteSize;

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn heap() -> u64 {
    process().current_bytes
}

/// Fills a cache to its limit with values of one size; returns its weight and the heap.
fn fill<K>(
    policy: Policy,
    limits: Limits,
    value_bytes: usize,
    key: impl Fn(u64) -> K,
) -> (f64, f64)
where
    K: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
{
    let before = heap();
    let cache: Cache<K, Vec<u8>> = Cache::builder().limits(limits).policy(policy).build();
    let weight = ByteSize::from_len(value_bytes) + Cache::<K, Vec<u8>>::OVERHEAD;
    let n = 3 * limits.bytes.bytes() / weight.bytes();
    for idx in 0..n {
        cache.insert(key(idx), vec![1; value_bytes]);
    }
    // Readers have fronts, which belong to the cache as well.
    for key in cache.keys() {
        assert!(cache.get(&key).is_some());
    }
    let usage = cache.usage().bytes;
    assert!(limits.bytes - weight - weight <= usage, "{usage} is not full");
    (usage.bytes() as f64, (heap() - before) as f64)
}

#[test]
fn c08_real_heap_is_within_a_tenth_of_the_weight() {
    let _guard = ONE_AT_A_TIME.lock();
    let settings = [(64, 3 << 20), (32, 50_000), (16, 5_000), (16, 700), (8, 100)];
    for policy in [Policy::Lru, Policy::CostAware] {
        for (mib, value_bytes) in settings {
            let limits = Limits { bytes: ByteSize::mib(mib), entries: None };
            let (weight, real) = fill(policy, limits, value_bytes, |idx| idx);
            let off = real / weight - 1.0;
            assert!(off.abs() < 0.1, "{policy:?}, {value_bytes} B: off by {off}");
            let (weight, real) = fill(policy, limits, value_bytes, |idx| [idx; 8]);
            let off = real / weight - 1.0;
            assert!(off.abs() < 0.1, "{policy:?}, {value_bytes} B, long keys: {off}");
        }
    }
}

/// Nothing is copied and nothing is hashed but the key.
#[test]
fn c06_a_hit_allocates_nothing_whatever_the_size_of_the_image() {
    let _guard = ONE_AT_A_TIME.lock();
    for bytes in [1 << 10, 100 << 20] {
        let cache: Cache<u8, Vec<u8>> = Cache::new(ByteSize::gib(1));
        let image = cache.get_or_compute(1, || vec![1; bytes]);
        // The first hit of a thread makes its table of slots.
        cache.get(&1);
        let (hits, usage) = Span::measure(|| {
            (0..100)
                .filter(|_| cache.get(&1).is_some_and(|hit| Arc::ptr_eq(&hit, &image)))
                .count()
        });
        assert_eq!(hits, 100);
        assert_eq!(usage.allocations, 0, "{bytes} bytes");
    }
}

#[test]
fn c07_the_memory_of_an_evicted_value_is_gone_when_its_last_holder_is() {
    let _guard = ONE_AT_A_TIME.lock();
    let cache: Cache<u8, Vec<u8>> = Cache::new(ByteSize::mib(20));
    let held = cache.get_or_compute(1, || vec![1; 10 << 20]);
    cache.get(&1);
    let full = heap();
    cache.set_limits(Class::Bulk, Limits::ZERO);
    assert!(full <= heap() + (1 << 20), "it is the user's now");
    drop(held);
    assert!(heap() + (10 << 20) <= full + (1 << 16), "the pixels are gone");
}

/// A cache starts no thread and opens no file; fronts go with their cache.
#[test]
fn c10_a_thousand_caches_leave_nothing_behind() {
    struct Pixels;
    impl Weigh for Pixels {
        fn heap(&self) -> ByteSize {
            ByteSize::kib(1)
        }
    }
    let _guard = ONE_AT_A_TIME.lock();
    let use_one = || {
        let cache: Cache<u64, Pixels> = Cache::default();
        for key in 0..100 {
            cache.get_or_compute(key % 60, || Pixels);
            cache.get(&key);
        }
        thread::scope(|scope| {
            scope.spawn(|| cache.get(&59));
        });
    };
    let counts = || {
        let count = |path| std::fs::read_dir(path).map_or(0, Iterator::count);
        (count("/proc/self/fd"), count("/proc/self/task"))
    };
    (0..10).for_each(|_| use_one());
    let (before, files_and_threads) = (heap(), counts());
    (0..1000).for_each(|_| use_one());
    let grown = heap().saturating_sub(before);
    assert!(grown < 256 << 10, "{grown} B are left of a thousand caches");
    // The harness may start and end threads of its own.
    let (files, threads) = counts();
    assert!(
        files <= files_and_threads.0 + 1,
        "{files} files, {files_and_threads:?} before"
    );
    assert!(threads <= files_and_threads.1 + 2, "{threads} threads");
}
