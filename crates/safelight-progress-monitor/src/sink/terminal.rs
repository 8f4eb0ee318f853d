use std::{collections::BTreeMap, fmt};

use console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    Sink,
    escaped::Escaped,
    lines::{line, rounded},
};
use crate::{Frame, TrackerFrame};

#[cfg(test)]
mod tests;

/// Draws a bar for each tracker, with messages and notices above them.
///
/// What is left of finished trackers stays above the others: their bars, or a line of text
/// where one above goes on. Those of children go. Where there are more trackers
/// than the terminal has lines, the last line says how many more there are; of these the ones
/// that finish are written as text, and so are all in the last frame.
///
/// While it draws, print by [`Tracker::message`](crate::Tracker::message), or after
/// [`Driver::stop`](crate::Driver::stop): other output on that terminal leaves old bars behind.
///
/// Nothing is drawn where the output is no terminal: there [`Lines`](crate::Lines) is right,
/// and [`is_visible`](Self::is_visible) tells. The bars take their figures from the
/// frames; of `indicatif` only the drawing is used.
///
/// ```
/// use std::io::stderr;
///
/// use safelight_progress_monitor::{Colors, Lines, Sink, Terminal};
///
/// let terminal = Terminal::stderr(Colors::Plain);
/// let sink: Box<dyn Sink> = if terminal.is_visible() {
///     Box::new(terminal)
/// } else {
///     Box::new(Lines::new(stderr()))
/// };
/// ```
pub struct Terminal {
    bars: MultiProgress,
    shown: BTreeMap<u64, ProgressBar>,
    /// Says how many more there are.
    more: Option<ProgressBar>,
    /// How many lines there are now.
    n_lines: Box<dyn Fn() -> usize + Send>,
    colors: Colors,
}

/// Whether to draw in color.
///
/// The library reads no environment: the program decides, and should honor `NO_COLOR`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colors {
    /// Bars in color.
    #[default]
    Colored,
    /// No color at all.
    Plain,
}

impl Terminal {
    /// Draws on the standard error stream.
    pub fn stderr(colors: Colors) -> Self {
        let term = Term::stderr();
        Self::on(ProgressDrawTarget::stderr(), move || n_lines(&term), colors)
    }

    /// Draws on the standard output stream.
    pub fn stdout(colors: Colors) -> Self {
        let term = Term::stdout();
        Self::on(ProgressDrawTarget::stdout(), move || n_lines(&term), colors)
    }

    fn on(
        target: ProgressDrawTarget,
        n_lines: impl Fn() -> usize + Send + 'static,
        colors: Colors,
    ) -> Self {
        let bars = MultiProgress::with_draw_target(target);
        let n_lines = Box::new(n_lines);
        Self { bars, shown: BTreeMap::new(), more: None, n_lines, colors }
    }

    /// Whether anything is drawn: whether the output is a terminal.
    pub fn is_visible(&self) -> bool {
        !self.bars.is_hidden()
    }

    fn draw(&mut self, frame: &Frame) {
        for message in &frame.messages {
            self.print(&Escaped(message).to_string());
        }
        for notice in &frame.notices {
            self.print(&Escaped(notice).to_string());
        }
        let n_more = frame.n_more_messages + frame.n_more_notices;
        if 0 < n_more {
            self.print(&format!("({n_more} more messages and notices)"));
        }
        let trackers = self.fitting(&frame.trackers);
        self.remove_hidden(trackers);
        self.show_more(frame.trackers.len() - trackers.len());
        let mut above: Option<ProgressBar> = None;
        for (idx, tracker) in trackers.iter().enumerate() {
            let bar = self.bar(above.as_ref(), &trackers[idx..]);
            self.set(&bar, tracker);
            above = Some(bar);
        }
        // Bars are drawn at most 20 times a second, unless it must be.
        if let Some(bar) = &above {
            bar.force_draw();
        }
        self.remove_finished(trackers);
    }

    /// Returns those that have room: one line is left for the cursor, and one, where it is
    /// needed, says how many more there are.
    fn fitting<'a>(&self, trackers: &'a [TrackerFrame]) -> &'a [TrackerFrame] {
        let n_lines = (self.n_lines)().saturating_sub(1).max(2);
        let n_bars = if trackers.len() <= n_lines { trackers.len() } else { n_lines - 1 };
        &trackers[..n_bars]
    }

    /// Writes such trackers as text that have no room for a bar.
    fn print_others(&self, frame: &Frame, is_meant: impl Fn(&TrackerFrame) -> bool) {
        let n_bars = self.fitting(&frame.trackers).len();
        for tracker in frame.trackers[n_bars..].iter().filter(|other| is_meant(other)) {
            self.print(&line(tracker));
        }
    }

    fn show_more(&mut self, n_more: usize) {
        if n_more == 0 {
            if let Some(more) = self.more.take() {
                self.bars.remove(&more);
            }
            return;
        }
        let bars = &self.bars;
        let more = self.more.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{wide_msg}");
            let style = style.expect("the template is right");
            bars.add(ProgressBar::no_length().with_style(style))
        });
        more.set_message(format!("and {n_more} more"));
        more.tick();
    }

    fn print(&self, line: &str) {
        // Where the terminal is gone nobody misses the line.
        drop(self.bars.println(line));
    }

    /// Takes bars away that have no place in this frame.
    fn remove_hidden(&mut self, trackers: &[TrackerFrame]) {
        let bars = &self.bars;
        self.shown.retain(|id, bar| {
            let is_there = trackers.iter().any(|tracker| tracker.id == *id);
            if !is_there {
                bars.remove(bar);
            }
            is_there
        });
    }

    /// Returns the bar of the first of these trackers, which is below the one above.
    fn bar(&mut self, above: Option<&ProgressBar>, rest: &[TrackerFrame]) -> ProgressBar {
        let tracker = &rest[0];
        if let Some(bar) = self.shown.get(&tracker.id) {
            return bar.clone();
        }
        let below = rest.iter().find_map(|tracker| self.shown.get(&tracker.id));
        let below = below.or(self.more.as_ref());
        let bar = ProgressBar::no_length();
        let bar = match (above, below) {
            (Some(above), _) => self.bars.insert_after(above, bar),
            (None, Some(below)) => self.bars.insert_before(below, bar),
            (None, None) => self.bars.add(bar),
        };
        bar.set_style(style(false, self.colors));
        bar.set_prefix(format!(
            "{:1$}{2}",
            "",
            2 * tracker.depth,
            Escaped(&tracker.name)
        ));
        self.shown.insert(tracker.id, bar.clone());
        bar
    }

    fn set(&self, bar: &ProgressBar, tracker: &TrackerFrame) {
        if bar.length() != tracker.total {
            bar.set_style(style(tracker.total.is_some(), self.colors));
            match tracker.total {
                Some(total) => bar.set_length(total),
                None => bar.unset_length(),
            }
        }
        bar.set_position(tracker.n_done);
        bar.set_message(figures(tracker));
        bar.tick();
    }

    /// Lets go of bars that change no more; what remains to be seen is the job.
    fn remove_finished(&mut self, trackers: &[TrackerFrame]) {
        let mut is_top = true;
        for tracker in trackers {
            if !tracker.is_finished {
                is_top = false;
                continue;
            }
            // Parts come and go by the hundred.
            let is_job = tracker.depth == 0;
            match self.shown.remove(&tracker.id) {
                Some(bar) if is_job && is_top => bar.abandon(),
                Some(bar) => {
                    self.bars.remove(&bar);
                    // Below a bar that goes on it would take a line for ever.
                    if is_job {
                        self.print(&line(tracker));
                    }
                }
                None => {}
            }
        }
    }
}

impl Sink for Terminal {
    fn show(&mut self, frame: &Frame) {
        // Where there is room, the bar of one that is finished stays.
        self.print_others(frame, |tracker| tracker.is_finished && tracker.depth == 0);
        self.draw(frame);
    }

    fn finish(&mut self, frame: &Frame) {
        self.print_others(frame, |_| true);
        self.draw(frame);
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").field("colors", &self.colors).finish_non_exhaustive()
    }
}

fn n_lines(term: &Term) -> usize {
    usize::from(term.size().0)
}

/// Returns what stands right of the bar.
fn figures(tracker: &TrackerFrame) -> String {
    let mut figures = Vec::new();
    figures.extend(tracker.rate.map(|rate| rate.to_string()));
    if tracker.is_finished {
        figures.push("finished".to_owned());
    } else if let Some(eta) = tracker.eta {
        figures.push(format!("{} left", rounded(eta)));
    }
    if 0 < tracker.n_abandoned {
        figures.push(format!("{} abandoned", tracker.n_abandoned));
    }
    figures.extend(tracker.phase.as_ref().map(|phase| Escaped(phase).to_string()));
    figures.join(", ")
}

fn style(has_total: bool, colors: Colors) -> ProgressStyle {
    let template = match (has_total, colors) {
        (true, Colors::Colored) => "{prefix} {bar:30.cyan/blue} {pos}/{len} {wide_msg}",
        (true, Colors::Plain) => "{prefix} {bar:30} {pos}/{len} {wide_msg}",
        (false, _) => "{prefix} {pos} {wide_msg}",
    };
    ProgressStyle::with_template(template)
        .expect("the template is right")
        .progress_chars("=> ")
}
