use std::{fmt, sync::Arc, time::Instant};

/// A line of text from a tracker, for above the bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When it was sent.
    pub at: Instant,
    /// The name of the tracker that sent it.
    pub tracker: Arc<str>,
    /// What it says.
    pub text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.tracker, self.text)
    }
}
