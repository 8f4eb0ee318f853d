use std::time::Duration;

use super::SHOWN_MEMORY;

/// A time that passed between two looks.
///
/// Many trackers are looked at together, so what is the same for all is found out once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed {
    time: Duration,
    secs: f64,
    /// What the rate that is shown keeps of what was before.
    kept_of_shown: f64,
}

impl Passed {
    pub(crate) fn new(time: Duration) -> Self {
        let secs = time.as_secs_f64();
        Self { time, secs, kept_of_shown: (-secs / SHOWN_MEMORY).exp() }
    }

    pub(crate) fn time(&self) -> Duration {
        self.time
    }

    pub(crate) fn secs(&self) -> f64 {
        self.secs
    }

    pub(crate) fn kept_of_shown(&self) -> f64 {
        self.kept_of_shown
    }
}
