use std::sync::{Arc, PoisonError};

use crate::{
    LoadError,
    shared::Asker,
    sync::{
        Condvar, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
        lock,
        thread::{self, ThreadId},
    },
};

/// A load that others may wait for.
pub(crate) struct Flight<V> {
    pilot: ThreadId,
    asker: Asker,
    depth: AtomicU32,
    outcome: Mutex<Option<Outcome<V>>>,
    landed: Condvar,
}

/// How a load ended.
pub(crate) type Outcome<V> = Result<Arc<V>, LoadError>;

/// How deep loads of one key may lie in one another.
const MAX_DEPTH: u32 = 16;

impl<V> Flight<V> {
    /// Starts one on this thread.
    pub(crate) fn start(asker: Asker) -> Self {
        Self {
            pilot: thread::current().id(),
            asker,
            depth: AtomicU32::new(0),
            outcome: Mutex::new(None),
            landed: Condvar::new(),
        }
    }

    /// Whether the load fills the cache beforehand.
    pub(crate) fn is_warming(&self) -> bool {
        self.asker == Asker::Warmer
    }

    /// Whether this thread does the load, so that waiting for it would never end.
    ///
    /// It is so where a worker of a thread pool, waiting within the load, takes up a task
    /// that asks for the same key.
    pub(crate) fn is_own(&self) -> bool {
        self.pilot == thread::current().id()
    }

    /// Does work for the key of this load within the load.
    ///
    /// # Panics
    ///
    /// When that goes deeper and deeper, as it does where a load asks for its own key.
    pub(crate) fn nest<R>(&self, work: impl FnOnce() -> R) -> R {
        struct Level<'a>(&'a AtomicU32);

        impl Drop for Level<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Relaxed);
            }
        }

        let depth = self.depth.fetch_add(1, Relaxed);
        let _level = Level(&self.depth);
        assert!(depth < MAX_DEPTH, "the load of a key asks for that same key");
        work()
    }

    /// Ends the load, and wakes all who wait.
    pub(crate) fn land(&self, outcome: Outcome<V>) {
        *lock(&self.outcome) = Some(outcome);
        self.landed.notify_all();
    }

    /// Waits until the load has ended.
    pub(crate) fn wait(&self) -> Outcome<V> {
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(outcome) = &*outcome {
                return outcome.clone();
            }
            outcome = self.landed.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
