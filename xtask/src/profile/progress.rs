use std::time::{Duration, Instant};

use safelight_core::{Clock, SystemClock};

use crate::progress::Bar;

/// A bar over a number of steps.
pub(super) fn steps(label: &'static str, n: usize) -> Bar {
    Bar::new(label, n as u64)
}

/// A stage that ends with its work or with its time, whichever comes first.
///
/// Its bar counts the work: the time is an upper limit, and most stages end long before.
pub(super) struct Stage {
    bar: Bar,
    start: Instant,
    budget: Duration,
}

impl Stage {
    /// A stage of which only its time tells how much work there is.
    pub(super) fn open(label: &'static str, budget: Duration) -> Self {
        Self::new(Bar::open(label), budget)
    }

    pub(super) fn with_steps(label: &'static str, n: usize, budget: Duration) -> Self {
        Self::new(steps(label, n), budget)
    }

    fn new(bar: Bar, budget: Duration) -> Self {
        Self { bar, start: SystemClock.now(), budget }
    }

    pub(super) fn elapsed(&self) -> Duration {
        SystemClock.now() - self.start
    }

    pub(super) fn is_over(&self) -> bool {
        self.budget <= self.elapsed()
    }

    /// Says what is being done.
    pub(super) fn show(&self, message: &str) {
        self.bar.set_message(message);
    }

    /// Counts a step as done.
    pub(super) fn step(&self) {
        self.bar.inc(1);
    }
}
