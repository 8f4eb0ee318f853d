use std::{error::Error, hash::Hash};

use crate::{
    Cache, Weigh,
    shared::{Asker, Found},
};

/// What [`Cache::warm`](crate::Cache::warm) did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Warmed {
    /// Keys that were loaded and are held now.
    pub n_loaded: usize,
    /// Keys that were there already.
    pub n_present: usize,
    /// Keys whose load failed or panicked.
    pub n_failed: usize,
    /// Keys that are not held, because there is no more room.
    pub n_left: usize,
}

impl<K, V> Cache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    /// Loads keys, the most wanted first, until a value of each class found no room; evicts
    /// nothing.
    ///
    /// The loads count as loads, but not as requests.
    ///
    /// ```
    /// use safelight_cache::Cache;
    ///
    /// let of_last_run = ["tree.jpg", "sea.jpg", "gone.jpg"];
    /// let cache: Cache<&str, Vec<u8>> = Cache::default();
    /// let warmed = cache.warm(of_last_run, |name| match *name {
    ///     "gone.jpg" => Err("no such file"),
    ///     _ => Ok(vec![0; 1000]),
    /// });
    /// assert_eq!((warmed.n_loaded, warmed.n_failed), (2, 1));
    /// ```
    pub fn warm<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        keys: impl IntoIterator<Item = K>,
        mut work: impl FnMut(&K) -> Result<V, E>,
    ) -> Warmed {
        let mut warmed = Warmed::default();
        let mut has_room = [true; 2];
        let mut keys = keys.into_iter();
        for key in keys.by_ref() {
            if self.contains(&key) {
                warmed.n_present += 1;
                continue;
            }
            let is_there = match self.shared.join(&key, Asker::Warmer) {
                Found::Absent(flight) => {
                    match self.shared.load(key.clone(), flight, || work(&key)) {
                        Err(_) => warmed.n_failed += 1,
                        Ok(_) if self.shared.owned(&key).is_some() => {
                            warmed.n_loaded += 1;
                        }
                        Ok(value) => {
                            warmed.n_left += 1;
                            // One that is too large for any room says nothing of the others.
                            if let Some(class) = self.shared.class_for(&value) {
                                has_room[class as usize] = false;
                            }
                            if !self.shared.has_room(has_room) {
                                break;
                            }
                        }
                    }
                    continue;
                }
                Found::Loading(flight) => flight.wait().is_ok(),
                Found::Failure(_) => false,
                // `Nested`: it is being loaded by the very thread that warms.
                Found::Value(_) | Found::Nested(_) => true,
            };
            if is_there {
                warmed.n_present += 1;
            } else {
                warmed.n_failed += 1;
            }
        }
        warmed.n_left += keys.count();
        warmed
    }
}
