use std::io::{self, Write};

use super::Sink;
use crate::{Frame, report};

/// Writes each frame as one line of JSON, a [`report::FrameRow`].
///
/// ```
/// use safelight_progress_monitor::{
///     Collector, Config, JsonLines, Monitor, Reading, Sink, report,
/// };
/// # use safelight_progress_monitor::{Clock, SystemClock};
///
/// let monitor = Monitor::new();
/// let waiting = monitor.gauge("waiting");
/// waiting.set(3);
/// let mut collector = Collector::new(&monitor, Config::default())?;
/// let mut lines = JsonLines::new(Vec::new());
/// lines.show(collector.step(SystemClock.now(), &Reading::default()));
/// let row: report::FrameRow = serde_json::from_slice(&lines.into_inner())?;
/// assert_eq!(row.queues[0].depth, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct JsonLines<W> {
    output: W,
    n_failed: u64,
}

impl<W: Write + Send> JsonLines<W> {
    /// Writes to this; where it fails, that frame is lost and counted.
    pub fn new(output: W) -> Self {
        Self { output, n_failed: 0 }
    }

    /// Returns how many frames could not be written.
    pub fn n_failed(&self) -> u64 {
        self.n_failed
    }

    /// Returns what it wrote to.
    pub fn into_inner(self) -> W {
        self.output
    }

    fn write(&mut self, frame: &Frame) -> io::Result<()> {
        // One write for each line, so that others who append do not come between.
        let mut line = serde_json::to_vec(&report::FrameRow::from(frame))?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        self.output.flush()
    }
}

impl<W: Write + Send> Sink for JsonLines<W> {
    fn show(&mut self, frame: &Frame) {
        if self.write(frame).is_err() {
            self.n_failed += 1;
        }
    }
}
