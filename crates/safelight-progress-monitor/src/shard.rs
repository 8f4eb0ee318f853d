use std::sync::atomic::compiler_fence;

use crate::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};

/// A count with one writer, on cache lines of its own.
///
/// Two lines, as processors fetch them in pairs: beside another thread's count an update
/// would cost six times as much.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Shard {
    count: AtomicU64,
    /// Whether the collector sleeps and wants to be woken by the next update.
    is_armed: AtomicBool,
}

impl Shard {
    pub(crate) fn new() -> Self {
        Self { count: AtomicU64::new(0), is_armed: AtomicBool::new(false) }
    }

    /// Adds, for the one owner; says whether somebody waits for it.
    ///
    /// A plain load, a plain store, and a look at a flag on the same cache line.
    #[inline]
    pub(crate) fn add(&self, n: u64) -> bool {
        let count = self.count.load(Relaxed);
        self.count.store(count.wrapping_add(n), Relaxed);
        // The flag is looked at last; costs no instruction. See `Collector::arm`.
        compiler_fence(SeqCst);
        self.is_armed.load(Relaxed)
    }

    /// Makes it as good as new; nobody owns it.
    #[cfg_attr(shuttle, expect(dead_code, reason = "the checker keeps none"))]
    pub(crate) fn reset(&self) {
        self.count.store(0, SeqCst);
        self.is_armed.store(false, SeqCst);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count.load(SeqCst)
    }

    pub(crate) fn arm(&self) {
        self.is_armed.store(true, SeqCst);
    }

    pub(crate) fn disarm(&self) {
        // Mostly it is not armed, and then its line stays where the writer has it.
        if self.is_armed.load(Relaxed) {
            self.is_armed.store(false, SeqCst);
        }
    }
}
