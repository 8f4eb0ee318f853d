//! A burst of updates, and then none: how long until the true count is shown.

use std::{
    io,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use safelight_progress_monitor::{
    Clock, Collector, Config, ConfigError, Driver, Frame, Monitor, Reading, SystemClock,
};

use super::pause;
use crate::progress::trace::Random;

/// Updates in a burst.
pub const N_UPDATES: u64 = 200_000;

/// After so long without an update nobody waits any more.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// How one burst was shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// From the last update until the true count was shown; `None` if it never was within
    /// [`PATIENCE`].
    pub after: Option<Duration>,
    /// What was shown last.
    pub n_shown: u64,
    /// What was counted.
    pub n_done: u64,
    /// The time between two frames, as was said before the burst ended.
    pub interval: Duration,
}

/// A count that was shown, and when.
struct Seen {
    at: Instant,
    n_done: u64,
    interval: Duration,
}

/// Plays some bursts to our driver, with some steady work between them.
///
/// # Errors
///
/// Never, as the default configuration can be meant.
pub fn ours(n_bursts: usize) -> Result<Vec<Shown>, ConfigError> {
    let monitor = Monitor::new();
    let tracker = monitor.tracker("images");
    tracker.set_total(1 << 40);
    let (sender, seen) = mpsc::channel();
    let sink = move |frame: &Frame| {
        let n_done = frame.trackers.iter().map(|tracker| tracker.n_done).sum();
        // Who does not listen any more has seen enough.
        let seen = Seen { at: SystemClock.now(), n_done, interval: frame.interval };
        drop(sender.send(seen));
    };
    let collector = Collector::new(&monitor, Config::default())?;
    let driver = Driver::start(collector, SystemClock, Reading::default, sink);
    let mut random = Random::new(1);
    let mut shown = Vec::new();
    for burst_idx in 0..n_bursts {
        let n_steady = if burst_idx == 0 { 800 } else { 200 };
        work_steadily(n_steady + (100.0 * random.next()) as u64, || tracker.add(1));
        let interval = seen.try_iter().last().map(|seen| seen.interval);
        (0..N_UPDATES).for_each(|_| tracker.add(1));
        let ended = SystemClock.now();
        let interval = interval.unwrap_or_default();
        shown.push(wait(&seen, tracker.n_done(), ended, interval));
    }
    drop(driver);
    Ok(shown)
}

/// An update each millisecond.
fn work_steadily(n: u64, update: impl Fn()) {
    for _ in 0..n {
        update();
        pause(Duration::from_millis(1));
    }
}

fn wait(
    seen: &Receiver<Seen>,
    n_done: u64,
    ended: Instant,
    mut interval: Duration,
) -> Shown {
    let mut n_shown = 0;
    loop {
        let waited = SystemClock.now().saturating_duration_since(ended);
        match seen.recv_timeout(PATIENCE.saturating_sub(waited)) {
            Ok(seen) => {
                n_shown = seen.n_done;
                if n_shown == n_done {
                    let after = Some(seen.at.saturating_duration_since(ended));
                    return Shown { after, n_shown, n_done, interval };
                }
                // A frame that came during the burst says when the next one is due.
                interval = seen.interval;
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                return Shown { after: None, n_shown, n_done, interval };
            }
        }
    }
}

/// Plays one burst to indicatif, at its 20 frames a second; with a ticker it draws also by
/// itself, so often.
///
/// # Panics
///
/// Never, as the template is valid.
pub fn indicatif(ticker: Option<Duration>) -> Shown {
    let (sender, seen) = mpsc::channel();
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(Screen(sender)), 20);
    let bar = ProgressBar::with_draw_target(Some(1 << 40), target);
    bar.set_style(ProgressStyle::with_template("{pos}").expect("the template is valid"));
    if let Some(interval) = ticker {
        bar.enable_steady_tick(interval);
    }
    work_steadily(800, || bar.inc(1));
    (0..N_UPDATES).for_each(|_| bar.inc(1));
    let ended = SystemClock.now();
    wait(&seen, bar.position(), ended, ticker.unwrap_or_default())
}

/// A terminal on which only counts are drawn.
#[derive(Debug)]
struct Screen(Sender<Seen>);

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen").field("n_done", &self.n_done).finish_non_exhaustive()
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        80
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        // What is no number fills the line.
        if let Ok(n_done) = text.trim().parse() {
            let at = SystemClock.now();
            drop(self.0.send(Seen { at, n_done, interval: Duration::ZERO }));
        }
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}
