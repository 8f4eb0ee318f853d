use std::{sync::PoisonError, time::Duration};

use crate::sync::{Condvar, Mutex, lock};

/// What the driver sleeps on.
#[derive(Debug)]
pub(crate) struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the driver found nothing to show and waits for the first update.
    is_idle: bool,
    is_woken: bool,
    is_stopped: bool,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The time has passed.
    Due,
    /// There is something new after idleness.
    Woken,
    /// There is nothing to wait for any more.
    Stopped,
}

impl Signal {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::default()), changed: Condvar::new() }
    }

    /// From here on a wake ends the wait, also one that came since the last
    /// [`set_busy`](Self::set_busy).
    pub(crate) fn set_idle(&self) {
        lock(&self.state).is_idle = true;
    }

    /// Says that the driver is up; returns whether something roused it.
    pub(crate) fn set_busy(&self) -> bool {
        let mut state = lock(&self.state);
        let is_roused = state.is_roused();
        state.is_idle = false;
        state.is_woken = false;
        is_roused
    }

    /// Ends the wait of an idle driver; a busy one comes by itself.
    #[cold]
    pub(crate) fn wake(&self) {
        let mut state = lock(&self.state);
        state.is_woken = true;
        if state.is_idle {
            self.changed.notify_all();
        }
    }

    /// Lets a new driver begin where another one was stopped.
    pub(crate) fn start(&self) {
        lock(&self.state).is_stopped = false;
    }

    pub(crate) fn stop(&self) {
        lock(&self.state).is_stopped = true;
        self.changed.notify_all();
    }

    /// Waits that long at most.
    pub(crate) fn wait(&self, longest: Duration) -> Wait {
        let state = lock(&self.state);
        let sleeps = |state: &mut State| !state.is_roused() && !state.is_stopped;
        let waited = self.changed.wait_timeout_while(state, longest, sleeps);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match (state.is_stopped, state.is_roused()) {
            (true, _) => Wait::Stopped,
            (false, true) => Wait::Woken,
            (false, false) => Wait::Due,
        }
    }
}

impl State {
    fn is_roused(&self) -> bool {
        self.is_idle && self.is_woken
    }
}
