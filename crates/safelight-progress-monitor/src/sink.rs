use crate::Frame;

mod escaped;
mod lines;

#[cfg(feature = "tracing")]
mod events;
#[cfg(feature = "serde")]
mod json_lines;
#[cfg(feature = "terminal")]
mod terminal;

#[cfg(feature = "tracing")]
pub use self::events::Events;
#[cfg(feature = "serde")]
pub use self::json_lines::JsonLines;
pub use self::lines::Lines;
#[cfg(feature = "terminal")]
pub use self::terminal::{Colors, Terminal};

/// Where frames are shown.
///
/// It is called by one thread, which no worker ever waits for: a slow sink makes frames
/// rarer and later, which is an alert, and nothing else.
/// A panic in it is counted, and it is called again with the next frame.
///
/// ```
/// use safelight_progress_monitor::{Frame, Sink};
///
/// fn show_all(frame: &Frame, sink: &mut dyn Sink) {
///     sink.show(frame);
/// }
/// let mut sink = (|frame: &Frame| println!("{}", frame.trackers.len()), ());
/// # let _: &mut dyn Sink = &mut sink;
/// ```
pub trait Sink: Send {
    /// Shows one frame.
    fn show(&mut self, frame: &Frame);

    /// Shows the last frame of all, as its driver stops; that is [`show`](Self::show).
    ///
    /// What shows less than all of each frame shows all of this one.
    fn finish(&mut self, frame: &Frame) {
        self.show(frame);
    }
}

impl<F: FnMut(&Frame) + Send> Sink for F {
    fn show(&mut self, frame: &Frame) {
        self(frame);
    }
}

/// Shows nothing.
impl Sink for () {
    fn show(&mut self, _: &Frame) {}
}

impl Sink for Box<dyn Sink> {
    fn show(&mut self, frame: &Frame) {
        (**self).show(frame);
    }

    fn finish(&mut self, frame: &Frame) {
        (**self).finish(frame);
    }
}

/// Shows it to all, the first one first.
impl Sink for Vec<Box<dyn Sink>> {
    fn show(&mut self, frame: &Frame) {
        for sink in self {
            sink.show(frame);
        }
    }

    fn finish(&mut self, frame: &Frame) {
        for sink in self {
            sink.finish(frame);
        }
    }
}

/// Shows it to both, the first one first.
impl<A: Sink, B: Sink> Sink for (A, B) {
    fn show(&mut self, frame: &Frame) {
        self.0.show(frame);
        self.1.show(frame);
    }

    fn finish(&mut self, frame: &Frame) {
        self.0.finish(frame);
        self.1.finish(frame);
    }
}
