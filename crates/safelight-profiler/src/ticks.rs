use std::{fmt, sync::Arc, time::Instant};

use safelight_core::Clock;

/// Where the profiler's times come from.
#[derive(Clone)]
pub(crate) enum Ticks {
    /// The raw counter of the processor, scaled when samples are folded.
    Counter(quanta::Clock),
    /// A clock that the caller gave; a tick is a nanosecond.
    Injected { clock: Arc<dyn Clock>, origin: Instant },
}

impl Ticks {
    pub(crate) fn counter() -> Self {
        Self::Counter(quanta::Clock::new())
    }

    pub(crate) fn injected(clock: Arc<dyn Clock>) -> Self {
        let origin = clock.now();
        Self::Injected { clock, origin }
    }

    #[inline]
    pub(crate) fn now(&self) -> u64 {
        match self {
            Self::Counter(counter) => counter.raw(),
            Self::Injected { clock, origin } => {
                clock.now().saturating_duration_since(*origin).as_nanos() as u64
            }
        }
    }

    /// Converts a difference of ticks to nanoseconds.
    pub(crate) fn to_nanos(&self, ticks: u64) -> u64 {
        match self {
            Self::Counter(counter) => counter.delta_as_nanos(0, ticks),
            Self::Injected { .. } => ticks,
        }
    }
}

impl fmt::Debug for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter(_) => "Counter",
            Self::Injected { .. } => "Injected",
        })
    }
}
