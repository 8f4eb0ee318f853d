use std::sync::{Arc, PoisonError, RwLock};

/// A setting that results depend on, with the number of times that it was changed.
///
/// The number is part of the keys of those results: what was kept under a former setting is
/// not given out.
#[derive(Debug)]
pub(crate) struct Versioned<T>(RwLock<(Arc<T>, u64)>);

impl<T: Clone + PartialEq> Versioned<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(RwLock::new((Arc::new(value), 0)))
    }

    pub(crate) fn get(&self) -> (Arc<T>, u64) {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&current.0), current.1)
    }

    /// Sets it; the same again is no change.
    pub(crate) fn set(&self, value: &T) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if *current.0 != *value {
            *current = (Arc::new(value.clone()), current.1 + 1);
        }
    }
}
