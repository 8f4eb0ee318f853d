use std::{
    fmt::Write as _,
    io::{self, Write},
    time::Duration,
};

use super::{Sink, escaped::Escaped};
use crate::{Frame, TrackerFrame};

/// Writes plain lines, ever more seldom: for logs and whatever is no terminal.
///
/// Messages and notices are written at once. Progress is written at the first frame, then
/// after 1 s, 2 s, 4 s and so on up to once an hour, and when a tracker without a parent
/// ends: a job of a day takes some forty lines. When the driver stops, all trackers are
/// written. There are no colors, and control characters in names and texts are escaped.
///
/// ```
/// use safelight_progress_monitor::{Collector, Config, Lines, Monitor, Reading, Sink};
/// # use safelight_progress_monitor::{Clock, SystemClock};
///
/// let monitor = Monitor::new();
/// let tracker = monitor.tracker("thumbnails");
/// tracker.set_total(4);
/// tracker.add(1);
/// let mut collector = Collector::new(&monitor, Config::default())?;
/// let mut lines = Lines::new(Vec::new());
/// lines.show(collector.step(SystemClock.now(), &Reading::default()));
/// assert_eq!(lines.into_inner(), b"thumbnails: 1 of 4 (25 %)\n");
/// # Ok::<(), safelight_progress_monitor::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct Lines<W> {
    output: W,
    next: Duration,
    n_failed: u64,
}

/// The first wait between two lines of progress, and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(1);

impl<W: Write + Send> Lines<W> {
    /// Writes to this; where it fails, that frame is lost and counted.
    pub fn new(output: W) -> Self {
        Self { output, next: Duration::ZERO, n_failed: 0 }
    }

    /// Returns how many frames could not be written.
    pub fn n_failed(&self) -> u64 {
        self.n_failed
    }

    /// Returns what it wrote to.
    pub fn into_inner(self) -> W {
        self.output
    }

    fn write(
        &mut self,
        frame: &Frame,
        is_due: impl Fn(&TrackerFrame) -> bool,
    ) -> io::Result<()> {
        for message in &frame.messages {
            writeln!(self.output, "{}", Escaped(message))?;
        }
        if 0 < frame.n_more_messages {
            writeln!(self.output, "({} more messages)", frame.n_more_messages)?;
        }
        for notice in &frame.notices {
            writeln!(self.output, "{}", Escaped(notice))?;
        }
        if 0 < frame.n_more_notices {
            writeln!(self.output, "({} more notices)", frame.n_more_notices)?;
        }
        for tracker in frame.trackers.iter().filter(|tracker| is_due(tracker)) {
            writeln!(self.output, "{}", line(tracker))?;
        }
        self.output.flush()
    }
}

impl<W: Write + Send> Sink for Lines<W> {
    fn show(&mut self, frame: &Frame) {
        let is_due = self.next <= frame.elapsed;
        if is_due {
            self.next = frame.elapsed + frame.elapsed.clamp(FIRST, LONGEST);
        }
        let is_end = |tracker: &TrackerFrame| tracker.is_finished && tracker.depth == 0;
        let written = self.write(frame, |tracker| is_due || is_end(tracker));
        self.n_failed += u64::from(written.is_err());
    }

    fn finish(&mut self, frame: &Frame) {
        let written = self.write(frame, |_| true);
        self.n_failed += u64::from(written.is_err());
    }
}

/// Returns one tracker as a line of text.
pub(super) fn line(tracker: &TrackerFrame) -> String {
    let indent = 2 * tracker.depth;
    let name = Escaped(&tracker.name);
    let mut text = format!("{:indent$}{name}: {}", "", tracker.n_done);
    // A text takes whatever is written to it.
    let _ = write_rest(&mut text, tracker);
    text
}

/// Returns how many percent are done: all of them only where nothing is left.
fn percent(tracker: &TrackerFrame) -> Option<u128> {
    let total = tracker.total.filter(|_| tracker.share().is_some())?;
    let (n_done, total) = (u128::from(tracker.n_done), u128::from(total));
    let percent = (n_done * 100 + total / 2).checked_div(total)?;
    Some(if n_done < total { percent.min(99) } else { percent })
}

fn write_rest(text: &mut String, tracker: &TrackerFrame) -> std::fmt::Result {
    if let Some(total) = tracker.total {
        write!(text, " of {total}")?;
    }
    if let Some(percent) = percent(tracker) {
        write!(text, " ({percent} %)")?;
    }
    if let Some(rate) = tracker.rate.filter(|rate| 0.0 < rate.get()) {
        write!(text, ", {rate}")?;
    }
    if let Some(eta) = tracker.eta {
        write!(text, ", {} left", rounded(eta))?;
    }
    if let Some(phase) = &tracker.phase {
        write!(text, ", {}", Escaped(phase))?;
    }
    if 0 < tracker.n_abandoned {
        write!(text, ", {} abandoned", tracker.n_abandoned)?;
    }
    if tracker.is_finished {
        write!(text, ", finished")?;
    }
    Ok(())
}

/// Returns a time in whole seconds, minutes or hours.
pub(super) fn rounded(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}
