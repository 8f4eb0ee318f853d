//! Progress of a command on the standard error stream: bars on a terminal, lines elsewhere.

use std::{
    borrow::Cow,
    io::stderr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use safelight_core::{Cores, SystemClock};
use safelight_progress_monitor::{
    Collector, Colors, Config, Driver, Lines, Monitor, Rate, Reading, Sink, Terminal,
    Tracker,
};

/// A bar, which is over when it is finished or dropped.
pub(crate) struct Bar {
    /// Taken last, so that its end is shown.
    tracker: Option<Tracker>,
    position: AtomicU64,
    driver: Option<Driver>,
}

impl Bar {
    /// Shows a number of steps.
    pub(crate) fn new(name: &str, n_steps: u64) -> Self {
        Self::on(sink(), name, Some(n_steps))
    }

    /// Shows steps of which nobody knows how many there are to be.
    pub(crate) fn open(name: &str) -> Self {
        Self::on(sink(), name, None)
    }

    fn on(sink: impl Sink + 'static, name: &str, n_steps: Option<u64>) -> Self {
        let monitor = Monitor::new();
        let collector =
            Collector::new(&monitor, config()).expect("the settings can be meant");
        let driver = Driver::start(collector, SystemClock, Reading::default, sink);
        let tracker = monitor.tracker(name);
        if let Some(n_steps) = n_steps {
            tracker.set_total(n_steps);
        }
        Self { tracker: Some(tracker), position: AtomicU64::new(0), driver: Some(driver) }
    }

    /// Goes on by so many steps.
    pub(crate) fn inc(&self, n: u64) {
        self.position.fetch_add(n, Relaxed);
        if let Some(tracker) = &self.tracker {
            tracker.add(n);
        }
    }

    /// Goes on to this step; not back.
    pub(crate) fn set_position(&self, n: u64) {
        self.inc(n.saturating_sub(self.position.load(Relaxed)));
    }

    /// Shows the end.
    pub(crate) fn finish(self) {
        drop(self);
    }

    /// Says what is being done.
    pub(crate) fn set_message<'a>(&self, text: impl Into<Cow<'a, str>>) {
        if let Some(tracker) = &self.tracker {
            tracker.set_phase(&text.into());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(tracker) = self.tracker.take() {
            // What ends early did so many steps; of the others none is to come.
            if tracker.total().is_some_and(|total| tracker.n_done() < total) {
                tracker.clear_total();
            }
        }
        if let Some(driver) = self.driver.take() {
            driver.stop();
        }
    }
}

/// What is measured here may take all of a processor, or minutes for a step: that is no alert.
fn config() -> Config {
    const NEVER: Duration = Duration::from_hours(24 * 365);
    Config {
        latency: NEVER,
        in_flight: NEVER,
        cpu: Cores::new(1e6),
        rate: Rate::per_second(1e-7),
        ..Config::default()
    }
}

fn sink() -> Box<dyn Sink> {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colors = if is_plain { Colors::Plain } else { Colors::Colored };
    let terminal = Terminal::stderr(colors);
    if terminal.is_visible() {
        Box::new(terminal)
    } else {
        Box::new(Lines::new(stderr()))
    }
}

#[cfg(test)]
mod tests;
