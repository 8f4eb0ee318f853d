//! One update now and then: how long until it is shown.

use std::{
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use safelight_progress_monitor::{
    Clock, Collector, Config, Driver, Frame, Monitor, Reading, SystemClock,
};

use super::pause;
use crate::progress::trace::Random;

/// Monitors at once, as each of them mostly waits.
const N_MONITORS: usize = 8;

/// A count that was shown, and when.
type Seen = (Instant, u64);

/// Returns the times from an update after idleness to the end of the frame that shows it,
/// so many of them at least.
///
/// # Panics
///
/// When the system cannot start a thread.
pub fn delays(n: usize) -> Vec<Duration> {
    let n_each = n.div_ceil(N_MONITORS);
    thread::scope(|scope| {
        let monitors: Vec<_> = (0..N_MONITORS as u64)
            .map(|seed| scope.spawn(move || delays_of_one(n_each, seed)))
            .collect();
        let joined = monitors.into_iter().map(|one| one.join().expect("it has no panic"));
        joined.flatten().collect()
    })
}

fn delays_of_one(n: usize, seed: u64) -> Vec<Duration> {
    let monitor = Monitor::new();
    let tracker = monitor.tracker("images");
    let (sender, frames) = mpsc::channel();
    let sink = move |frame: &Frame| {
        let n_done = frame.trackers.iter().map(|tracker| tracker.n_done).sum();
        let _ = sender.send((SystemClock.now(), n_done));
    };
    let collector =
        Collector::new(&monitor, Config::default()).expect("the defaults can be meant");
    let driver = Driver::start(collector, SystemClock, Reading::default, sink);
    let mut random = Random::new(seed);
    let delay = |n_before: usize| {
        wait_for_idleness(&frames, n_before as u64);
        // It falls asleep once the frame is shown.
        pause(Duration::from_secs_f64(0.002 + 0.03 * random.next()));
        let begun = SystemClock.now();
        tracker.add(1);
        shown_at(&frames, n_before as u64 + 1).saturating_duration_since(begun)
    };
    let delays = (0..n).map(delay).collect();
    drop(driver);
    delays
}

/// Waits for a frame without anything new.
fn wait_for_idleness(seen: &Receiver<Seen>, n_done: u64) {
    // The frame that showed the last update was taken from the channel already, except that
    // before the first update there was none.
    shown_at(seen, n_done);
    if n_done == 0 {
        shown_at(seen, n_done);
    }
}

fn shown_at(seen: &Receiver<Seen>, n_done: u64) -> Instant {
    let found = seen.iter().find(|(_, n_shown)| *n_shown == n_done);
    found.expect("the driver shows frames as long as it lives").0
}
