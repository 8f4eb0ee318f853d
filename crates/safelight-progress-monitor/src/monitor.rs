use std::{fmt, sync::Arc};

use safelight_core::{Clock, SystemClock};

use crate::{Gauge, Tracker, hub::Hub};

/// Makes trackers and gauges; clones share them.
///
/// Workers add to trackers, and a [`Collector`](crate::Collector) looks at them.
///
/// ```
/// use safelight_progress_monitor::Monitor;
///
/// let monitor = Monitor::new();
/// let thumbnails = monitor.tracker("thumbnails");
/// thumbnails.set_total(2);
/// for _ in 0..2 {
///     thumbnails.add(1);
/// }
/// assert_eq!(thumbnails.n_done(), 2);
/// ```
#[derive(Clone)]
pub struct Monitor {
    pub(crate) hub: Arc<Hub>,
}

impl Monitor {
    /// Makes one that times updates by the clock of the system.
    pub fn new() -> Self {
        Self::with_clock(SystemClock)
    }

    /// Makes one that times updates by this clock; counting asks none.
    pub fn with_clock(clock: impl Clock + 'static) -> Self {
        Self { hub: Arc::new(Hub::new(Arc::new(clock))) }
    }

    /// Makes a tracker; it is finished when its last clone is dropped.
    pub fn tracker(&self, name: &str) -> Tracker {
        let track = self.hub.add_track(name, None);
        Tracker::new(track, Arc::clone(&self.hub))
    }

    /// Makes the gauge of a queue.
    pub fn gauge(&self, name: &str) -> Gauge {
        self.hub.add_gauge(name)
    }

    /// Runs one timed update of the tracker of that name, which is made where there is none.
    ///
    /// That tracker lives as long as the monitor, so names must come from a bounded set.
    /// Where it is called often, [`Tracker::tracked`] saves looking the name up.
    ///
    /// ```
    /// use safelight_progress_monitor::Monitor;
    ///
    /// let monitor = Monitor::new();
    /// let sum = monitor.tracked("add", || 1 + 1);
    /// assert_eq!(sum, 2);
    /// ```
    pub fn tracked<R>(&self, name: &str, work: impl FnOnce() -> R) -> R {
        let tracker = Tracker::lasting(self.hub.named_track(name), Arc::clone(&self.hub));
        tracker.tracked(work)
    }
}

impl Default for Monitor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").field("hub", &self.hub).finish()
    }
}
