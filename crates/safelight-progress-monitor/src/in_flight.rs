use std::{fmt, sync::Arc, time::Instant};

use crate::{cells, ending::Ending, hub::Hub, track::Track};

/// A timed update that goes on; dropped before it is finished it does not count as done.
///
/// An abandoned update stays in the total; lower it if it will not be tried again.
/// It may end on another thread than it began on, and the tracker is not finished before.
///
/// ```
/// use safelight_progress_monitor::Monitor;
///
/// let tracker = Monitor::new().tracker("decode");
/// let update = tracker.start();
/// update.finish();
/// drop(tracker.start()); // It failed.
/// assert_eq!(tracker.n_done(), 1);
/// ```
#[must_use = "it is abandoned when it is dropped"]
pub struct InFlight {
    track: Arc<Track>,
    hub: Arc<Hub>,
    flight: usize,
    begun: Instant,
    is_finished: bool,
    /// Dropped after the update was counted.
    _ending: Option<Arc<Ending>>,
}

impl InFlight {
    pub(crate) fn new(
        track: Arc<Track>,
        hub: Arc<Hub>,
        ending: Option<Arc<Ending>>,
    ) -> Self {
        let begun = hub.clock.now();
        let flight = track.begin(begun);
        Self { track, hub, flight, begun, is_finished: false, _ending: ending }
    }

    /// Ends the update and counts one as done.
    pub fn finish(mut self) {
        self.is_finished = true;
        let took = self.hub.clock.now().saturating_duration_since(self.begun);
        self.track.complete(self.flight, took);
        cells::add(&self.track, 1);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.is_finished {
            self.track.abandon(self.flight);
        }
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("begun", &self.begun).finish_non_exhaustive()
    }
}
