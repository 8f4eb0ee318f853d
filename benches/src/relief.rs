//! How soon caches let go when memory gets scarce, and have it back afterwards.

use std::{
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    time::Duration,
};

use safelight_cache::{Cache, Limits, Weigh};
use safelight_core::{ByteSize, Clock, Consumer, ManualClock, Pressure, Share, Traits};
use safelight_memory_manager::{Config, Control, Permits, Reading};

const LIMIT: ByteSize = ByteSize::gib(8);
const CONFIGURED: ByteSize = ByteSize::mib(256);
const STEP: Duration = Duration::from_millis(100);

/// An image, of which only the bytes matter.
struct Pixels(Box<[u8]>);

impl Weigh for Pixels {
    fn heap(&self) -> ByteSize {
        ByteSize::from_len(self.0.len())
    }
}

/// Returns how long a step takes that finds use at 86 %, and has a full cache of 256 MiB let
/// go of all: the first byte is free before that.
///
/// # Panics
///
/// When the cache was not full before, or did not let go.
pub fn first_relief(n_entries: usize, clock: &dyn Clock) -> Duration {
    let limits = Limits { bytes: CONFIGURED, entries: None };
    let cache: Cache<usize, Pixels> = Cache::builder().limits(limits).build();
    let size = CONFIGURED.bytes() as usize / n_entries - 1024;
    for key in 0..n_entries {
        cache.insert(key, Pixels(vec![1; size].into()));
    }
    let nearly_all = ByteSize::from_bytes(CONFIGURED.bytes() / 100 * 98);
    assert!(nearly_all <= Consumer::usage(&cache), "the cache is full");
    let permits = Permits::new(LIMIT);
    let _registered = permits.register(cache.clone(), Traits::default(), CONFIGURED);
    let mut control = Control::new(permits, Config::default());
    let reading = at(0.86);
    let start = clock.now();
    control.step(&reading, start);
    let taken = clock.now() - start;
    assert!(Consumer::usage(&cache) <= ByteSize::from_bytes(CONFIGURED.bytes() / 100));
    taken
}

/// Returns how long budgets take to be all back once use is at `end`, where it was critical
/// before.
///
/// Simulated with ten looks a second; `None` where they are not back within an hour.
pub fn recovery(end: Share) -> Option<Duration> {
    let budget = Arc::new(Budget::default());
    let permits = Permits::new(LIMIT);
    let _registered =
        permits.register(Arc::clone(&budget), Traits::default(), CONFIGURED);
    let mut control = Control::new(permits, Config::default());
    let clock = ManualClock::new();
    let mut look = |used: f64| {
        control.step(&at(used), clock.now());
        clock.advance(STEP);
        (control.level(), ByteSize::from_bytes(budget.0.load(SeqCst)))
    };
    for _ in 0..100 {
        look(0.97);
    }
    (0..36_000u32)
        .find(|_| look(end.get()) == (Pressure::Normal, CONFIGURED))
        .map(|n_steps| STEP * n_steps)
}

fn at(used: f64) -> Reading {
    let used = ByteSize::from_bytes((LIMIT.bytes() as f64 * used) as u64);
    Reading { limit: LIMIT, used }
}

/// Holds nothing, and remembers what it may.
#[derive(Default)]
struct Budget(AtomicU64);

impl Consumer for Budget {
    fn usage(&self) -> ByteSize {
        ByteSize::ZERO
    }

    fn set_budget(&self, budget: ByteSize) {
        self.0.store(budget.bytes(), SeqCst);
    }

    fn reclaim(&self, _: ByteSize) -> ByteSize {
        ByteSize::ZERO
    }
}
