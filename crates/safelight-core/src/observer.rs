use std::sync::Arc;

/// A receiver of events.
///
/// It is called with no lock held, on the thread where the event arose, so it should return
/// soon; it may call back into the crate that called it.
/// A panic in it goes on to the code that caused the event.
///
/// ```
/// use std::sync::Mutex;
///
/// use safelight_core::Observer;
///
/// fn work(observer: &dyn Observer<u32>) {
///     observer.observe(&7);
/// }
///
/// let seen = Mutex::new(Vec::new());
/// work(&|event: &u32| seen.lock().unwrap().push(*event));
/// work(&()); // Nobody listens.
/// assert_eq!(seen.into_inner().unwrap(), [7]);
/// ```
pub trait Observer<E>: Send + Sync {
    /// Takes note of one event.
    fn observe(&self, event: &E);
}

impl<E, F: Fn(&E) + Send + Sync> Observer<E> for F {
    fn observe(&self, event: &E) {
        self(event);
    }
}

/// Ignores every event.
impl<E> Observer<E> for () {
    fn observe(&self, _: &E) {}
}

impl<E> Observer<E> for Arc<dyn Observer<E>> {
    fn observe(&self, event: &E) {
        (**self).observe(event);
    }
}

/// Tells both, the first one first.
impl<E, A: Observer<E>, B: Observer<E>> Observer<E> for (A, B) {
    fn observe(&self, event: &E) {
        self.0.observe(event);
        self.1.observe(event);
    }
}
