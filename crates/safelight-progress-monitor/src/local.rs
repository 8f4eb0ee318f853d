use std::{cell::Cell, fmt, marker::PhantomData, sync::Arc};

use crate::{ending::Ending, shard::Shard, track::Track};

/// A count of one owner, for hot loops.
///
/// Unlike [`Tracker::add`](crate::Tracker::add) it does not have to find the calling
/// thread's cell. It may move to another thread, but is not shared. What was counted stays
/// when it is dropped, and the tracker is not finished before.
///
/// ```
/// use safelight_progress_monitor::Monitor;
///
/// let tracker = Monitor::new().tracker("rows");
/// let rows = tracker.local();
/// for _ in 0..1000 {
///     rows.add(1);
/// }
/// assert_eq!(tracker.n_done(), 1000);
/// ```
pub struct Local {
    shard: &'static Shard,
    track: Arc<Track>,
    _ending: Option<Arc<Ending>>,
    /// One writer at a time: `Send`, but not `Sync`.
    _one_writer: PhantomData<Cell<()>>,
}

impl Local {
    pub(crate) fn new(track: Arc<Track>, ending: Option<Arc<Ending>>) -> Self {
        let shard = track.take_shard();
        Self { shard, track, _ending: ending, _one_writer: PhantomData }
    }

    /// Counts so many more as done.
    #[inline]
    pub fn add(&self, n: u64) {
        if self.shard.add(n) {
            self.track.wake();
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.track.give_back(self.shard);
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").field("shard", &self.shard).finish_non_exhaustive()
    }
}
