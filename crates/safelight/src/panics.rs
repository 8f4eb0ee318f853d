use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use safelight_core::Observer;

use crate::Event;

/// Contains the panics of what was handed in, and counts them.
#[derive(Debug, Default)]
pub(crate) struct Panics(AtomicU64);

impl Panics {
    /// Calls; a panic ends here, and what was called is not called again for it.
    pub(crate) fn contain<T>(&self, call: impl FnOnce() -> T) -> Option<T> {
        // What is called looks after its own state, and nothing of ours is half done: see
        // the callers.
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(value) => Some(value),
            Err(panic) => {
                forget(panic);
                self.0.fetch_add(1, Relaxed);
                None
            }
        }
    }

    pub(crate) fn n(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Who is told of what happens, if anybody is.
#[derive(Clone)]
pub(crate) struct Listener {
    observer: Option<Arc<dyn Observer<Event>>>,
    panics: Arc<Panics>,
}

impl Listener {
    pub(crate) fn new(
        observer: Option<Arc<dyn Observer<Event>>>,
        panics: Arc<Panics>,
    ) -> Self {
        Self { observer, panics }
    }

    pub(crate) fn is_there(&self) -> bool {
        self.observer.is_some()
    }

    /// Tells of an event; that must be done with no lock held.
    pub(crate) fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(observer) = &self.observer {
            self.panics.contain(|| observer.observe(&event()));
        }
    }
}

/// Returns what a panic said.
pub(crate) fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}

/// Drops what a panic carried; where that panics as well, what it carries is leaked.
pub(crate) fn forget(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        mem::forget(again);
    }
}
