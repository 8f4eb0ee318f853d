use std::sync::atomic::{
    AtomicI64, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};

/// The bytes that one thread may hold back before it tells scopes and process totals.
///
/// A reading that sums n threads is off by at most n times this.
pub const SLACK: u64 = 64 << 10;

/// A shared level of bytes with its watermark, and the threads that add to it.
///
/// All orderings but those of the reset are relaxed: each cell is a sum or a maximum of its
/// own, nothing else is published through it, and whoever needs an exact sum has joined
/// the threads that add to it.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Level {
    current: AtomicI64,
    peak: AtomicI64,
    threads: AtomicU64,
    max_threads: AtomicU64,
}

impl Level {
    pub(crate) const fn new() -> Self {
        Self {
            current: AtomicI64::new(0),
            peak: AtomicI64::new(0),
            threads: AtomicU64::new(0),
            max_threads: AtomicU64::new(0),
        }
    }

    /// Moves the level and the watermark with it.
    pub(crate) fn add(&self, bytes: i64) {
        if bytes != 0 {
            let before = self.current.fetch_add(bytes, Relaxed);
            self.raise_peak(before.wrapping_add(bytes));
        }
    }

    /// Moves the level by work whose peak above the old level is known.
    pub(crate) fn add_with_peak(&self, bytes: i64, peak: u64) {
        let before = self.current.fetch_add(bytes, Relaxed);
        let peak = i64::try_from(peak).unwrap_or(i64::MAX);
        self.raise_peak(before.saturating_add(peak.max(bytes)));
    }

    /// Counts one more thread that adds to this level.
    pub(crate) fn arrive(&self) {
        let threads = self.threads.fetch_add(1, Relaxed).wrapping_add(1);
        if self.max_threads.load(Relaxed) < threads {
            self.max_threads.fetch_max(threads, Relaxed);
        }
    }

    /// Counts one thread less.
    pub(crate) fn leave(&self) {
        self.threads.fetch_sub(1, Relaxed);
    }

    /// Forgets the watermark and the number of threads behind it.
    pub(crate) fn reset_peak(&self) {
        self.peak.store(self.current.load(SeqCst), SeqCst);
        // A thread may have raised both between the load and the store.
        self.peak.fetch_max(self.current.load(SeqCst), SeqCst);
        self.max_threads.store(self.threads.load(SeqCst), SeqCst);
        self.max_threads.fetch_max(self.threads.load(SeqCst), SeqCst);
    }

    pub(crate) fn current(&self) -> i64 {
        self.current.load(Relaxed)
    }

    pub(crate) fn peak(&self) -> u64 {
        u64::try_from(self.peak.load(Relaxed)).unwrap_or(0)
    }

    /// Returns how far current and peak may be from the truth.
    pub(crate) fn slack(&self) -> u64 {
        self.max_threads.load(Relaxed).saturating_mul(SLACK)
    }

    fn raise_peak(&self, to: i64) {
        // The load spares the other threads a write to the shared line.
        if self.peak.load(Relaxed) < to {
            self.peak.fetch_max(to, Relaxed);
        }
    }
}
