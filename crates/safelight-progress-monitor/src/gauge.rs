use std::sync::Arc;

use crate::{
    signal::Signal,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
};

/// The depth of a queue, which the pipeline itself says; clones share it.
///
/// It is shown as long as one of them lives.
///
/// The monitor cannot guess how much waits: the number of trackers is no queue.
///
/// ```
/// use safelight_progress_monitor::Monitor;
///
/// let monitor = Monitor::new();
/// let waiting = monitor.gauge("waiting for a decoder");
/// waiting.add(3);
/// waiting.sub(1);
/// assert_eq!(waiting.depth(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Gauge {
    level: Arc<Level>,
}

#[derive(Debug)]
pub(crate) struct Level {
    /// Its number within the monitor, in the order of creation.
    pub(crate) id: u64,
    pub(crate) name: Arc<str>,
    depth: AtomicU64,
    /// Whether the collector sleeps and wants to be woken by the next change.
    is_armed: AtomicBool,
    signal: Arc<Signal>,
}

impl Level {
    pub(crate) fn depth(&self) -> u64 {
        self.depth.load(SeqCst)
    }

    pub(crate) fn arm(&self) {
        self.is_armed.store(true, SeqCst);
    }

    pub(crate) fn disarm(&self) {
        self.is_armed.store(false, SeqCst);
    }

    /// Wakes the collector, if it waits for a change.
    fn note_change(&self) {
        if self.is_armed.load(SeqCst) {
            self.signal.wake();
        }
    }
}

impl Gauge {
    pub(crate) fn new(id: u64, name: &str, signal: Arc<Signal>) -> Self {
        let (depth, is_armed) = (AtomicU64::new(0), AtomicBool::new(false));
        let level = Level { id, name: name.into(), depth, is_armed, signal };
        Self { level: Arc::new(level) }
    }

    pub(crate) fn level(&self) -> &Arc<Level> {
        &self.level
    }

    /// Says how many wait now.
    pub fn set(&self, depth: u64) {
        if self.level.depth.swap(depth, SeqCst) != depth {
            self.level.note_change();
        }
    }

    /// Says that so many more wait; stops at the largest number.
    pub fn add(&self, n: u64) {
        self.update(|depth| depth.saturating_add(n));
    }

    /// Says that so many wait no more; stops at 0.
    pub fn sub(&self, n: u64) {
        self.update(|depth| depth.saturating_sub(n));
    }

    /// Returns how many wait.
    pub fn depth(&self) -> u64 {
        self.level.depth()
    }

    fn update(&self, update: impl Fn(u64) -> u64) {
        let depth = &self.level.depth;
        let mut old = depth.load(SeqCst);
        while let Err(other) =
            depth.compare_exchange_weak(old, update(old), SeqCst, SeqCst)
        {
            old = other;
        }
        if update(old) != old {
            self.level.note_change();
        }
    }
}
