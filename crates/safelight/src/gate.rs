use std::{
    num::NonZeroUsize,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use safelight_core::{Clock, SystemClock};

/// Lets so many jobs work at once.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    limit: NonZeroUsize,
    n_inside: usize,
    n_waiting: usize,
}

/// A place inside, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot<'a>(&'a Gate);

impl Gate {
    pub(crate) fn new(limit: NonZeroUsize) -> Self {
        let state = Mutex::new(State { limit, n_inside: 0, n_waiting: 0 });
        Self { state, changed: Condvar::new() }
    }

    pub(crate) fn limit(&self) -> usize {
        self.state().limit.get()
    }

    pub(crate) fn n_inside(&self) -> usize {
        self.state().n_inside
    }

    pub(crate) fn n_waiting(&self) -> usize {
        self.state().n_waiting
    }

    /// Changes the limit; who is inside stays.
    pub(crate) fn set_limit(&self, limit: NonZeroUsize) {
        self.state().limit = limit;
        self.changed.notify_all();
    }

    /// Waits for a place for so long; `None` when there was none.
    pub(crate) fn enter(&self, patience: Duration) -> Option<Slot<'_>> {
        let deadline = SystemClock.now().checked_add(patience);
        let mut state = self.state();
        state.n_waiting += 1;
        while state.limit.get() <= state.n_inside {
            // A deadline that no clock reaches is none.
            let left = deadline.map(|at| at.saturating_duration_since(SystemClock.now()));
            state = match left {
                Some(Duration::ZERO) => {
                    state.n_waiting -= 1;
                    return None;
                }
                Some(left) => {
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.changed.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
        state.n_waiting -= 1;
        state.n_inside += 1;
        Some(Slot(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.state().n_inside -= 1;
        self.0.changed.notify_one();
    }
}
