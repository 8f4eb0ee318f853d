use std::sync::{Arc, PoisonError};

use crate::{
    LoadError,
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
    is_warming: bool,
    n_nested: AtomicU32,
    outcome: Mutex<Option<Outcome<V>>>,
    landed: Condvar,
}

/// How a load ended.
pub(crate) type Outcome<V> = Result<Arc<V>, LoadError>;

/// How often one thread may come upon its own load; each is a frame on the stack.
const MAX_NESTED: u32 = 16;

impl<V> Flight<V> {
    /// Starts one on this thread.
    pub(crate) fn start(is_warming: bool) -> Self {
        Self {
            pilot: thread::current().id(),
            is_warming,
            n_nested: AtomicU32::new(0),
            outcome: Mutex::new(None),
            landed: Condvar::new(),
        }
    }

    /// Whether the load fills the cache beforehand.
    pub(crate) fn is_warming(&self) -> bool {
        self.is_warming
    }

    /// Whether this thread does the load, so that waiting for it would never end.
    ///
    /// It is so where a worker of a thread pool, waiting within the load, takes up a task
    /// that asks for the same key.
    ///
    /// # Panics
    ///
    /// When that happened again and again, as it does where a load asks for its own key.
    pub(crate) fn is_own(&self) -> bool {
        let is_own = self.pilot == thread::current().id();
        if is_own {
            let n_nested = self.n_nested.fetch_add(1, Relaxed);
            assert!(n_nested < MAX_NESTED, "the load of a key asks for that same key");
        }
        is_own
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
