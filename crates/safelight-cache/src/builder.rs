use std::{hash::Hash, marker::PhantomData, sync::Arc, time::Duration};

use safelight_core::{Clock, Observer, SystemClock};

use crate::{Cache, Config, Evicted, Limits, Policy, Weigh};

/// Sets up a [`Cache`].
///
/// ```
/// use std::time::Duration;
///
/// use safelight_cache::{Cache, Class, Limits};
/// use safelight_core::ByteSize;
///
/// let cache: Cache<String, Vec<u8>> = Cache::builder()
///     .limits(Limits { bytes: ByteSize::mib(64), entries: None })
///     .ttl(Duration::from_secs(60))
///     .build();
/// assert_eq!(cache.limits(Class::Bulk).bytes, ByteSize::mib(64));
/// ```
#[must_use = "nothing is made until `build` is called"]
pub struct Builder<K, V> {
    config: Config,
    clock: Arc<dyn Clock>,
    observer: Option<Arc<dyn Observer<Evicted<K>>>>,
    values: PhantomData<fn() -> V>,
}

impl<K, V> Builder<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    /// A slot that is still known keeps the memory of the value itself, without its heap.
    const IS_SMALL: () = assert!(
        size_of::<V>() <= 1024,
        "a cached value must own its bulk on the heap: put it into a Box or a Vec"
    );

    pub(crate) fn new() -> Self {
        let () = Self::IS_SMALL;
        Self {
            config: Config::default(),
            clock: Arc::new(SystemClock),
            observer: None,
            values: PhantomData,
        }
    }

    /// Sets everything that is plain data.
    pub fn config(self, config: Config) -> Self {
        Self { config, ..self }
    }

    /// Sets what values of the class `Bulk` may take.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.limits = limits;
        self
    }

    /// Sets what values of the class `Small` may take beside that; `None` puts them with the
    /// others.
    pub fn small(mut self, limits: Option<Limits>) -> Self {
        self.config.small = limits;
        self
    }

    /// Sets who leaves when there is no room.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.config.policy = policy;
        self
    }

    /// Sets how long a value may be given out.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.config.ttl = Some(ttl);
        self
    }

    /// Sets how long a failed load is remembered.
    pub fn failure_ttl(mut self, ttl: Duration) -> Self {
        self.config.failure_ttl = Some(ttl);
        self
    }

    /// Sets the clock that times loads and deadlines.
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Sets who is told of each entry that goes.
    ///
    /// It is called after the value was dropped, on the thread whose call made it go, with no
    /// lock held; it may call the cache. One that owns a handle of the cache keeps it alive
    /// for ever, as the cache owns the observer.
    pub fn observer(self, observer: impl Observer<Evicted<K>> + 'static) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Makes the cache; it starts no thread.
    pub fn build(self) -> Cache<K, V> {
        Cache::from_parts(self.config, self.clock, self.observer)
    }
}

impl<K, V> std::fmt::Debug for Builder<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
