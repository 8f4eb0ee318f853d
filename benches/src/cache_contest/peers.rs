use std::{
    hash::{BuildHasherDefault, DefaultHasher},
    sync::Arc,
};

use foyer_memory::{
    CacheBuilder, CacheProperties, EvictionConfig, LfuConfig, LruConfig, S3FifoConfig,
    SieveConfig,
};
use moka::policy::EvictionPolicy;
use safelight_core::ByteSize;

use super::{Blob, Contestant, Entrant, Kind};
use crate::cache_trace::{Limits, Request, Setting};

/// The published caches.
pub(super) const ENTRANTS: [Entrant; 8] = [
    peer("moka TinyLFU", |setting| {
        Box::new(Moka::new(setting.limits, EvictionPolicy::tiny_lfu()))
    }),
    peer("moka LRU", |setting| {
        Box::new(Moka::new(setting.limits, EvictionPolicy::lru()))
    }),
    Entrant {
        kind: Kind::Loose,
        ..peer("moka as it comes", |setting| Box::new(Moka::as_it_comes(setting.limits)))
    },
    peer("quick_cache", |setting| Box::new(QuickCache::new(setting.limits))),
    peer("foyer LRU", |setting| {
        Box::new(Foyer::new(setting.limits, LruConfig::default()))
    }),
    peer("foyer LFU", |setting| {
        Box::new(Foyer::new(setting.limits, LfuConfig::default()))
    }),
    peer("foyer S3-FIFO", |setting| {
        Box::new(Foyer::new(setting.limits, S3FifoConfig::default()))
    }),
    peer("foyer SIEVE", |setting| Box::new(Foyer::new(setting.limits, SieveConfig))),
];

const fn peer(name: &'static str, start: fn(&Setting) -> Box<dyn Contestant>) -> Entrant {
    Entrant { name, kind: Kind::Peer, start }
}

/// Returns the least weight with which no more than the entries fit.
///
/// It takes at least as many bytes as entries squared, which any limits for images have.
fn floor(limits: Limits) -> u64 {
    (limits.bytes.bytes() / limits.entries.get() as u64).max(1)
}

type FixedState = BuildHasherDefault<DefaultHasher>;

struct Moka {
    cache: moka::sync::Cache<u64, Arc<Blob>, FixedState>,
    upkeep: Upkeep,
}

/// When moka looks after what it has put off.
#[derive(Clone, Copy, PartialEq)]
enum Upkeep {
    /// When it likes: between, it holds more than its capacity.
    Lazy,
    /// After each request, which a service would not do; a value that it evicted may even
    /// then be freed only later.
    Prompt,
}

impl Moka {
    fn new(limits: Limits, policy: EvictionPolicy) -> Self {
        Self::build(limits.bytes, floor(limits), policy, Upkeep::Prompt)
    }

    /// By bytes alone, and in its own time.
    fn as_it_comes(limits: Limits) -> Self {
        Self::build(limits.bytes, 1, EvictionPolicy::tiny_lfu(), Upkeep::Lazy)
    }

    fn build(
        capacity: ByteSize,
        floor: u64,
        policy: EvictionPolicy,
        upkeep: Upkeep,
    ) -> Self {
        // It weighs in 32 bits.
        let unit = capacity.bytes() / u64::from(u32::MAX) + 1;
        let weigh = move |_: &u64, value: &Arc<Blob>| {
            let weight = value.bytes().bytes().max(floor).div_ceil(unit);
            u32::try_from(weight).unwrap_or(u32::MAX)
        };
        let cache = moka::sync::Cache::builder()
            .max_capacity(capacity.bytes() / unit)
            .weigher(weigh)
            .eviction_policy(policy)
            // With the hasher of a fixed seed, the same keys collide in its sketch every time.
            .build_with_hasher(FixedState::default());
        Self { cache, upkeep }
    }

    fn look_after(&self) {
        if self.upkeep == Upkeep::Prompt {
            self.cache.run_pending_tasks();
        }
    }
}

impl Contestant for Moka {
    fn get(&mut self, key: u64) -> Option<ByteSize> {
        let bytes = self.cache.get(&key).map(|value| value.bytes());
        self.look_after();
        bytes
    }

    fn insert(&mut self, request: &Request, value: Blob) {
        self.cache.insert(request.key, Arc::new(value));
        self.look_after();
    }
}

/// The form for one thread: it has one shard, which evicts better than many.
struct QuickCache(quick_cache::unsync::Cache<u64, Blob, AtLeast>);

#[derive(Clone)]
struct AtLeast {
    floor: u64,
}

impl quick_cache::Weighter<u64, Blob> for AtLeast {
    fn weight(&self, _: &u64, value: &Blob) -> u64 {
        value.bytes().bytes().max(self.floor)
    }
}

impl QuickCache {
    fn new(limits: Limits) -> Self {
        let weigher = AtLeast { floor: floor(limits) };
        Self(quick_cache::unsync::Cache::with_weighter(
            limits.entries.get(),
            limits.bytes.bytes(),
            weigher,
        ))
    }
}

impl Contestant for QuickCache {
    fn get(&mut self, key: u64) -> Option<ByteSize> {
        self.0.get(&key).map(Blob::bytes)
    }

    fn insert(&mut self, request: &Request, value: Blob) {
        self.0.insert(request.key, value);
    }
}

/// With one shard, as above.
struct Foyer(foyer_memory::Cache<u64, Blob>);

impl Foyer {
    fn new(limits: Limits, policy: impl Into<EvictionConfig>) -> Self {
        let floor = floor(limits);
        let weigh =
            move |_: &u64, value: &Blob| value.bytes().bytes().max(floor) as usize;
        let cache = CacheBuilder::new(limits.bytes.bytes() as usize)
            .with_shards(1)
            .with_eviction_config(policy)
            .with_weighter(weigh)
            .build::<CacheProperties>();
        Self(cache)
    }
}

impl Contestant for Foyer {
    fn get(&mut self, key: u64) -> Option<ByteSize> {
        self.0.get(&key).map(|entry| entry.value().bytes())
    }

    fn insert(&mut self, request: &Request, value: Blob) {
        self.0.insert(request.key, value);
    }
}
