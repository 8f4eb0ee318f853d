//! Caches that hold all that is asked for: what a hit costs in ours and in the peers.
//!
//! A hit ends when the user is done with the value: cloning and dropping its `Arc`, or what
//! the cache hands out in its place, is part of the cost.
//! Every cache has the hasher and the shards that it comes with, and room to spare.

use std::{
    cell::OnceCell,
    hint::black_box,
    io,
    marker::PhantomData,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use dashmap::DashMap;
use foyer_memory::{CacheProperties, EvictionConfig, LruConfig, S3FifoConfig};
use lru::LruCache;
use safelight_benches::arm::{Workload, serve};
use safelight_cache::{Cache, Limits, Weigh};
use safelight_core::ByteSize;

/// An image; no hit touches its pixels, so that a few stand for many.
struct Pixels(Box<[u8]>);

impl Pixels {
    fn new() -> Self {
        Self(vec![0; 256].into())
    }
}

impl Weigh for Pixels {
    fn heap(&self) -> ByteSize {
        ByteSize::from_len(self.0.len())
    }
}

/// A cache that holds a value for every key that is asked for.
trait Holder: Sync + Sized {
    /// Makes one with room for more than the keys.
    fn filled(n_keys: u64) -> Self;

    /// Looks a key up.
    fn get(&self, key: u64) -> Option<impl Sized>;
}

struct Safelight(Cache<u64, Pixels>);

impl Holder for Safelight {
    fn filled(n_keys: u64) -> Self {
        let limits =
            Limits { bytes: ByteSize::gib(1), entries: Some(room(n_keys) as usize) };
        let cache = Cache::builder().limits(limits).build();
        for key in 0..n_keys {
            cache.insert(key, Pixels::new());
        }
        Self(cache)
    }

    fn get(&self, key: u64) -> Option<impl Sized> {
        self.0.get(&key)
    }
}

struct Moka(moka::sync::Cache<u64, Arc<Pixels>>);

impl Holder for Moka {
    fn filled(n_keys: u64) -> Self {
        let cache = moka::sync::Cache::new(room(n_keys));
        (0..n_keys).for_each(|key| cache.insert(key, Arc::new(Pixels::new())));
        cache.run_pending_tasks();
        Self(cache)
    }

    fn get(&self, key: u64) -> Option<impl Sized> {
        self.0.get(&key)
    }
}

struct QuickCache(quick_cache::sync::Cache<u64, Arc<Pixels>>);

impl Holder for QuickCache {
    fn filled(n_keys: u64) -> Self {
        let cache = quick_cache::sync::Cache::new(room(n_keys) as usize);
        (0..n_keys).for_each(|key| cache.insert(key, Arc::new(Pixels::new())));
        Self(cache)
    }

    fn get(&self, key: u64) -> Option<impl Sized> {
        self.0.get(&key)
    }
}

/// Its entries count their users themselves.
struct Foyer<Policy>(foyer_memory::Cache<u64, Pixels>, PhantomData<Policy>);

impl<Policy: Default + Into<EvictionConfig> + Sync> Holder for Foyer<Policy> {
    fn filled(n_keys: u64) -> Self {
        let cache = foyer_memory::CacheBuilder::new(room(n_keys) as usize)
            .with_eviction_config(Policy::default())
            .build::<CacheProperties>();
        (0..n_keys).for_each(|key| drop(cache.insert(key, Pixels::new())));
        Self(cache, PhantomData)
    }

    fn get(&self, key: u64) -> Option<impl Sized> {
        self.0.get(&key)
    }
}

/// A map that evicts nothing, for orientation.
struct Dash(DashMap<u64, Arc<Pixels>>);

impl Holder for Dash {
    fn filled(n_keys: u64) -> Self {
        Self((0..n_keys).map(|key| (key, Arc::new(Pixels::new()))).collect())
    }

    fn get(&self, key: u64) -> Option<impl Sized> {
        self.0.get(&key).map(|value| Arc::clone(&value))
    }
}

struct MutexLru(Mutex<LruCache<u64, Arc<Pixels>>>);

impl Holder for MutexLru {
    fn filled(n_keys: u64) -> Self {
        let mut cache = LruCache::unbounded();
        for key in 0..n_keys {
            cache.put(key, Arc::new(Pixels::new()));
        }
        Self(Mutex::new(cache))
    }

    fn get(&self, key: u64) -> Option<impl Sized> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(&key).map(Arc::clone)
    }
}

/// No cache: what the loop around the hits costs.
struct Nothing;

impl Holder for Nothing {
    fn filled(_: u64) -> Self {
        Self
    }

    fn get(&self, key: u64) -> Option<impl Sized> {
        Some(black_box(key))
    }
}

/// Returns a capacity that no shard fills up.
fn room(n_keys: u64) -> u64 {
    (4 * n_keys).max(1024)
}

/// Asks for every key in an order without a pattern, n times in all.
fn hits(cache: &impl Holder, n_keys: u64, seed: u64, n: u64) {
    let mut at = seed;
    for _ in 0..n {
        // The generator of Knuth's MMIX; the high bits are the good ones.
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let key = ((at >> 32) * n_keys) >> 32;
        drop(black_box(cache.get(key)));
    }
}

/// The same on two threads and one cache, n times on each.
fn hits_on_two_threads(cache: &impl Holder, n_keys: u64, n: u64) {
    thread::scope(|scope| {
        scope.spawn(|| hits(cache, n_keys, 1, n));
        hits(cache, n_keys, 2, n);
    });
}

/// A workload that owns what it needs.
type Owned = (&'static str, Box<dyn FnMut(u64)>);

/// Makes the workloads of a cache of `n_keys`, which is filled when one of them first runs.
fn workloads<C: Holder + 'static>(n_keys: u64, names: [&'static str; 2]) -> [Owned; 2] {
    fn filled<C: Holder>(cell: &OnceCell<C>, n_keys: u64) -> &C {
        cell.get_or_init(|| {
            let cache = C::filled(n_keys);
            assert!(
                (0..n_keys).all(|key| cache.get(key).is_some()),
                "a value is missing"
            );
            cache
        })
    }

    let cell: Rc<OnceCell<C>> = Rc::default();
    let shared = Rc::clone(&cell);
    let one = move |n| hits(filled(&cell, n_keys), n_keys, 1, n);
    let two = move |n| hits_on_two_threads(filled(&shared, n_keys), n_keys, n);
    [(names[0], Box::new(one)), (names[1], Box::new(two))]
}

/// Makes the workloads `<name>_hit_50` and so on.
macro_rules! hit_workloads {
    ($($name:literal: $cache:ty,)*) => {
        [$(
            workloads::<$cache>(
                50,
                [concat!($name, "_hit_50"), concat!($name, "_hit_50_2_threads")],
            ),
            workloads::<$cache>(
                10_000,
                [concat!($name, "_hit_10k"), concat!($name, "_hit_10k_2_threads")],
            ),
        )*]
    };
}

fn main() -> io::Result<()> {
    let mut owned = hit_workloads! {
        "safelight": Safelight,
        "moka": Moka,
        "quick_cache": QuickCache,
        "foyer_lru": Foyer<LruConfig>,
        "foyer_s3fifo": Foyer<S3FifoConfig>,
        "dashmap": Dash,
        "mutex_lru": MutexLru,
        "nothing": Nothing,
    };
    let mut workloads: Vec<Workload<'_>> = Vec::new();
    for (name, run) in owned.iter_mut().flatten() {
        workloads.push((name, run.as_mut()));
    }
    serve(&mut workloads)
}
