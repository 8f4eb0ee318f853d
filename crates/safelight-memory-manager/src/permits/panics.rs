use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

/// Holds back the panics of calls, so that all calls are made; the first one goes on later.
#[derive(Default)]
pub(super) struct Panics {
    first: Option<Box<dyn Any + Send>>,
}

impl Panics {
    /// Makes a call; `None` where it panicked.
    pub(super) fn hold<R>(&mut self, call: impl FnOnce() -> R) -> Option<R> {
        // What was called is for its owner to look after; nothing of ours is half done.
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(result) => Some(result),
            Err(panic) => {
                self.first.get_or_insert(panic);
                None
            }
        }
    }

    /// Lets the first panic go on, if there was one.
    pub(super) fn resume(self) {
        if let Some(panic) = self.first {
            resume_unwind(panic);
        }
    }
}
