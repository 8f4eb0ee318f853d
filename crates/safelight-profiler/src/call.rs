use std::num::NonZeroU64;

use crate::{Guard, Operation, Workers, sample::Attributes};

/// One run of an operation, about to begin, with what is known of its input.
///
/// ```
/// # let profiler = safelight_profiler::Profiler::new();
/// let decode = profiler.operation("decode");
/// let pixels = decode
///     .pixels(1920, 1080)
///     .bytes_in(659_882)
///     .try_measure(|| if true { Ok(2_073_600) } else { Err("truncated") });
/// assert_eq!(pixels, Ok(2_073_600));
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing is measured until the run is started"]
pub struct Call<'a> {
    operation: &'a Operation,
    attributes: Attributes,
}

impl<'a> Call<'a> {
    #[inline]
    pub(crate) fn new(operation: &'a Operation) -> Self {
        Self { operation, attributes: Attributes::default() }
    }

    /// States the size of the image in pixels; runs are grouped by it.
    #[inline]
    pub fn pixels(mut self, width: u32, height: u32) -> Self {
        self.attributes.width = width;
        self.attributes.height = height;
        self
    }

    /// States how many encoded bytes go in.
    #[inline]
    pub fn bytes_in(mut self, bytes: u64) -> Self {
        self.attributes.bytes_in = bytes;
        self
    }

    /// States the identity of the content, such as a hash of the encoded bytes.
    ///
    /// Two runs of one operation with one key are a repeat that a cache could save; runs
    /// without a key never are.
    #[inline]
    pub fn key(mut self, key: u64) -> Self {
        // 0 stands for "unknown", so that key becomes its neighbor.
        self.attributes.key = NonZeroU64::new(key).map_or(1, NonZeroU64::get);
        self
    }

    /// Measures a piece of work; a panic is recorded and goes on.
    #[inline]
    pub fn measure<R>(self, work: impl FnOnce() -> R) -> R {
        if !self.operation.is_enabled() {
            return work();
        }
        let guard = self.start();
        let result = work();
        drop(guard);
        result
    }

    /// Measures work that may fail, and records whether it did.
    ///
    /// # Errors
    ///
    /// Returns the error of the work, unchanged.
    #[inline]
    pub fn try_measure<R, E>(self, work: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
        if !self.operation.is_enabled() {
            return work();
        }
        let mut guard = self.start();
        let result = work();
        if result.is_err() {
            guard.fail();
        }
        drop(guard);
        result
    }

    /// Measures work that hands parts of itself to other threads.
    ///
    /// What runs inside [`Workers::run`] counts to this operation: its CPU time and, with
    /// the tracking allocator, its heap.
    /// Each thread counts into the shared peak in batches, so the peak is exact to
    /// `safelight_alloc::SLACK` (64 KiB) for each thread that takes part.
    ///
    /// ```
    /// # let profiler = safelight_profiler::Profiler::new();
    /// let sum = profiler.operation("sum").measure_workers(|workers| {
    ///     std::thread::scope(|scope| {
    ///         let other = scope.spawn(|| workers.run(|| (0..500_u64).sum::<u64>()));
    ///         (500..1000_u64).sum::<u64>() + other.join().unwrap()
    ///     })
    /// });
    /// assert_eq!(sum, 499_500);
    /// ```
    pub fn measure_workers<R>(self, work: impl FnOnce(&Workers) -> R) -> R {
        if !self.operation.is_enabled() {
            return work(&Workers::off());
        }
        let workers = Workers::new(&self.operation.shared);
        let guard = self.start().with_workers(&workers);
        let result = workers.own(|| work(&workers));
        drop(guard);
        result
    }

    /// Measures until the guard is dropped.
    #[inline]
    pub fn start(self) -> Guard<'a> {
        Guard::start(self.operation, self.attributes)
    }
}
