use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use safelight_core::Clock;

use crate::{Collector, Reading, Sink, hub::Hub, signal::Wait};

/// After so much time an update on another processor is surely seen.
const SURELY: Duration = Duration::from_millis(1);

/// A thread that reads, calls [`Collector::step`], and shows each frame.
///
/// After a look that found nothing new the first update wakes it at once; else it comes once
/// an interval. Dropped, it shows the truth once more, and the thread is joined; what a sink
/// is doing at that moment is done first.
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
/// assert_eq!(driver.stop().n_done(), 1);
/// # Ok::<(), safelight_progress_monitor::ConfigError>(())
/// ```
#[must_use = "it stops when it is dropped"]
pub struct Driver {
    hub: Arc<Hub>,
    thread: Option<JoinHandle<Collector>>,
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
        collector: Collector,
        clock: impl Clock + 'static,
        read: impl FnMut() -> Reading + Send + 'static,
        sink: impl Sink + 'static,
    ) -> Self {
        let hub = Arc::clone(collector.hub());
        hub.signal.start();
        let thread = thread::Builder::new()
            .name("safelight-progress".to_owned())
            .spawn(move || run(collector, &clock, read, sink))
            .expect("the system starts a thread");
        Self { hub, thread: Some(thread) }
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

    /// Shows the truth once more, stops, and returns what was driven.
    ///
    /// # Panics
    ///
    /// When the thread panicked, in `read` or an observer: with that panic.
    pub fn stop(mut self) -> Collector {
        self.hub.signal.stop();
        let thread = self.thread.take().expect("it is taken here only");
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.hub.signal.stop();
        if let Some(thread) = self.thread.take() {
            // A panic was printed where it arose; `stop` hands it on.
            drop(thread.join());
        }
    }
}

fn run(
    mut collector: Collector,
    clock: &impl Clock,
    mut read: impl FnMut() -> Reading,
    mut sink: impl Sink,
) -> Collector {
    loop {
        let begun = clock.now();
        collector.step(begun, &read());
        show(&mut collector, clock, &mut sink);
        let spent = clock.now().saturating_duration_since(begun);
        let left = collector.interval().saturating_sub(spent);
        if sleep(&collector, left) == Wait::Stopped {
            // What was counted up to the call of `stop` is shown.
            collector.step(clock.now(), &read());
            show(&mut collector, clock, &mut sink);
            return collector;
        }
    }
}

fn show(collector: &mut Collector, clock: &impl Clock, sink: &mut impl Sink) {
    let begun = clock.now();
    let shown = catch_unwind(AssertUnwindSafe(|| sink.show(collector.frame())));
    let took = clock.now().saturating_duration_since(begun);
    collector.note_shown(took, u64::from(shown.is_err()));
}

/// Waits for the next look.
fn sleep(collector: &Collector, longest: Duration) -> Wait {
    let signal = &collector.hub().signal;
    if collector.had_news() {
        return signal.wait(longest);
    }
    if !collector.arm() {
        signal.wake();
    }
    match signal.wait(longest.min(SURELY)) {
        Wait::Due => {}
        other => return other,
    }
    if collector.has_news() {
        signal.wake();
    }
    signal.wait(longest.saturating_sub(SURELY))
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}
