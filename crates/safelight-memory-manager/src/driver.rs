use std::{
    fmt,
    panic::resume_unwind,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use safelight_core::{Clock, Pressure};

use crate::{Config, Control, Reading};

/// A thread that reads and calls [`Control::step`] again and again.
///
/// It looks each [`Config::quiet`] while pressure is normal, and each [`Config::alert`]
/// while it is not. Dropped, it stops at once, however long it would still wait, and the
/// thread is joined; what it is doing at that moment is done first.
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
/// let driver = Driver::start(control, Config::default(), SystemClock, read);
/// assert_eq!(driver.stop().level(), Pressure::Normal);
/// ```
#[must_use = "it stops when it is dropped"]
pub struct Driver {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Control>>,
}

#[derive(Default)]
struct Shared {
    is_stopped: Mutex<bool>,
    stopped: Condvar,
}

impl Driver {
    /// Starts the thread.
    ///
    /// A `read` that returns `None`, because nothing can be read now, is tried again at the
    /// next time.
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    pub fn start(
        control: Control,
        config: Config,
        clock: impl Clock + 'static,
        read: impl FnMut() -> Option<Reading> + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("safelight-memory".to_owned())
            .spawn(move || run(control, &config, &clock, read, &theirs))
            .expect("the system starts a thread");
        Self { shared, thread: Some(thread) }
    }

    /// Stops at once, and returns what was driven.
    ///
    /// # Panics
    ///
    /// When the thread panicked, in `read`, an observer or a consumer: with that panic.
    pub fn stop(mut self) -> Control {
        self.shared.stop();
        let thread = self.thread.take().expect("it is taken here only");
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(thread) = self.thread.take() {
            // A panic was printed where it arose; `stop` hands it on.
            drop(thread.join());
        }
    }
}

impl Shared {
    fn stop(&self) {
        *self.lock() = true;
        self.stopped.notify_all();
    }

    /// Waits for the next look; says whether there is one.
    fn waits(&self, interval: Duration) -> bool {
        let is_stopped = self.lock();
        let waited =
            self.stopped.wait_timeout_while(is_stopped, interval, |stopped| !*stopped);
        let (is_stopped, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !*is_stopped
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.is_stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(
    mut control: Control,
    config: &Config,
    clock: &impl Clock,
    mut read: impl FnMut() -> Option<Reading>,
    shared: &Shared,
) -> Control {
    loop {
        if let Some(reading) = read() {
            control.step(&reading, clock.now());
        }
        let interval = match control.level() {
            Pressure::Normal => config.quiet,
            _ => config.alert,
        };
        if !shared.waits(interval) {
            return control;
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}
