use std::sync::Arc;

use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};

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
}

impl Level {
    pub(crate) fn depth(&self) -> u64 {
        self.depth.load(Relaxed)
    }
}

impl Gauge {
    pub(crate) fn new(id: u64, name: &str) -> Self {
        let level = Level { id, name: name.into(), depth: AtomicU64::new(0) };
        Self { level: Arc::new(level) }
    }

    pub(crate) fn level(&self) -> &Arc<Level> {
        &self.level
    }

    /// Says how many wait now.
    pub fn set(&self, depth: u64) {
        self.level.depth.store(depth, Relaxed);
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
        let mut old = depth.load(Relaxed);
        while let Err(other) =
            depth.compare_exchange_weak(old, update(old), Relaxed, Relaxed)
        {
            old = other;
        }
    }
}
