use std::time::{Duration, Instant};

use super::pulse;
use crate::{Config, estimate::Passed};

/// What all trackers have in common at one look, found out once.
#[derive(Debug)]
pub(super) struct Moment<'a> {
    /// When the collector looked before; maybe not at this tracker.
    pub(super) before: Instant,
    pub(super) now: Instant,
    pub(super) config: &'a Config,
    /// The time between two updates at the lowest rate.
    pub(super) period: Duration,
    /// The time since the look before.
    passed: Passed,
}

impl<'a> Moment<'a> {
    pub(super) fn new(before: Instant, now: Instant, config: &'a Config) -> Self {
        let passed = Passed::new(now.saturating_duration_since(before));
        Self { before, now, config, period: pulse::period(config), passed }
    }

    /// Returns the time since the look before.
    pub(super) fn passed(&self) -> Passed {
        self.passed
    }

    /// Returns the time that was looked at, of what exists since then.
    pub(super) fn passed_since(&self, born: Instant) -> Passed {
        if born <= self.before {
            return self.passed;
        }
        Passed::new(self.now.saturating_duration_since(born))
    }
}
