use std::{
    any::{Any, TypeId},
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use safelight_cache::Operation;

/// The key of a result in a [`Store`](crate::Store): operation, type of the result, and the
/// key that the caller gave.
///
/// Keys are equal where all of these are equal, and never because two hashes are.
#[derive(Clone)]
pub struct RequestKey {
    operation: Operation,
    result: TypeId,
    given: Arc<dyn Given>,
}

impl RequestKey {
    pub(crate) fn new<T: 'static>(
        operation: Operation,
        given: impl Hash + Eq + Send + Sync + 'static,
    ) -> Self {
        Self { operation, result: TypeId::of::<T>(), given: Arc::new(given) }
    }

    /// Returns the operation and the version of its code.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Returns the key that the caller gave, if it is a `K`.
    pub fn downcast_ref<K: 'static>(&self) -> Option<&K> {
        (*self.given).as_any().downcast_ref()
    }
}

/// A key whose type is not known here.
trait Given: Send + Sync {
    fn as_any(&self) -> &dyn Any;

    fn is_equal(&self, other: &dyn Any) -> bool;

    fn hash_into(&self, state: &mut dyn Hasher);
}

impl<K: Hash + Eq + Send + Sync + 'static> Given for K {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is_equal(&self, other: &dyn Any) -> bool {
        other.downcast_ref().is_some_and(|other| self == other)
    }

    fn hash_into(&self, mut state: &mut dyn Hasher) {
        self.hash(&mut state);
    }
}

impl PartialEq for RequestKey {
    fn eq(&self, other: &Self) -> bool {
        self.operation == other.operation
            && self.result == other.result
            && self.given.is_equal((*other.given).as_any())
    }
}

impl Eq for RequestKey {}

impl Hash for RequestKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.operation.hash(state);
        self.given.hash_into(state);
    }
}

impl fmt::Debug for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestKey")
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}
