use std::sync::Arc;

use safelight_cache::Cache;

use crate::{Error, RequestKey, Stored};

/// Keeps results; the cache of this workspace is one.
///
/// It is called from many threads. It must call `load` once at most, on the calling thread
/// and with no lock held, where it has no value for the key; it may keep what that returned.
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
