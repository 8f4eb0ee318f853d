//! A terminal that takes 30 ms for each frame: how long it holds the worker up.

use std::{hint::black_box, io, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, TermLike};
use safelight_progress_monitor::{
    Clock, Collector, Config, ConfigError, Driver, Frame, Monitor, Reading, SystemClock,
};

use super::pause;

/// What the terminal takes for a frame.
pub const FRAME: Duration = Duration::from_millis(30);

/// Pieces of work, each of which is one update.
pub const N_PIECES: u64 = 20_000;

/// An update that takes longer holds the worker up; a shorter one costs, and what it costs is
/// another question.
pub const HELD_UP: Duration = Duration::from_millis(1);

/// What the worker saw.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// The time in updates that held it up.
    pub blocked: Duration,
    /// All of its time.
    pub took: Duration,
    /// Frames that the terminal showed meanwhile.
    pub n_frames: u64,
}

/// Works with our driver, whose sink is slow.
///
/// # Errors
///
/// Never, as the default configuration can be meant.
pub fn ours() -> Result<Work, ConfigError> {
    let monitor = Monitor::new();
    let tracker = monitor.tracker("images");
    tracker.set_total(N_PIECES);
    let collector = Collector::new(&monitor, Config::default())?;
    let (shown, frames) = std::sync::mpsc::channel();
    let sink = move |_: &Frame| {
        pause(FRAME);
        let _ = shown.send(());
    };
    let driver = Driver::start(collector, SystemClock, Reading::default, sink);
    let work = work(|| tracker.add(1));
    let n_frames = frames.try_iter().count() as u64;
    drop(driver);
    Ok(Work { n_frames, ..work })
}

/// Works with a bar of indicatif, at its 20 frames a second.
pub fn indicatif() -> Work {
    let (shown, frames) = std::sync::mpsc::channel();
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(Slow(shown)), 20);
    let bar = ProgressBar::with_draw_target(Some(N_PIECES), target);
    let work = work(|| bar.inc(1));
    Work { n_frames: frames.try_iter().count() as u64, ..work }
}

/// Some two seconds of work, if nobody holds it up.
fn work(update: impl Fn()) -> Work {
    let begun = SystemClock.now();
    let mut blocked = Duration::ZERO;
    let mut sum = 0_u64;
    for piece in 0..N_PIECES {
        for number in 0..100_000 {
            sum = black_box(sum.wrapping_add(piece ^ number));
        }
        let before = SystemClock.now();
        update();
        let took = SystemClock.now().saturating_duration_since(before);
        if HELD_UP <= took {
            blocked += took;
        }
    }
    Work {
        blocked,
        took: SystemClock.now().saturating_duration_since(begun),
        n_frames: 0,
    }
}

/// Shows nothing, slowly.
#[derive(Debug)]
struct Slow(std::sync::mpsc::Sender<()>);

impl TermLike for Slow {
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

    fn write_str(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        pause(FRAME);
        let _ = self.0.send(());
        Ok(())
    }
}
