use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use safelight_core::Clock;

use crate::{
    Collector, Config, ConfigError, Frame, Reading, Sink, hub::Hub, signal::Wait,
};

/// After so much time an update on another processor is surely seen.
const SURELY: Duration = Duration::from_millis(1);

/// A thread that reads, calls [`Collector::step`], and shows each frame.
///
/// After a look that found nothing new the first update wakes it at once; else it comes once
/// an interval. Dropped, it shows the truth once more, and the thread is joined; what a sink
/// is doing at that moment is done first. Where it is dropped by what its own thread calls,
/// that frame is the last thing the thread does, and nobody waits for it.
///
/// Any thread may look at what it found, with [`with`](Self::with), while it runs.
/// A panic in what it calls, which is `read`, the observer or a sink, is counted, and the
/// next look comes all the same.
///
/// One monitor has one driver.
///
/// ```
/// use safelight_progress_monitor::{
///     Collector, Config, Driver, Frame, Monitor, Reading, SystemClock,
/// };
///
/// let monitor = Monitor::new();
/// let collector = Collector::new(&monitor, Config::default())?;
/// let sink = |frame: &Frame| println!("{:?}", frame.trackers);
/// let driver = Driver::start(collector, SystemClock, Reading::default, sink);
/// let tracker = monitor.tracker("thumbnails");
/// tracker.add(1);
/// // Any time, from any thread.
/// assert_eq!(driver.with(|collector| collector.open_alerts().len()), 0);
/// assert_eq!(driver.stop().n_done(), 1);
/// # Ok::<(), safelight_progress_monitor::ConfigError>(())
/// ```
#[must_use = "it stops when it is dropped"]
pub struct Driver {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    hub: Arc<Hub>,
    /// Locked while it looks, and never while something of the caller's is called by the
    /// thread; it is taken out by `stop` only.
    collector: Mutex<Option<Collector>>,
}

impl Driver {
    /// Starts the thread.
    ///
    /// The clock must be the one of the monitor. `read` is called for each frame; where
    /// nothing can be read, it returns [`Reading::default`].
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    pub fn start(
        mut collector: Collector,
        clock: impl Clock + 'static,
        read: impl FnMut() -> Reading + Send + 'static,
        sink: impl Sink + 'static,
    ) -> Self {
        collector.resume();
        let hub = Arc::clone(collector.hub());
        hub.signal.start();
        let shared = Arc::new(Shared { hub, collector: Mutex::new(Some(collector)) });
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("safelight-progress".to_owned())
            .spawn(move || run(&theirs, &clock, read, sink))
            .expect("the system starts a thread");
        Self { shared, thread: Some(thread) }
    }

    /// Starts the thread, which reads memory and CPU time of this process.
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    #[cfg(feature = "system")]
    pub fn start_with_process(
        collector: Collector,
        clock: impl Clock + 'static,
        sink: impl Sink + 'static,
    ) -> Self {
        let mut process = crate::Process::open();
        Self::start(collector, clock, move || process.read(), sink)
    }

    /// Calls with the collector as it was after the latest look.
    ///
    /// The next look waits for the end of the call, and no worker does. It must not be
    /// called within itself; an observer or a sink may call it.
    pub fn with<R>(&self, call: impl FnOnce(&Collector) -> R) -> R {
        self.shared.with(|collector| call(collector))
    }

    /// Changes the settings from the next look on, see [`Collector::set_config`].
    ///
    /// # Errors
    ///
    /// When the configuration cannot be meant; then nothing changes.
    pub fn set_config(&self, config: Config) -> Result<(), ConfigError> {
        self.shared.with(|collector| collector.set_config(config))
    }

    /// Returns how often `read` or the observer panicked.
    pub fn n_panics(&self) -> u64 {
        self.with(Collector::n_panics)
    }

    /// Shows the truth once more, stops, and returns what was driven.
    ///
    /// # Panics
    ///
    /// When the sink, `read` or the clock panics as it is dropped: with that panic; and when
    /// its own thread calls it, which cannot wait for itself.
    pub fn stop(mut self) -> Collector {
        self.shared.hub.signal.stop();
        let thread = self.thread.take().expect("it is taken here only");
        thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        lock(&self.shared.collector).take().expect("it is taken here only")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.shared.hub.signal.stop();
        let is_own =
            |thread: &JoinHandle<_>| thread.thread().id() == thread::current().id();
        if let Some(thread) = self.thread.take().filter(|thread| !is_own(thread)) {
            // A panic was printed where it arose.
            drop(thread.join());
        }
    }
}

impl Shared {
    fn with<R>(&self, call: impl FnOnce(&mut Collector) -> R) -> R {
        let mut collector = lock(&self.collector);
        call(collector.as_mut().expect("it is there until the driver is gone"))
    }
}

// Not the lock of the counts: that one is exchanged for the checker's, and this is not.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(
    shared: &Shared,
    clock: &impl Clock,
    mut read: impl FnMut() -> Reading,
    mut sink: impl Sink,
) {
    loop {
        let begun = clock.now();
        look(shared, begun, &mut read);
        show(shared, clock, |frame| sink.show(frame));
        let spent = clock.now().saturating_duration_since(begun);
        let interval = shared.with(|collector| collector.interval());
        if sleep(shared, interval.saturating_sub(spent)) == Wait::Stopped {
            // What was counted up to the call of `stop` is shown.
            look(shared, clock.now(), &mut read);
            show(shared, clock, |frame| sink.finish(frame));
            return;
        }
    }
}

/// Takes a look and tells the observer of it; what panics is counted.
fn look(shared: &Shared, now: std::time::Instant, read: impl FnMut() -> Reading) {
    shared.with(Collector::rise);
    // What `read` captured is for `read` to look after.
    let reading = catch(read);
    let n_failed = u64::from(reading.is_none());
    let (observer, events) = shared.with(|collector| {
        collector.look(now, &reading.unwrap_or_default());
        collector.take_untold()
    });
    let told = events.iter().map(|event| catch(|| observer.observe(event)));
    let n_panics = n_failed + told.filter(Option::is_none).count() as u64;
    shared.with(|collector| collector.note_panics(n_panics));
}

fn show(shared: &Shared, clock: &impl Clock, sink: impl FnOnce(&Frame)) {
    let frame = shared.with(|collector| collector.shared_frame());
    let begun = clock.now();
    let shown = catch(|| sink(&frame));
    let took = clock.now().saturating_duration_since(begun);
    // Given back, so that the next look writes it in place.
    drop(frame);
    shared.with(|collector| collector.note_shown(took, u64::from(shown.is_none())));
}

/// Calls; a panic becomes `None`.
fn catch<R>(call: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => Some(result),
        Err(panic) => {
            forget(panic);
            None
        }
    }
}

/// Drops what a panic carried; where that panics as well, what it carries is leaked.
fn forget(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
}

/// Waits for the next look.
fn sleep(shared: &Shared, longest: Duration) -> Wait {
    let signal = &shared.hub.signal;
    if shared.with(|collector| collector.had_news()) {
        return signal.wait(longest);
    }
    if !shared.with(Collector::arm) {
        signal.wake();
    }
    match signal.wait(longest.min(SURELY)) {
        Wait::Due => {}
        other => return other,
    }
    if shared.with(|collector| collector.has_news()) {
        signal.wake();
    }
    signal.wait(longest.saturating_sub(SURELY))
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}
