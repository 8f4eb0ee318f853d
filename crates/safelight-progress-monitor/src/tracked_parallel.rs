use rayon::iter::{Inspect, ParallelIterator};

use crate::Tracker;

/// Makes parallel iterators count their items.
///
/// ```
/// use rayon::prelude::*;
/// use safelight_progress_monitor::{Monitor, TrackParallelIterator};
///
/// let tracker = Monitor::new().tracker("squares");
/// let squares = (0..100_u32).into_par_iter().map(|n| n * n).tracked(&tracker);
/// assert_eq!(squares.sum::<u32>(), 328_350);
/// assert_eq!((tracker.n_done(), tracker.total()), (100, Some(100)));
/// ```
pub trait TrackParallelIterator: ParallelIterator {
    /// Counts each item that comes by here; so put it after the work.
    ///
    /// What is indexed stays so; where the tracker has no total, its length is the total.
    /// Nothing tells where a parallel iterator ends: where there is no total, or a larger
    /// one, [`finish`](Tracker::finish) or drop the tracker, or the silence after it is an
    /// alert.
    fn tracked(
        self,
        tracker: &Tracker,
    ) -> Inspect<Self, impl Fn(&Self::Item) + Clone + Send + Sync> {
        if let Some(n) = self.opt_len() {
            tracker.suggest_total(n as u64);
        }
        let tracker = tracker.clone();
        self.inspect(move |_| tracker.add(1))
    }
}

impl<I: ParallelIterator> TrackParallelIterator for I {}
