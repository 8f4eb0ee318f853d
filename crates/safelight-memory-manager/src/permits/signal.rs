use std::{
    sync::{Arc, PoisonError},
    task::Wake,
    time::Duration,
};

use crate::sync::{Condvar, Mutex, lock};

/// Wakes a thread as an executor wakes a task.
#[derive(Default)]
pub(super) struct Signal {
    is_raised: Mutex<bool>,
    raised: Condvar,
}

impl Signal {
    /// Waits until it is raised or the time is over, and lowers it.
    pub(super) fn wait(&self, timeout: Option<Duration>) {
        let mut is_raised = lock(&self.is_raised);
        if !*is_raised {
            is_raised = match timeout {
                None => {
                    self.raised.wait(is_raised).unwrap_or_else(PoisonError::into_inner)
                }
                Some(timeout) => {
                    let woken = self.raised.wait_timeout(is_raised, timeout);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        *is_raised = false;
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        *lock(&self.is_raised) = true;
        self.raised.notify_one();
    }
}
