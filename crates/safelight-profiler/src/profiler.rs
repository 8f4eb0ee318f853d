use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use safelight_core::{Clock, CpuClock};

use crate::{
    HeapSource, Operation, Recording,
    lane::Outlet,
    operation::Site,
    ring::{CAPACITY, Ring},
    ticks::Ticks,
};

/// Measures operations; clones share one recording.
///
/// Each thread writes its samples into a small queue of its own, which is folded into the
/// shared recording when it is full and whenever somebody asks: no operation takes a lock
/// but one in a hundred, and nothing that has ended is missing from a [`Recording`].
///
/// ```
/// use safelight_profiler::Profiler;
///
/// let profiler = Profiler::new();
/// let thumbnail = profiler.operation("thumbnail");
/// for _ in 0..3 {
///     thumbnail.pixels(640, 480).measure(|| std::hint::black_box(vec![0_u8; 640 * 480]));
/// }
/// assert_eq!(profiler.recording().n_runs("thumbnail"), 3);
/// ```
#[derive(Clone)]
pub struct Profiler {
    shared: Arc<Shared>,
}

/// What the profiler, its handles and its threads have in common.
pub(crate) struct Shared {
    pub(crate) id: u64,
    pub(crate) enabled: AtomicBool,
    pub(crate) ticks: Ticks,
    pub(crate) cpu: Option<Arc<dyn CpuClock>>,
    /// What the CPU clock shows between two readings with nothing between them.
    pub(crate) cpu_reading: Duration,
    pub(crate) heap: HeapSource,
    /// Runs that could not be recorded.
    pub(crate) n_lost: AtomicU64,
    sites: RwLock<Vec<Arc<Site>>>,
    outlets: Mutex<Vec<Arc<Outlet>>>,
    recording: Mutex<Recording>,
}

/// A panic in an operation leaves nothing half done: locks are taken over when poisoned.
impl std::panic::RefUnwindSafe for Shared {}

impl Profiler {
    /// Makes a profiler that measures all that this build and process can.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Begins a profiler with other clocks, or one that is off.
    pub fn builder() -> Builder {
        Builder { enabled: true, ticks: None, cpu: default_cpu_clock() }
    }

    /// Returns the handle of an operation, which is registered at the first call.
    ///
    /// Keep the handle where the operation is hot: this looks the name up under a lock.
    /// Names are kept until the profiler is dropped, so they must come from a bounded set.
    pub fn operation(&self, name: &str) -> Operation {
        let sites = self.shared.sites.read().unwrap_or_else(PoisonError::into_inner);
        let found = sites.iter().find(|site| site.name == name).cloned();
        drop(sites);
        let site = found.unwrap_or_else(|| self.shared.add_site(name));
        Operation::new(Arc::clone(&self.shared), site)
    }

    /// Turns measuring on or off; off, an operation costs about a nanosecond.
    pub fn set_enabled(&self, enabled: bool) {
        self.shared.enabled.store(enabled, Relaxed);
    }

    /// Whether it measures.
    pub fn is_enabled(&self) -> bool {
        self.shared.enabled.load(Relaxed)
    }

    /// Returns where heap figures come from, or why there are none.
    pub fn heap_source(&self) -> HeapSource {
        self.shared.heap
    }

    /// Returns a profiler of the same kind, with a recording of its own and no CPU clock.
    pub(crate) fn twin_without_cpu(&self) -> Self {
        let ticks = Some(self.shared.ticks.clone());
        Builder { enabled: true, ticks, cpu: None }.build()
    }

    /// Whether this profiler, or a clone of it, made the handle.
    #[cfg(feature = "tracing")]
    pub(crate) fn owns(&self, operation: &Operation) -> bool {
        Arc::ptr_eq(&self.shared, &operation.shared)
    }

    pub(crate) fn cpu(&self) -> Option<&dyn CpuClock> {
        self.shared.cpu.as_deref()
    }

    /// Returns a copy of all that was measured so far, on every thread.
    ///
    /// An operation that has not ended is listed as incomplete.
    pub fn recording(&self) -> Recording {
        let mut copy = self.shared.fold_all().clone();
        copy.set_incomplete(self.shared.incomplete());
        copy.set_n_lost(self.shared.n_lost.load(Relaxed));
        copy
    }

    /// Forgets what was measured so far; operations that are open now will be recorded.
    pub fn reset(&self) {
        let mut recording = self.shared.fold_all();
        recording.clear();
        self.shared.n_lost.store(0, Relaxed);
    }
}

impl Default for Profiler {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Profiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profiler")
            .field("enabled", &self.is_enabled())
            .field("ticks", &self.shared.ticks)
            .field("heap", &self.shared.heap)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn recording(&self) -> MutexGuard<'_, Recording> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outlets(&self) -> MutexGuard<'_, Vec<Arc<Outlet>>> {
        self.outlets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn add_site(&self, name: &str) -> Arc<Site> {
        let mut sites = self.sites.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = sites.iter().find(|site| site.name == name) {
            return Arc::clone(site);
        }
        let site = Arc::new(Site::new(name, sites.len() as u32));
        sites.push(Arc::clone(&site));
        self.recording().add_operation(name);
        site
    }

    /// Adds a thread's outlet, and lets go of those of threads that have ended.
    pub(crate) fn register(&self, outlet: &Arc<Outlet>) {
        let mut outlets = self.outlets();
        let mut recording = self.recording();
        outlets.retain(|other| {
            let ended = other.is_closed();
            if ended {
                self.drain(&mut recording, &other.ring);
            }
            !ended
        });
        outlets.push(Arc::clone(outlet));
    }

    /// Moves the samples of one thread into the recording.
    #[cold]
    pub(crate) fn fold(&self, ring: &Ring) {
        self.drain(&mut self.recording(), ring);
        self.note_short_operations();
    }

    /// Moves the samples of every thread into the recording.
    fn fold_all(&self) -> MutexGuard<'_, Recording> {
        let outlets = self.outlets();
        let mut recording = self.recording();
        for outlet in &*outlets {
            self.drain(&mut recording, &outlet.ring);
        }
        recording
    }

    /// The caller holds the recording's lock, as [`Ring::drain`] asks.
    fn drain(&self, recording: &mut Recording, ring: &Ring) {
        let mut n_taken = 0;
        ring.drain(|mut sample| {
            n_taken += 1;
            let is_leaf = sample.self_wall == sample.wall;
            sample.wall = self.ticks.to_nanos(sample.wall);
            sample.self_wall =
                if is_leaf { sample.wall } else { self.ticks.to_nanos(sample.self_wall) };
            recording.add(&sample);
        });
        debug_assert!(n_taken <= CAPACITY);
    }

    /// Tells the handles for which operations a CPU reading would cost too much.
    fn note_short_operations(&self) {
        let sites = self.sites.read().unwrap_or_else(PoisonError::into_inner);
        let recording = self.recording();
        for site in &*sites {
            site.note_mean(recording.mean_wall_ns(site.idx));
        }
    }

    fn incomplete(&self) -> Vec<(String, u64)> {
        let outlets = self.outlets();
        let sites = self.sites.read().unwrap_or_else(PoisonError::into_inner);
        let mut n_open = vec![0; sites.len()];
        // A thread that has ended takes its guards along: what it leaves open was leaked.
        for idx in outlets.iter().flat_map(|outlet| outlet.open_operations()) {
            n_open[idx as usize] += 1;
        }
        let named = sites.iter().zip(n_open).filter(|(_, n)| 0 < *n);
        named.map(|(site, n)| (site.name.clone(), n)).collect()
    }
}

/// Sets up a [`Profiler`].
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    enabled: bool,
    ticks: Option<Ticks>,
    cpu: Option<Arc<dyn CpuClock>>,
}

impl Builder {
    /// Begins enabled (the default) or not.
    pub fn enabled(self, enabled: bool) -> Self {
        Self { enabled, ..self }
    }

    /// Takes wall time from this clock instead of the processor's counter.
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self { ticks: Some(Ticks::injected(Arc::new(clock))), ..self }
    }

    /// Takes the CPU time of threads from this clock; `system` builds have one already.
    pub fn cpu_clock(self, clock: impl CpuClock + 'static) -> Self {
        Self { cpu: Some(Arc::new(clock)), ..self }
    }

    /// Leaves CPU time unmeasured.
    pub fn without_cpu_clock(self) -> Self {
        Self { cpu: None, ..self }
    }

    /// Makes the profiler.
    pub fn build(self) -> Profiler {
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        let heap = HeapSource::detect();
        let recording = Recording::new(heap, self.cpu.is_some());
        Profiler {
            shared: Arc::new(Shared {
                id: NEXT_ID.fetch_add(1, Relaxed),
                enabled: AtomicBool::new(self.enabled),
                ticks: self.ticks.unwrap_or_else(Ticks::counter),
                cpu_reading: self.cpu.as_deref().map(cost_of_reading).unwrap_or_default(),
                cpu: self.cpu,
                heap,
                n_lost: AtomicU64::new(0),
                sites: RwLock::default(),
                outlets: Mutex::default(),
                recording: Mutex::new(recording),
            }),
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("enabled", &self.enabled).finish_non_exhaustive()
    }
}

/// Returns the least of some differences, since noise only adds.
fn cost_of_reading(clock: &dyn CpuClock) -> Duration {
    let difference = || Some(clock.thread_cpu()?.abs_diff(clock.thread_cpu()?));
    (0..16).filter_map(|_| difference()).min().unwrap_or_default()
}

#[cfg(feature = "system")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature there is none")]
fn default_cpu_clock() -> Option<Arc<dyn CpuClock>> {
    Some(Arc::new(safelight_probe::ThreadCpu))
}

#[cfg(not(feature = "system"))]
fn default_cpu_clock() -> Option<Arc<dyn CpuClock>> {
    None
}
