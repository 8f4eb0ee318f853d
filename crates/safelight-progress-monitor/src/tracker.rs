use std::{fmt, sync::Arc};

use crate::{InFlight, Local, Message, cells, ending::Ending, hub::Hub, track::Track};

/// Counts what is done of one job; clones share the count.
///
/// [`add`](Self::add) is some plain loads and stores to a cell that only the calling thread
/// writes: no lock, no clock, no allocation but with a thread's first update, and never a
/// panic. The count is exact, also when threads end.
///
/// It is finished by [`finish`](Self::finish), or when the last of its clones, its
/// [`Local`]s and its updates in flight is dropped.
///
/// ```
/// use std::thread;
///
/// use safelight_progress_monitor::Monitor;
///
/// let tracker = Monitor::new().tracker("pixels");
/// thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| (0..1000).for_each(|_| tracker.add(2)));
///     }
/// });
/// assert_eq!(tracker.n_done(), 8000);
/// ```
#[derive(Clone)]
pub struct Tracker {
    track: Arc<Track>,
    hub: Arc<Hub>,
    /// Finishes the tracker with the last clone; the monitor's own have none.
    ending: Option<Arc<Ending>>,
}

impl Tracker {
    pub(crate) fn new(track: Arc<Track>, hub: Arc<Hub>) -> Self {
        let ending = Some(Arc::new(Ending::new(Arc::clone(&track))));
        Self { track, hub, ending }
    }

    /// Makes a handle whose end does not finish the tracker.
    pub(crate) fn lasting(track: Arc<Track>, hub: Arc<Hub>) -> Self {
        Self { track, hub, ending: None }
    }

    /// Counts so many more as done.
    #[inline]
    pub fn add(&self, n: u64) {
        cells::add(&self.track, n);
    }

    /// Returns a count of its own, which is faster still in a hot loop.
    pub fn local(&self) -> Local {
        Local::new(Arc::clone(&self.track), self.ending.clone())
    }

    /// Returns how many were counted on all threads.
    pub fn n_done(&self) -> u64 {
        self.track.n_done()
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.track.name
    }

    /// Returns how many there are to do, if that is known.
    pub fn total(&self) -> Option<u64> {
        self.track.total()
    }

    /// Says how many there are to do; it may change at any time.
    pub fn set_total(&self, total: u64) {
        self.track.set_total(Some(total));
    }

    /// Says that it is not known how many there are to do.
    pub fn clear_total(&self) {
        self.track.set_total(None);
    }

    /// Sets the total where none is known.
    pub(crate) fn suggest_total(&self, total: u64) {
        self.track.suggest_total(total);
    }

    /// Says that nothing is to come; it is idle until something is counted again.
    pub(crate) fn rest(&self) {
        self.track.rest();
    }

    /// Says what part of the job goes on now; an empty name says that none does.
    ///
    /// ```
    /// use safelight_progress_monitor::{
    ///     Clock, Collector, Config, Monitor, Reading, SystemClock,
    /// };
    ///
    /// let monitor = Monitor::new();
    /// let job = monitor.tracker("folder");
    /// job.set_phase("decode");
    /// let mut collector = Collector::new(&monitor, Config::default())?;
    /// let frame = collector.step(SystemClock.now(), &Reading::default());
    /// assert_eq!(frame.trackers[0].phase.as_deref(), Some("decode"));
    /// # Ok::<(), safelight_progress_monitor::ConfigError>(())
    /// ```
    pub fn set_phase(&self, name: &str) {
        self.track.set_phase(name);
    }

    /// Makes a tracker that is shown below this one; it counts for itself.
    #[must_use = "it is finished when it is dropped"]
    pub fn child(&self, name: &str) -> Self {
        let track = self.hub.add_track(name, Some(self.track.id));
        Self::new(track, Arc::clone(&self.hub))
    }

    /// Sends a line of text, which is shown above the bars.
    ///
    /// Of those that no collector fetches the last 256 are kept.
    pub fn message(&self, text: impl Into<String>) {
        self.hub.send(Message {
            at: self.hub.clock.now(),
            tracker: Arc::clone(&self.track.name),
            text: text.into(),
        });
    }

    /// Begins a timed update, which counts as one when it is finished.
    pub fn start(&self) -> InFlight {
        let (track, hub) = (Arc::clone(&self.track), Arc::clone(&self.hub));
        InFlight::new(track, hub, self.ending.clone())
    }

    /// Runs one timed update.
    ///
    /// A panic goes on; the update then is abandoned and does not count as done.
    ///
    /// ```
    /// use safelight_progress_monitor::Monitor;
    ///
    /// let tracker = Monitor::new().tracker("square");
    /// let squares: Vec<u32> = (1..4).map(|n| tracker.tracked(|| n * n)).collect();
    /// assert_eq!((squares, tracker.n_done()), (vec![1, 4, 9], 3));
    /// ```
    pub fn tracked<R>(&self, work: impl FnOnce() -> R) -> R {
        let update = self.start();
        let result = work();
        update.finish();
        result
    }

    /// Makes a future one timed update, from its first poll to its end.
    ///
    /// The time between polls counts too: that is how long the update took. A future that
    /// is dropped before its end is abandoned and does not count as done.
    ///
    /// ```
    /// use std::{future, pin::pin, task::{Context, Poll, Waker}};
    ///
    /// use safelight_progress_monitor::Monitor;
    ///
    /// let tracker = Monitor::new().tracker("answer");
    /// let mut answer = pin!(tracker.tracked_future(future::ready(42)));
    /// let mut context = Context::from_waker(Waker::noop());
    /// assert_eq!(answer.as_mut().poll(&mut context), Poll::Ready(42));
    /// assert_eq!(tracker.n_done(), 1);
    /// # use std::future::Future;
    /// ```
    pub fn tracked_future<F: Future>(
        &self,
        work: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        let tracker = self.clone();
        async move {
            let update = tracker.start();
            let result = work.await;
            update.finish();
            result
        }
    }

    /// Says that all is done, whatever the count; it is shown once more, as finished.
    ///
    /// What is counted after that is no more shown, but it is in
    /// [`Collector::n_done`](crate::Collector::n_done).
    pub fn finish(&self) {
        self.track.finish();
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracker")
            .field("name", &self.name())
            .field("n_done", &self.n_done())
            .field("total", &self.total())
            .finish_non_exhaustive()
    }
}
