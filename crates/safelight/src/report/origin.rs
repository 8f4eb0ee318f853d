use std::{
    hint::black_box,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use safelight_cache::{Cache, Operation};
use safelight_core::{ByteSize, Clock, SystemClock};
use safelight_profiler::{Overhead, Profiler};

use crate::{Error, RequestKey, Store, Stored, stored::Weight};

/// When all began, and what its own work costs, which is measured once.
#[derive(Debug)]
pub(crate) struct Origin {
    begun: Instant,
    profiling: OnceLock<Overhead>,
    hit: OnceLock<Duration>,
}

impl Origin {
    pub(crate) fn new(clock: &dyn Clock) -> Self {
        Self { begun: clock.now(), profiling: OnceLock::new(), hit: OnceLock::new() }
    }

    pub(crate) fn uptime(&self, clock: &dyn Clock) -> Duration {
        clock.now().saturating_duration_since(self.begun)
    }

    /// Returns what measuring a run costs.
    pub(super) fn profiling(&self, profiler: &Profiler) -> Overhead {
        *self.profiling.get_or_init(|| Overhead::measure(profiler))
    }

    /// Returns what the store takes for a hit.
    pub(super) fn hit(&self) -> Duration {
        *self.hit.get_or_init(measure_hit)
    }
}

/// Measures a hit in a cache of its own; the making of a user's key is not in it.
fn measure_hit() -> Duration {
    const N_HITS: u32 = 1_000;
    const N_ROUNDS: u32 = 5;
    let cache: Cache<RequestKey, Stored> = Cache::new(ByteSize::mib(1));
    let key = || RequestKey::new::<u64>(Operation::new("hit", 1), 7_u64);
    let request = || {
        let weight = Weight::of(&0_u64);
        let mut load = || Ok::<_, Error>(Stored::new(0_u64, weight));
        let stored = Store::get_or_load(&cache, key(), &mut load);
        let stored: Arc<Stored> = stored.expect("this load does not fail");
        black_box(stored);
    };
    // The best round, since noise only adds.
    let round = |_| {
        let start = SystemClock.now();
        (0..N_HITS).for_each(|_| request());
        (SystemClock.now() - start) / N_HITS
    };
    request();
    (0..N_ROUNDS).map(round).min().unwrap_or_default()
}
