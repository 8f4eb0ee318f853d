use std::{
    any::{Any, type_name},
    fmt,
    marker::PhantomData,
    ops::Deref,
    sync::Arc,
};

use safelight_cache::{Class, Weigh};
use safelight_core::ByteSize;

/// A result of any type, as a [`Store`](crate::Store) keeps it.
pub struct Stored {
    value: Box<dyn Any + Send + Sync>,
    heap: ByteSize,
    class: Class,
}

/// What a value owns outside of itself, and the budget it lives on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    pub(crate) heap: ByteSize,
    pub(crate) class: Class,
}

impl Weight {
    pub(crate) fn of<T: Weigh>(value: &T) -> Self {
        Self { heap: value.heap(), class: value.class() }
    }
}

impl Stored {
    pub(crate) fn new<T: Send + Sync + 'static>(value: T, weight: Weight) -> Self {
        // The box is heap of its own.
        let heap = ByteSize::from_len(size_of::<T>()) + weight.heap;
        Self { value: Box::new(value), heap, class: weight.class }
    }
}

impl Weigh for Stored {
    fn heap(&self) -> ByteSize {
        self.heap
    }

    fn class(&self) -> Class {
        self.class
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("heap", &self.heap)
            .field("class", &self.class)
            .finish_non_exhaustive()
    }
}

/// A result that others may hold as well; it derefs to it.
///
/// Nothing is copied; clones count one holder more.
pub struct Shared<T> {
    stored: Arc<Stored>,
    value: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Shared<T> {
    /// Takes what was stored under a key that has the type in it.
    pub(crate) fn new(stored: Arc<Stored>) -> Option<Self> {
        stored.value.is::<T>().then_some(Self { stored, value: PhantomData })
    }
}

impl<T: Send + Sync + 'static> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.stored.value.downcast_ref().expect("the type was compared when it was made")
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { stored: Arc::clone(&self.stored), value: PhantomData }
    }
}

impl<T: fmt::Debug + Send + Sync + 'static> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Names a type in an error.
pub(crate) fn name_of<T>() -> &'static str {
    type_name::<T>()
}
