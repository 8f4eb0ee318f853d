use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use crate::{Call, Guard, Workers, guard::Frame, profiler::Shared};

/// Below this mean an operation's CPU time is read for some runs only, in nanoseconds.
///
/// A pair of readings costs about 400 ns, so it stays at 1 % of the operation.
const CPU_ALWAYS_FROM_NS: u64 = 40_000;

/// An operation that can be measured; cheap to clone, meant to be kept.
///
/// See [`Profiler`](crate::Profiler) for an example.
#[derive(Clone)]
pub struct Operation {
    pub(crate) shared: Arc<Shared>,
    pub(crate) site: Arc<Site>,
}

/// What all handles of one operation share.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) idx: u32,
    /// Whether runs are so short that reading the CPU time of each would cost too much.
    short: AtomicBool,
}

impl Site {
    pub(crate) fn new(name: &str, idx: u32) -> Self {
        Self { name: name.to_owned(), idx, short: AtomicBool::new(false) }
    }

    pub(crate) fn note_mean(&self, mean_ns: Option<u64>) {
        let short = mean_ns.is_some_and(|mean| mean < CPU_ALWAYS_FROM_NS);
        self.short.store(short, Relaxed);
    }

    #[inline]
    pub(crate) fn is_short(&self) -> bool {
        self.short.load(Relaxed)
    }
}

impl Operation {
    pub(crate) fn new(shared: Arc<Shared>, site: Arc<Site>) -> Self {
        Self { shared, site }
    }

    /// Returns the name under which it is reported.
    pub fn name(&self) -> &str {
        &self.site.name
    }

    /// Begins a run on an image of this size, in pixels.
    #[inline]
    pub fn pixels(&self, width: u32, height: u32) -> Call<'_> {
        self.call().pixels(width, height)
    }

    /// Begins a run on this many encoded bytes.
    #[inline]
    pub fn bytes_in(&self, bytes: u64) -> Call<'_> {
        self.call().bytes_in(bytes)
    }

    /// Begins a run on the content with this identity; see [`Call::key`].
    #[inline]
    pub fn key(&self, key: u64) -> Call<'_> {
        self.call().key(key)
    }

    /// Begins a run about which nothing is known.
    #[inline]
    pub fn call(&self) -> Call<'_> {
        Call::new(self)
    }

    /// Measures a piece of work; a panic is recorded and goes on.
    #[inline]
    pub fn measure<R>(&self, work: impl FnOnce() -> R) -> R {
        self.call().measure(work)
    }

    /// Measures work that may fail, and records whether it did.
    ///
    /// # Errors
    ///
    /// Returns the error of the work, unchanged.
    #[inline]
    pub fn try_measure<R, E>(&self, work: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
        self.call().try_measure(work)
    }

    /// Measures work that hands parts of itself to other threads.
    pub fn measure_workers<R>(&self, work: impl FnOnce(&Workers) -> R) -> R {
        self.call().measure_workers(work)
    }

    /// Measures until the guard is dropped.
    #[inline]
    pub fn start(&self) -> Guard<'_> {
        self.call().start()
    }

    /// Begins measuring on this thread, unless the profiler is off.
    #[inline]
    pub(crate) fn enter(&self) -> Option<Frame> {
        if self.is_enabled() { Frame::open(self) } else { None }
    }

    #[inline]
    pub(crate) fn is_enabled(&self) -> bool {
        self.shared.enabled.load(Relaxed)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("name", &self.site.name).finish_non_exhaustive()
    }
}
