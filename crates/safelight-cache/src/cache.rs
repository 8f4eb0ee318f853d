use std::{borrow::Borrow, error::Error, fmt, hash::Hash, sync::Arc, time::Duration};

use safelight_core::{ByteSize, Clock, Consumer, Observer, Pressure};

use crate::{
    Builder, Class, Config, Evicted, Limits, LoadError, Pinned, Stats, Usage, Weigh,
    shared::{Asker, Found, Shared},
};

/// A cache whose limits hold in bytes and in entries at every moment.
///
/// A handle: clones share one cache, from any thread.
/// What it gives out is an [`Arc`]: nothing is copied, and nobody can change what is cached.
/// A value that was evicted while somebody holds it comes back at the next request.
///
/// The limits are about what the cache owns; what a user still holds is the user's, and so
/// is a value between the end of its load and its place in the cache.
///
/// ```
/// use safelight_cache::Cache;
///
/// let cache: Cache<&str, Vec<u8>> = Cache::default();
/// let thumbnail = cache.get_or_compute("tree.jpg", || vec![0; 64 * 64 * 3]);
/// let again = cache.get_or_compute("tree.jpg", || unreachable!("it is there"));
/// assert!(std::sync::Arc::ptr_eq(&thumbnail, &again));
/// println!("{}", cache.stats());
/// ```
pub struct Cache<K, V>
where
    K: Send + Sync,
    V: Send + Sync,
{
    pub(crate) shared: Arc<Shared<K, V>>,
}

/// One with the limits of [`Limits::default`].
impl<K, V> Default for Cache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    fn default() -> Self {
        Self::builder().build()
    }
}

impl<K, V> Cache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    /// What the cache keeps for each entry beside the value, counted in its weight.
    ///
    /// The heap that a key owns is not known and not counted.
    pub const OVERHEAD: ByteSize =
        ByteSize::from_bytes(crate::slot::Slot::<K, V>::OVERHEAD);

    /// Makes a cache that may hold so many bytes, in any number of entries of any class.
    pub fn new(bytes: ByteSize) -> Self {
        Self::builder().limits(Limits { bytes, entries: None }).small(None).build()
    }

    /// Sets a cache up, with the defaults of [`Config`].
    pub fn builder() -> Builder<K, V> {
        Builder::new()
    }

    pub(crate) fn from_parts(
        config: Config,
        clock: Arc<dyn Clock>,
        observer: Option<Arc<dyn Observer<Evicted<K>>>>,
    ) -> Self {
        Self { shared: Arc::new(Shared::new(&config, clock, observer)) }
    }

    /// Returns the value of a key, if it is there and its time is not over.
    #[inline]
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        let value = self.shared.find(key);
        if value.is_none() {
            self.shared.count_miss();
        }
        value
    }

    /// Returns the value of a key, by `work` if it is not there.
    ///
    /// However many threads ask at once, one does the work and the others wait for it.
    /// The work may ask this cache for other keys; two loads that ask for each other's key
    /// on two threads wait for ever.
    /// A value that is removed or replaced while its load goes on is returned, but not kept.
    ///
    /// # Panics
    ///
    /// When the work panics, here or in the thread that is waited for; the next call tries
    /// again. Also when the work asks for its own key deeper and deeper; a worker of a thread
    /// pool may meet its own key once within it, and then does the work twice.
    pub fn get_or_compute(&self, key: K, work: impl FnOnce() -> V) -> Arc<V> {
        if let Some(value) = self.shared.find(&key) {
            return value;
        }
        let mut asker = Asker::Infallible;
        loop {
            match self.shared.join(&key, asker) {
                Found::Value(value) => return value,
                Found::Loading(flight) => {
                    let outcome = flight.wait();
                    // The work of another caller can fail, this one cannot: ask again.
                    let is_final =
                        outcome.as_ref().map_or_else(LoadError::is_panic, |_| true);
                    if is_final {
                        self.shared.count_miss();
                        return outcome.unwrap_or_else(|error| panic!("{error}"));
                    }
                    asker = Asker::Again;
                }
                Found::Absent(flight) => {
                    self.shared.count_miss();
                    let work = || Ok::<_, LoadError>(work());
                    let loaded = self.shared.load(key, flight, work);
                    return loaded.unwrap_or_else(|failed| failed.resume());
                }
                Found::Nested(flight) => {
                    self.shared.count_miss();
                    return Arc::new(flight.nest(work));
                }
                Found::Failure(error) => unreachable!("it was not asked for: {error}"),
            }
        }
    }

    /// Returns the value of a key, by `work` that may fail if it is not there.
    ///
    /// It is otherwise as [`get_or_compute`](Self::get_or_compute).
    /// A failure is remembered where [`Config::failure_ttl`] says so.
    ///
    /// ```
    /// use safelight_cache::Cache;
    ///
    /// let cache: Cache<&str, String> = Cache::default();
    /// let error = cache.try_get_or_compute("absent", || std::fs::read_to_string("absent"));
    /// let error = error.unwrap_err();
    /// assert!(error.downcast_ref::<std::io::Error>().is_some());
    /// ```
    ///
    /// # Errors
    ///
    /// When the work fails or panics, here, in the thread that is waited for, or a short
    /// while ago.
    ///
    /// # Panics
    ///
    /// When the work asks for its own key, deeper and deeper.
    pub fn try_get_or_compute<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        key: K,
        work: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, LoadError> {
        if let Some(value) = self.shared.find(&key) {
            return Ok(value);
        }
        let found = self.shared.join(&key, Asker::Fallible);
        if !matches!(found, Found::Value(_)) {
            self.shared.count_miss();
        }
        match found {
            Found::Value(value) => Ok(value),
            Found::Failure(error) => Err(error),
            Found::Loading(flight) => flight.wait(),
            Found::Nested(flight) => {
                let done = flight.nest(work);
                done.map(Arc::new).map_err(|error| LoadError::failed(error.into()))
            }
            Found::Absent(flight) => {
                self.shared.load(key, flight, work).map_err(|failed| failed.error)
            }
        }
    }

    /// Puts a value in place of the one that is there, and returns it.
    ///
    /// What it cost to make is not known, so the mean of the loads is assumed, and no time
    /// counts as saved; see [`insert_with_cost`](Self::insert_with_cost).
    /// A value for which there is no room, or that [`CostAware`] finds worth less than those
    /// who would have to leave, is not kept, but returned all the same.
    ///
    /// [`CostAware`]: crate::Policy::CostAware
    pub fn insert(&self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        self.shared.insert(key, &value, None);
        value
    }

    /// Puts a value there that took `cost` to make.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use safelight_cache::Cache;
    ///
    /// let cache = Cache::default();
    /// cache.insert_with_cost("sea.jpg", vec![0_u8; 1000], Duration::from_millis(20));
    /// assert!(cache.get("sea.jpg").is_some());
    /// assert_eq!(cache.stats().time_saved, Duration::from_millis(20));
    /// ```
    pub fn insert_with_cost(&self, key: K, value: V, cost: Duration) -> Arc<V> {
        let value = Arc::new(value);
        self.shared.insert(key, &value, Some(cost));
        value
    }

    /// Takes a value out, and lets a load of it that goes on not be kept.
    pub fn remove<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        self.shared.remove(key)
    }

    /// Takes out the values whose keys `is_wanted` picks; returns how many there were.
    ///
    /// With keys that say what they belong to it is what other caches call tags.
    ///
    /// ```
    /// use safelight_cache::Cache;
    ///
    /// let cache = Cache::default();
    /// cache.insert(("holidays", "sea.jpg"), vec![0_u8; 1000]);
    /// cache.insert(("garden", "tree.jpg"), vec![0; 1000]);
    /// assert_eq!(cache.remove_matching(|(album, _)| *album == "garden"), 1);
    /// ```
    pub fn remove_matching(&self, is_wanted: impl FnMut(&K) -> bool) -> usize {
        self.shared.remove_matching(is_wanted)
    }

    /// Takes everything out, and lets no load that goes on be kept.
    pub fn clear(&self) {
        self.shared.clear();
    }

    /// Whether a request for the key would be answered; it counts as none.
    pub fn contains<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.shared.peek(key).is_some()
    }

    /// Returns the keys that are held: for each class, those worth most first as far as that
    /// is known.
    ///
    /// It is the list that [`warm`](Self::warm) takes in the next run of a program.
    pub fn keys(&self) -> Vec<K> {
        let slots = self.shared.slots();
        let keys = slots.iter().flat_map(|class| class.iter().rev());
        keys.map(|slot| slot.key.clone()).collect()
    }

    /// Protects the entry of a key from the policy, if the cache owns it; counts as a request.
    ///
    /// ```
    /// use safelight_cache::{ByteSize, Cache, Class, Limits, Policy};
    ///
    /// let limits = Limits { entries: Some(2), ..Limits::default() };
    /// let cache = Cache::builder().limits(limits).policy(Policy::Lru).build();
    /// cache.insert("start frame", vec![0_u8; 1000]);
    /// let pinned = cache.pin("start frame");
    /// for other in ["a", "b", "c"] {
    ///     cache.insert(other, vec![0; 1000]);
    /// }
    /// assert!(cache.contains("start frame"));
    /// # drop(pinned);
    /// ```
    pub fn pin<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Pinned<K, V>>
    where
        K: Borrow<Q>,
    {
        self.get(key)?;
        // The slot and its value go together, whatever was put there meanwhile.
        let slot = self.shared.owned(key)?;
        let value = slot.value()?;
        Some(Pinned::new(slot, value))
    }

    /// Returns what values of a class may take, as it was set.
    ///
    /// A budget may be lower, see [`Consumer::set_budget`]. Where small values have no limits
    /// of their own, those of the bulk are for both.
    pub fn limits(&self, class: Class) -> Limits {
        let settings = self.shared.settings();
        match class {
            Class::Bulk => settings.limits,
            Class::Small => settings.small.unwrap_or(settings.limits),
        }
    }

    /// Sets what values of a class may take; what is over it is dropped on return.
    ///
    /// Values that other threads took out and have not dropped yet are dropped soon after.
    /// Where small values were with the others, they get limits of their own beside them from
    /// now on.
    ///
    /// ```
    /// use safelight_cache::{ByteSize, Cache, Class, Limits};
    ///
    /// let cache: Cache<u32, Vec<u8>> = Cache::default();
    /// cache.set_limits(Class::Bulk, Limits { bytes: ByteSize::mib(10), entries: None });
    /// ```
    pub fn set_limits(&self, class: Class, limits: Limits) {
        self.shared.set(|settings| match class {
            Class::Bulk => settings.limits = limits,
            Class::Small => settings.small = Some(limits),
        });
    }

    /// Lets go of a part that fits the pressure; returns the bytes that were really freed.
    ///
    /// What is out of time goes always; from `Elevated` on a quarter, from `High` on a half,
    /// and with `Critical` all that nobody else holds.
    pub fn trim(&self, pressure: Pressure) -> ByteSize {
        let expired = self.shared.expire();
        let held = self.usage().bytes.bytes();
        let wanted = match pressure {
            Pressure::Normal => 0,
            Pressure::Elevated => held / 4,
            Pressure::High => held / 2,
            Pressure::Critical => held,
        };
        expired + self.shared.reclaim(ByteSize::from_bytes(wanted))
    }

    #[cfg(all(test, shuttle))]
    pub(crate) fn owns(&self, key: &K) -> bool {
        self.shared.owned(key).is_some()
    }

    /// Returns what the cache owns now, both classes together.
    ///
    /// Values that other threads are about to drop at this moment are not counted, but their
    /// room is not given to others until they have.
    pub fn usage(&self) -> Usage {
        self.shared.usage()
    }

    /// Returns what the cache did since it was made.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }
}

/// A budget cuts the limits and never raises them; small values get an eighth of it at most.
impl<K, V> Consumer for Cache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    fn usage(&self) -> ByteSize {
        self.shared.usage().bytes
    }

    fn set_budget(&self, budget: ByteSize) {
        self.shared.set(|settings| settings.budget = budget);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        self.shared.reclaim(wanted)
    }
}

impl<K: Send + Sync, V: Send + Sync> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<K: Send + Sync, V: Send + Sync> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}
