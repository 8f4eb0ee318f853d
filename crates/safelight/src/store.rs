use std::sync::Arc;

use safelight_cache::Cache;

use crate::{Error, RequestKey, Stored};

/// Keeps results; the cache of this workspace is one.
///
/// It is called from many threads. It must call `load` once at most, on the calling thread
/// and with no lock held, where it has no value for the key. It may keep the value that this
/// returned, and must not keep an error: that there was no room is true for a moment only.
///
/// Values are of any type, so it can only keep them as they are, in memory.
///
/// ```
/// use std::{collections::HashMap, sync::{Arc, Mutex}};
///
/// use safelight::{Error, Operation, RequestKey, Safelight, Store, Stored};
///
/// /// Keeps everything for ever, and may load a key twice at once.
/// #[derive(Default)]
/// struct Everything(Mutex<HashMap<RequestKey, Arc<Stored>>>);
///
/// impl Store for Everything {
///     fn get_or_load(
///         &self,
///         key: RequestKey,
///         load: &mut dyn FnMut() -> Result<Stored, Error>,
///     ) -> Result<Arc<Stored>, Error> {
///         if let Some(value) = self.0.lock().unwrap().get(&key) {
///             return Ok(Arc::clone(value));
///         }
///         let value = Arc::new(load()?);
///         self.0.lock().unwrap().insert(key, Arc::clone(&value));
///         Ok(value)
///     }
/// }
///
/// let safelight = Safelight::builder().store(Everything::default()).start()?;
/// for _ in 0..2 {
///     assert_eq!(*safelight.run(Operation::new("length", 1), "sea.jpg", || 7_u32)?, 7);
/// }
/// # Ok::<(), Error>(())
/// ```
pub trait Store: Send + Sync {
    /// Returns the value of a key, by `load` if it is not there.
    ///
    /// # Errors
    ///
    /// With the error of the load, here or in the thread that is waited for.
    fn get_or_load(
        &self,
        key: RequestKey,
        load: &mut dyn FnMut() -> Result<Stored, Error>,
    ) -> Result<Arc<Stored>, Error>;
}

impl Store for Cache<RequestKey, Stored> {
    fn get_or_load(
        &self,
        key: RequestKey,
        load: &mut dyn FnMut() -> Result<Stored, Error>,
    ) -> Result<Arc<Stored>, Error> {
        let operation = key.operation().name();
        let loaded = self.try_get_or_compute(key, load);
        loaded.map_err(|error| Error::of_load(operation, error))
    }
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn get_or_load(
        &self,
        key: RequestKey,
        load: &mut dyn FnMut() -> Result<Stored, Error>,
    ) -> Result<Arc<Stored>, Error> {
        (**self).get_or_load(key, load)
    }
}
