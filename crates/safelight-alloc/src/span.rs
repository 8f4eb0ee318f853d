use std::{marker::PhantomData, mem};

use crate::{Usage, local};

/// A measurement of the heap on one thread, exact to the byte.
///
/// Starting and finishing reads and writes a few cells of the thread; nothing is allocated.
/// Spans nest: the inner one saves the watermark of the outer one and gives it back, also
/// when it is dropped without [`finish`](Self::finish).
/// Spans on one thread must end in the reverse order of their start. Where they overlap
/// instead, only the peaks are wrong: that of the span that ends first counts from the
/// start of the other (and is 0 where it all lay lower), and that of the other may hold
/// what was reached before its own start. Work of other threads is not in it: that takes
/// a [`Scope`](crate::Scope).
///
/// ```
/// use safelight_alloc::{Span, TrackingAlloc};
///
/// #[global_allocator]
/// static ALLOC: TrackingAlloc = TrackingAlloc::system();
///
/// let outer = Span::start();
/// let kept = vec![0_u8; 1_000];
/// let ((), inner) = Span::measure(|| drop(std::hint::black_box(vec![0_u8; 500])));
/// assert_eq!((inner.peak_bytes, inner.net_bytes), (500, 0));
/// let usage = outer.finish();
/// assert_eq!((usage.peak_bytes, usage.net_bytes), (1_500, 1_000));
/// # drop(kept);
/// ```
#[must_use = "a span that is dropped at once measures nothing"]
#[derive(Debug)]
pub struct Span {
    net: i64,
    /// The watermark of the enclosing span.
    outer_peak: i64,
    allocated: u64,
    allocations: u64,
    /// The cells belong to the thread that started it.
    not_send: PhantomData<*const ()>,
}

impl Span {
    /// Starts to measure the calling thread.
    #[inline]
    pub fn start() -> Self {
        local::with(|local| {
            let net = local.net.get();
            Self {
                net,
                outer_peak: local.peak.replace(net),
                allocated: local.allocated.get(),
                allocations: local.allocations.get(),
                not_send: PhantomData,
            }
        })
        // Made only where it is needed: dropping one gives a watermark back.
        .unwrap_or_else(|| Self {
            net: 0,
            outer_peak: 0,
            allocated: 0,
            allocations: 0,
            not_send: PhantomData,
        })
    }

    /// Measures one call; returns what it returned and what it used.
    #[inline]
    pub fn measure<R>(work: impl FnOnce() -> R) -> (R, Usage) {
        let span = Self::start();
        let value = work();
        (value, span.finish())
    }

    /// Returns what was used so far; the span goes on.
    ///
    /// Inner spans must have ended, or the peak counts from the start of the last of them.
    #[inline]
    pub fn so_far(&self) -> Usage {
        local::with(|local| Usage {
            // Below zero only where a later span has lowered the watermark and still runs.
            peak_bytes: local.peak.get().wrapping_sub(self.net).max(0) as u64,
            net_bytes: local.net.get().wrapping_sub(self.net),
            allocated_bytes: local.allocated.get().wrapping_sub(self.allocated),
            allocations: local.allocations.get().wrapping_sub(self.allocations),
        })
        .unwrap_or_default()
    }

    /// Ends the measurement; all zero where the allocator is not installed.
    #[inline]
    pub fn finish(self) -> Usage {
        let usage = self.so_far();
        self.restore();
        mem::forget(self);
        usage
    }

    /// Gives the watermark back to the enclosing span.
    #[inline]
    fn restore(&self) {
        local::with(|local| local.peak.set(local.peak.get().max(self.outer_peak)));
    }
}

impl Drop for Span {
    #[inline]
    fn drop(&mut self) {
        self.restore();
    }
}
