use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use safelight_cache::{Cache, Class, Limits};
use safelight_core::{ByteSize, Clock};

/// Small, so that the time is that of the cache and not of the pages that are given back.
const VALUE_BYTES: usize = 4096;

/// Measures how long our cache, full of so many entries, takes to halve both its limits.
///
/// The half that has to go is freed within that time.
///
/// # Panics
///
/// When it holds more than half afterwards.
pub fn halve(n_entries: NonZeroUsize, clock: &dyn Clock) -> Duration {
    let cache = cache_of(n_entries);
    for key in 0..n_entries.get() {
        cache.insert(key, value());
    }
    let full = cache.usage();
    assert_eq!(full.n_entries, n_entries.get(), "the cache is not full");
    let half = Limits {
        bytes: ByteSize::from_bytes(full.bytes.bytes() / 2),
        entries: Some(n_entries.get() / 2),
    };
    let start = clock.now();
    cache.set_limits(Class::Bulk, half);
    let elapsed = clock.now() - start;
    let left = cache.usage();
    assert!(left.bytes <= half.bytes && left.n_entries <= n_entries.get() / 2);
    elapsed
}

/// Measures how long our cache takes to give out a value that it let go and a user holds.
///
/// It is the mean of so many values that return after a limit was lowered and raised again.
///
/// # Panics
///
/// When a value does not return.
pub fn weak_return(n_entries: NonZeroUsize, clock: &dyn Clock) -> Duration {
    let n = n_entries.get();
    let cache = cache_of(n_entries);
    let held: Vec<Arc<Vec<u8>>> = (0..n).map(|key| cache.insert(key, value())).collect();
    let limits = cache.limits(Class::Bulk);
    cache.set_limits(Class::Bulk, Limits { bytes: ByteSize::from_bytes(1), ..limits });
    assert_eq!(cache.usage().n_entries, 0, "a value was not let go");
    cache.set_limits(Class::Bulk, limits);
    let start = clock.now();
    let n_returned = (0..n).filter(|key| cache.get(key).is_some()).count();
    let elapsed = clock.now() - start;
    assert_eq!(n_returned, held.len(), "a value that is held did not return");
    elapsed.div_f64(n as f64)
}

fn cache_of(n_entries: NonZeroUsize) -> Cache<usize, Vec<u8>> {
    let limits = Limits { bytes: ByteSize::MAX, entries: Some(n_entries.get()) };
    Cache::builder().limits(limits).build()
}

fn value() -> Vec<u8> {
    vec![0; VALUE_BYTES]
}
