use std::time::{Duration, Instant};

use safelight_core::{Clock, SystemClock};

use crate::progress::Bar;

/// A bar over a number of steps.
pub(super) fn steps(label: &'static str, n: usize) -> Bar {
    Bar::new(label, n as u64)
}

/// A bar over a time budget, in hundredths of it.
pub(super) struct TimeBar {
    bar: Bar,
    start: Instant,
    budget: Duration,
}

impl TimeBar {
    pub(super) fn new(label: &'static str, budget: Duration) -> Self {
        let label = format!("{label}, % of its time");
        Self { bar: Bar::new(&label, 100), start: SystemClock.now(), budget }
    }

    pub(super) fn elapsed(&self) -> Duration {
        SystemClock.now() - self.start
    }

    pub(super) fn is_over(&self) -> bool {
        self.budget <= self.elapsed()
    }

    pub(super) fn show(&self, message: String) {
        let part = self.elapsed().as_secs_f64() / self.budget.as_secs_f64().max(1e-9);
        self.bar.set_position((part * 100.0).min(100.0) as u64);
        self.bar.set_message(message);
    }
}
