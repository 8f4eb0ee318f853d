use std::{
    fmt,
    num::NonZeroUsize,
    ptr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use safelight_cache::{Cache, Operation, Weigh};
use safelight_core::{ByteSize, Clock};
use safelight_imaging::{PairRules, Rules};
use safelight_memory_manager::{Permits, Registration};
use safelight_profiler::Profiler;
use safelight_progress_monitor::Monitor;

use crate::{
    Admission, Builder, Config, Error, Job, RequestKey, Shared, Store, Stored,
    actions::{Actions, Change, Knob},
    drivers::Drivers,
    error::Cause,
    gate::Gate,
    operations::{Handles, Operations},
    panics::{Listener, Panics},
    report::Origin,
    signs::Signs,
    turning::Turning,
    versioned::Versioned,
};

/// Image work that is measured, kept, admitted and watched.
///
/// A handle: clones share everything, from any thread. The threads of its parts end with
/// [`stop`](Self::stop), or with the last clone.
///
/// ```
/// use safelight::{Fit, Operation, Safelight};
///
/// const LENGTH: Operation = Operation::new("length", 1);
///
/// let safelight = Safelight::builder().start()?;
/// let text = "how long is this?";
/// for _ in 0..3 {
///     let length = safelight.run(LENGTH, text, || text.len())?;
///     assert_eq!(*length, 17);
/// }
/// let cache = safelight.cache().expect("it is on by default");
/// assert_eq!((cache.stats().n_misses, cache.stats().n_hits), (1, 2));
/// safelight.stop();
/// # Ok::<(), safelight::Error>(())
/// ```
#[derive(Clone)]
pub struct Safelight {
    inner: Arc<Inner>,
}

struct Inner {
    /// Ended before what they look at.
    drivers: Mutex<Drivers>,
    parts: Arc<Parts>,
}

/// What a job passes through.
pub(crate) struct Parts {
    pub(crate) config: Mutex<Config>,
    pub(crate) clock: Arc<dyn Clock>,
    /// That of the thread that watches memory.
    pub(crate) memory_clock: Arc<dyn Clock>,
    pub(crate) profiler: Option<Profiler>,
    pub(crate) cache: Option<Cache<RequestKey, Stored>>,
    pub(crate) store: Option<Arc<dyn Store>>,
    pub(crate) permits: Option<Permits>,
    pub(crate) admission: Arc<dyn Admission>,
    pub(crate) monitor: Option<Monitor>,
    pub(crate) gate: Gate,
    pub(crate) listener: Listener,
    pub(crate) panics: Arc<Panics>,
    pub(crate) operations: Operations,
    pub(crate) origin: Origin,
    pub(crate) patience_ns: AtomicU64,
    pub(crate) job_bytes: AtomicU64,
    /// What images may be like.
    pub(crate) rules: Versioned<Rules>,
    /// What the frames of a video may be like.
    pub(crate) frames: Versioned<PairRules>,
    /// Of the cache, with the permits.
    pub(crate) registration: Option<Registration>,
    pub(crate) signs: Arc<Signs>,
    pub(crate) actions: Mutex<Actions>,
    pub(crate) turning: Turning,
}

impl Safelight {
    /// Sets one up; without more it has the defaults of [`Config`].
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(parts: Arc<Parts>, drivers: Drivers) -> Self {
        let inner = Inner { drivers: Mutex::new(drivers), parts };
        Self { inner: Arc::new(inner) }
    }

    /// Begins a job, of which more can be said before it is run.
    pub fn job(&self, operation: Operation) -> Job<'_> {
        Job::new(self, operation)
    }

    /// Returns the result of this key, by `work` if it is not there.
    ///
    /// In one call it is measured, kept, admitted and watched; see [`Job`].
    ///
    /// # Errors
    ///
    /// When the job was not admitted in time, or the work panicked.
    pub fn run<T: Weigh + Send + Sync + 'static>(
        &self,
        operation: Operation,
        key: impl std::hash::Hash + Eq + Send + Sync + 'static,
        work: impl FnOnce() -> T,
    ) -> Result<Shared<T>, Error> {
        self.job(operation).run(key, work)
    }

    /// Returns the result of this key, by `work` that may fail if it is not there.
    ///
    /// # Errors
    ///
    /// When the job was not admitted in time, or the work failed or panicked.
    pub fn try_run<T: Weigh + Send + Sync + 'static, E: Into<Cause>>(
        &self,
        operation: Operation,
        key: impl std::hash::Hash + Eq + Send + Sync + 'static,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<Shared<T>, Error> {
        self.job(operation).try_run(key, work)
    }

    /// Returns the settings as they are now.
    pub fn config(&self) -> Config {
        lock(&self.inner.parts.config).clone()
    }

    /// Returns the profiler, if it is on.
    pub fn profiler(&self) -> Option<&Profiler> {
        self.parts().profiler.as_ref()
    }

    /// Returns the cache, if it is on and no other store was given.
    pub fn cache(&self) -> Option<&Cache<RequestKey, Stored>> {
        self.parts().cache.as_ref()
    }

    /// Returns the permits for memory, if they are on and no other admission was given.
    pub fn permits(&self) -> Option<&Permits> {
        self.parts().permits.as_ref()
    }

    /// Returns the monitor, for trackers and gauges of your own, if it is on.
    pub fn monitor(&self) -> Option<&Monitor> {
        self.parts().monitor.as_ref()
    }

    /// Returns what was done about what is wrong, the oldest first.
    pub fn changes(&self) -> Vec<Change> {
        lock(&self.parts().actions).journal().copied().collect()
    }

    /// Says how many items a GPU works on at once, before anything is done about it.
    ///
    /// It is looked at with the feature `nvml`: see [`gpu_batch`](Self::gpu_batch).
    pub fn set_gpu_batch(&self, gpu_idx: u32, n_items: NonZeroUsize) {
        let (knob, base) = (Knob::GpuBatch(gpu_idx), n_items.get() as u64);
        lock(&self.parts().actions).set_base(knob, base);
    }

    /// Returns how many items a GPU should work on at once: fewer while it is full.
    ///
    /// It is `None` where [`set_gpu_batch`](Self::set_gpu_batch) was not called.
    pub fn gpu_batch(&self, gpu_idx: u32) -> Option<NonZeroUsize> {
        let value = lock(&self.parts().actions).value(Knob::GpuBatch(gpu_idx))?;
        NonZeroUsize::new(usize::try_from(value).ok()?)
    }

    /// Ends and joins all threads; jobs can be run after that, but nobody watches.
    ///
    /// What actions have turned is turned back, and told. What the threads knew last is still
    /// in [`report`](Self::report). Further calls do nothing; one that comes while another
    /// thread is at it does not wait for that.
    ///
    /// An observer or a sink may call it. The thread it is called on is then not waited for,
    /// and ends after the call; if it is that of progress, what it knew is lost.
    pub fn stop(&self) {
        let threads = lock(&self.inner.drivers).take_threads();
        // They are joined with no lock held.
        let last = threads.stop(&self.parts().panics);
        lock(&self.inner.drivers).keep(last);
        self.parts().signs.forget();
        self.parts().turn_back();
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.inner.parts
    }

    /// Has a short look at the threads, which must not lead to a call of anything given.
    pub(crate) fn with_drivers<R>(&self, look: impl FnOnce(&Drivers) -> R) -> R {
        look(&lock(&self.inner.drivers))
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Parts {
    /// Tells this instance from others, for as long as it lives.
    pub(crate) fn id(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    pub(crate) fn handles(&self, operation: &'static str) -> Arc<Handles> {
        self.operations.get(operation, self.profiler.as_ref(), self.monitor.as_ref())
    }

    pub(crate) fn patience(&self) -> Duration {
        Duration::from_nanos(self.patience_ns.load(Relaxed))
    }

    pub(crate) fn job_bytes(&self) -> ByteSize {
        ByteSize::from_bytes(self.job_bytes.load(Relaxed))
    }

    /// Returns how many jobs may work at once, and how many were configured.
    pub(crate) fn turns(&self) -> (usize, usize) {
        (self.gate.limit(), lock(&self.config).jobs.at_once.get())
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("profiler", &self.profiler)
            .field("cache", &self.cache)
            .field("permits", &self.permits)
            .field("monitor", &self.monitor)
            .field("gate", &self.gate)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Safelight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Safelight").field("parts", self.parts()).finish_non_exhaustive()
    }
}
