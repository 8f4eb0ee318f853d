use std::{
    cell::Cell,
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use safelight_core::{Clock, SystemClock};

use crate::safelight::lock;

#[cfg(test)]
mod tests;

/// Lets so many jobs work at once, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: NonZeroUsize,
    n_inside: usize,
    /// The first one is the next to go in.
    queue: VecDeque<Arc<Condvar>>,
}

/// A place inside, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot<'a>(&'a Gate);

/// A place that somebody else may have, until it is taken back or dropped.
#[derive(Debug)]
pub(crate) struct Lent<'a> {
    gate: &'a Gate,
    is_lent: Cell<bool>,
}

impl Gate {
    pub(crate) fn new(limit: NonZeroUsize) -> Self {
        let state = State { limit, n_inside: 0, queue: VecDeque::new() };
        Self { state: Mutex::new(state) }
    }

    pub(crate) fn limit(&self) -> usize {
        self.state().limit.get()
    }

    pub(crate) fn n_inside(&self) -> usize {
        self.state().n_inside
    }

    pub(crate) fn n_waiting(&self) -> usize {
        self.state().queue.len()
    }

    /// Changes the limit; who is inside stays.
    pub(crate) fn set_limit(&self, limit: NonZeroUsize) {
        let mut state = self.state();
        state.limit = limit;
        state.call_next();
    }

    /// Waits for a place for so long; `None` when there was none.
    pub(crate) fn enter(&self, patience: Duration) -> Option<Slot<'_>> {
        let mut state = self.state();
        if state.queue.is_empty() && state.has_room() {
            state.n_inside += 1;
            return Some(Slot(self));
        }
        // A deadline that no clock reaches is none.
        let deadline = SystemClock.now().checked_add(patience);
        let call = Arc::new(Condvar::new());
        state.queue.push_back(Arc::clone(&call));
        while !state.is_turn_of(&call) {
            let left = deadline.map(|at| at.saturating_duration_since(SystemClock.now()));
            if left == Some(Duration::ZERO) {
                // There is no room, so nobody behind need be called.
                state.queue.retain(|waiting| !Arc::ptr_eq(waiting, &call));
                return None;
            }
            state = wait(&call, state, left);
        }
        state.queue.pop_front();
        state.n_inside += 1;
        state.call_next();
        Some(Slot(self))
    }

    /// Gives up the place of the caller, who has one, for as long as it waits for others.
    ///
    /// It is taken back without a wait, so that for a while there may be more inside than
    /// the limit says: as many as have lent theirs.
    pub(crate) fn lend(&self) -> Lent<'_> {
        self.leave();
        Lent { gate: self, is_lent: Cell::new(true) }
    }

    fn leave(&self) {
        let mut state = self.state();
        state.n_inside -= 1;
        state.call_next();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn has_room(&self) -> bool {
        self.n_inside < self.limit.get()
    }

    fn is_turn_of(&self, call: &Arc<Condvar>) -> bool {
        self.has_room() && self.queue.front().is_some_and(|next| Arc::ptr_eq(next, call))
    }

    /// Has the first one that waits look, where there is room for it.
    fn call_next(&self) {
        if let Some(next) = self.queue.front().filter(|_| self.has_room()) {
            next.notify_one();
        }
    }
}

impl Lent<'_> {
    /// Takes the place back; what is back already stays.
    pub(crate) fn take_back(&self) {
        if self.is_lent.replace(false) {
            self.gate.state().n_inside += 1;
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.take_back();
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

fn wait<'a>(
    call: &Condvar,
    state: MutexGuard<'a, State>,
    longest: Option<Duration>,
) -> MutexGuard<'a, State> {
    match longest {
        Some(longest) => {
            let waited = call.wait_timeout(state, longest);
            waited.unwrap_or_else(PoisonError::into_inner).0
        }
        None => call.wait(state).unwrap_or_else(PoisonError::into_inner),
    }
}
