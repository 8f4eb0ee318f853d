use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use safelight_core::{Clock, SystemClock};

/// A bar over a number of steps; it draws only on a terminal.
pub(super) fn steps(label: &'static str, n: usize) -> ProgressBar {
    bar(label, n as u64)
}

/// A bar over a time budget.
pub(super) struct TimeBar {
    bar: ProgressBar,
    start: std::time::Instant,
    budget: Duration,
}

impl TimeBar {
    pub(super) fn new(label: &'static str, budget: Duration) -> Self {
        let n_ticks = u64::try_from(budget.as_millis()).unwrap_or(u64::MAX);
        Self { bar: bar(label, n_ticks), start: SystemClock.now(), budget }
    }

    pub(super) fn elapsed(&self) -> Duration {
        SystemClock.now() - self.start
    }

    pub(super) fn is_over(&self) -> bool {
        self.budget <= self.elapsed()
    }

    pub(super) fn show(&self, message: String) {
        let elapsed = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.bar.set_position(elapsed);
        self.bar.set_message(message);
    }
}

impl Drop for TimeBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn bar(label: &'static str, len: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:30} {percent}% {wide_msg}")
        .expect("the template is valid");
    ProgressBar::new(len).with_style(style).with_prefix(label)
}
