use tracing::{error, info, trace, warn};

use super::Sink;
use crate::{Change, Frame, Rate, Severity};

/// Sends notices, messages and progress as `tracing` events.
///
/// Critical alerts are errors, other alerts warnings, their ends and messages are at the
/// level of information, and each tracker of each frame is a trace. The target is
/// `safelight_progress_monitor`.
///
/// ```
/// use safelight_progress_monitor::{Events, Sink};
///
/// let sink: Box<dyn Sink> = Box::new(Events);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Events;

/// The same for all events, wherever this file moves.
const TARGET: &str = "safelight_progress_monitor";

impl Sink for Events {
    fn show(&mut self, frame: &Frame) {
        for message in &frame.messages {
            info!(target: TARGET, tracker = &*message.tracker, "{}", message.text);
        }
        for notice in &frame.notices {
            let alert = &notice.alert;
            let (kind, subject) = (alert.kind.name(), alert.subject.to_string());
            match (notice.change, alert.kind.severity()) {
                (Change::Cleared, _) => info!(target: TARGET, kind, subject, "{notice}"),
                (Change::Raised, Severity::Warning) => {
                    warn!(target: TARGET, kind, subject, "{alert}");
                }
                (Change::Raised, Severity::Critical) => {
                    error!(target: TARGET, kind, subject, "{alert}");
                }
            }
        }
        if 0 < frame.n_more_notices + frame.n_more_messages {
            let (notices, messages) = (frame.n_more_notices, frame.n_more_messages);
            warn!(target: TARGET, notices, messages, "more than a frame holds");
        }
        for tracker in &frame.trackers {
            let (name, rate) = (&*tracker.name, tracker.rate.map(Rate::get));
            let (done, total) = (tracker.n_done, tracker.total);
            trace!(target: TARGET, tracker = name, done, total, rate, "progress");
        }
    }
}
