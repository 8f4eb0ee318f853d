use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use safelight_core::{Clock, Pressure};

use crate::{Config, Control, Journal, Reading};

/// A thread that reads and calls [`Control::step`] again and again.
///
/// It looks each [`Config::quiet`](crate::Config::quiet) while pressure is normal, and each
/// [`Config::alert`](crate::Config::alert) while it is not. Dropped, it stops at once,
/// however long it would still wait, and the thread is joined; what it is doing at that
/// moment is done first. Where it is dropped by what its own thread calls, that is the last
/// thing the thread does, and nobody waits for it.
///
/// Any thread may ask for the level, the reading and the journal of the last look, also from
/// an observer or a consumer that is called in the next one.
/// A panic in what it calls, which is `read`, an observer, a consumer or the purge, is
/// counted, and ends that look only.
///
/// ```
/// use safelight_core::SystemClock;
/// use safelight_memory_manager::{
///     ByteSize, Config, Control, Driver, Permits, Pressure, Reading,
/// };
///
/// let permits = Permits::new(ByteSize::gib(1));
/// let control = Control::new(permits, Config::default());
/// let read = || Some(Reading { limit: ByteSize::gib(2), used: ByteSize::gib(1) });
/// let driver = Driver::start(control, SystemClock, read);
/// // Any time, from any thread.
/// assert_eq!((driver.level(), driver.n_panics()), (Pressure::Normal, 0));
/// assert_eq!(driver.journal().entries().len(), 0);
/// assert_eq!(driver.stop().level(), Pressure::Normal);
/// ```
#[must_use = "it stops when it is dropped"]
pub struct Driver {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Control>>,
}

/// It would burn a whole core without any pause.
const SHORTEST: Duration = Duration::from_millis(1);

struct Shared {
    orders: Mutex<Orders>,
    ordered: Condvar,
    /// Locked only while it is copied.
    seen: Mutex<Seen>,
}

/// What its thread is to do before it looks again.
#[derive(Debug, Default)]
struct Orders {
    is_stopped: bool,
    config: Option<Config>,
}

/// What became of the looks so far.
#[derive(Debug)]
struct Seen {
    level: Pressure,
    reading: Option<Reading>,
    journal: Journal,
    n_panics: u64,
}

impl Driver {
    /// Starts the thread, with the settings of the control.
    ///
    /// A `read` that returns `None`, because nothing can be read now, is tried again at the
    /// next time.
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    pub fn start(
        control: Control,
        clock: impl Clock + 'static,
        read: impl FnMut() -> Option<Reading> + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared::new(&control));
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("safelight-memory".to_owned())
            .spawn(move || run(control, &clock, read, &theirs))
            .expect("the system starts a thread");
        Self { shared, thread: Some(thread) }
    }

    /// Returns how scarce memory was at the last look: normal, as long as
    /// [`last_reading`](Self::last_reading) says that there was none.
    pub fn level(&self) -> Pressure {
        lock(&self.shared.seen).level
    }

    /// Returns what was read last, if anything was.
    pub fn last_reading(&self) -> Option<Reading> {
        lock(&self.shared.seen).reading
    }

    /// Returns a copy of the journal as it was after the last look.
    pub fn journal(&self) -> Journal {
        lock(&self.shared.seen).journal.clone()
    }

    /// Returns how many looks ended with a panic.
    pub fn n_panics(&self) -> u64 {
        lock(&self.shared.seen).n_panics
    }

    /// Changes the settings, and looks at once.
    ///
    /// The level and the journal stay; the next reading is judged by the new settings.
    ///
    /// ```
    /// # use safelight_core::SystemClock;
    /// # use safelight_memory_manager::{ByteSize, Config, Control, Driver, Permits, Share};
    /// # let permits = Permits::new(ByteSize::gib(1));
    /// # let control = Control::new(permits, Config::default());
    /// # let driver = Driver::start(control, SystemClock, || None);
    /// driver.set_config(Config { high: Share::new(0.8), ..Config::default() });
    /// assert_eq!(driver.stop().config().high, Share::new(0.8));
    /// ```
    pub fn set_config(&self, config: Config) {
        lock(&self.shared.orders).config = Some(config);
        self.shared.ordered.notify_all();
    }

    /// Stops at once, and returns what was driven.
    ///
    /// A panic of a look is not handed on: [`Driver::n_panics`] counts them.
    ///
    /// # Panics
    ///
    /// When `read` or the clock panics as it is dropped: with that panic; and when its own
    /// thread calls it, which cannot wait for itself.
    pub fn stop(mut self) -> Control {
        self.shared.stop();
        let thread = self.thread.take().expect("it is taken here only");
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.shared.stop();
        let is_own =
            |thread: &JoinHandle<_>| thread.thread().id() == thread::current().id();
        if let Some(thread) = self.thread.take().filter(|thread| !is_own(thread)) {
            // A panic was printed where it arose.
            drop(thread.join());
        }
    }
}

impl Shared {
    fn new(control: &Control) -> Self {
        let seen = Seen {
            level: control.level(),
            reading: None,
            journal: control.journal().clone(),
            n_panics: 0,
        };
        let (orders, ordered) = (Mutex::default(), Condvar::default());
        Self { orders, ordered, seen: Mutex::new(seen) }
    }

    fn stop(&self) {
        lock(&self.orders).is_stopped = true;
        self.ordered.notify_all();
    }

    /// Waits for the next look, or for orders, which it takes.
    fn wait(&self, interval: Duration) -> Orders {
        let orders = lock(&self.orders);
        let has_none =
            |orders: &mut Orders| !orders.is_stopped && orders.config.is_none();
        let waited = self.ordered.wait_timeout_while(orders, interval, has_none);
        let (mut orders, _) = waited.unwrap_or_else(PoisonError::into_inner);
        Orders { is_stopped: orders.is_stopped, config: orders.config.take() }
    }

    fn publish(&self, control: &Control, reading: Option<Reading>, n_panics: u64) {
        let mut seen = lock(&self.seen);
        seen.level = control.level();
        seen.reading = reading.or(seen.reading);
        seen.n_panics += n_panics;
        if seen.journal != *control.journal() {
            seen.journal = control.journal().clone();
        }
    }
}

// Not the lock of the permits: that one is exchanged for the checker's, and this is not.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(
    mut control: Control,
    clock: &impl Clock,
    mut read: impl FnMut() -> Option<Reading>,
    shared: &Shared,
) -> Control {
    loop {
        let mut reading = None;
        // A step changes its own state before it calls out, so a panic leaves it whole; what
        // `read` captured is for `read` to look after.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            reading = read();
            if let Some(reading) = &reading {
                control.step(reading, clock.now());
            }
        }));
        shared.publish(&control, reading, outcome.is_err().into());
        outcome.unwrap_or_else(forget);
        let interval = match control.level() {
            Pressure::Normal => control.config().quiet,
            _ => control.config().alert,
        };
        let Orders { is_stopped, config } = shared.wait(interval.max(SHORTEST));
        if let Some(config) = config {
            control.set_config(config);
        }
        if is_stopped {
            return control;
        }
    }
}

/// Drops what a panic carried; where that panics as well, what it carries is leaked.
fn forget(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("seen", &*lock(&self.shared.seen))
            .finish_non_exhaustive()
    }
}
