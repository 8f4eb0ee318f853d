use std::{
    borrow::Borrow,
    cell::RefCell,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use crate::slot::{Slot, State};

/// Slots in one set; those whose keys fall into one set do not push each other out at once.
const N_WAYS: usize = 4;

/// The least and the most sets of a front; the most take 640 KiB a thread.
const MIN_SETS: usize = 64;
const MAX_SETS: usize = 8192;

/// What one thread knows of a cache: slots that it used lately, and its counts.
///
/// It answers most hits without touching anything that threads share but the entry itself.
/// It holds slots, never values, so it keeps nothing alive that a value owns.
pub(crate) struct Front<K, V> {
    sets: RefCell<Vec<Set<K, V>>>,
    counts: Arc<Counts>,
}

struct Set<K, V> {
    /// A part of the hashes, to tell most keys apart without looking at them.
    tags: [u32; N_WAYS],
    ways: [Option<Way<K, V>>; N_WAYS],
}

/// A slot, and its value beside it: the processor then fetches both at once.
struct Way<K, V> {
    slot: Arc<Slot<K, V>>,
    value: Weak<V>,
}

impl<K, V> Default for Set<K, V> {
    fn default() -> Self {
        Self { tags: [0; N_WAYS], ways: Default::default() }
    }
}

/// Counts of one thread: it alone writes, anybody reads.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    n_hits: AtomicU64,
    n_misses: AtomicU64,
    saved_ns: AtomicU64,
}

impl Counts {
    /// Counts a hit and returns how many there are.
    #[inline]
    pub(crate) fn add_hit(&self, saved_ns: u64) -> u64 {
        let n_hits = self.n_hits.load(Relaxed) + 1;
        self.n_hits.store(n_hits, Relaxed);
        let saved_ns = self.saved_ns.load(Relaxed).saturating_add(saved_ns);
        self.saved_ns.store(saved_ns, Relaxed);
        n_hits
    }

    pub(crate) fn add_miss(&self) {
        self.n_misses.store(self.n_misses.load(Relaxed) + 1, Relaxed);
    }

    /// Returns the hits, the misses, and the nanoseconds saved.
    pub(crate) fn read(&self) -> (u64, u64, u64) {
        let [hits, misses, saved] = [&self.n_hits, &self.n_misses, &self.saved_ns];
        (hits.load(Relaxed), misses.load(Relaxed), saved.load(Relaxed))
    }
}

impl<K, V> Front<K, V> {
    pub(crate) fn new(counts: Arc<Counts>) -> Self {
        Self { sets: RefCell::default(), counts }
    }

    #[inline]
    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Calls `hit` with the slot and the value of a key, if it is known here.
    #[inline]
    pub(crate) fn find<Q: Eq + ?Sized>(
        &self,
        hash: u64,
        key: &Q,
        hit: impl FnOnce(&Slot<K, V>, &Weak<V>) -> Option<Arc<V>>,
    ) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        // It is taken only under the checker, whose threads share one front.
        let sets = self.sets.try_borrow().ok()?;
        let set = sets.get(set_idx(hash, sets.len()))?;
        let ways = set.tags.iter().zip(&set.ways);
        let mut same = ways.filter(|(known, _)| **known == tag(hash));
        let way = same.find_map(|(_, way)| {
            way.as_ref().filter(|way| way.slot.key.borrow() == key)
        })?;
        hit(&way.slot, &way.value)
    }

    /// Remembers the slot of a key; one of its set that is no longer live goes first.
    pub(crate) fn put(&self, slot: &Arc<Slot<K, V>>, n_entries: usize) {
        let Ok(mut sets) = self.sets.try_borrow_mut() else { return };
        let n_wanted = n_entries.next_power_of_two();
        let n_wanted = n_wanted.clamp(MIN_SETS, MAX_SETS);
        if sets.len() < n_wanted {
            grow(&mut sets, n_wanted);
        }
        insert(&mut sets, Arc::clone(slot));
    }
}

fn grow<K, V>(sets: &mut Vec<Set<K, V>>, n_sets: usize) {
    let old = std::mem::take(sets);
    sets.resize_with(n_sets, Default::default);
    for way in old.into_iter().flat_map(|set| set.ways).flatten() {
        insert(sets, way.slot);
    }
}

fn insert<K, V>(sets: &mut [Set<K, V>], slot: Arc<Slot<K, V>>) {
    let hash = slot.hash;
    let n_sets = sets.len();
    let set = &mut sets[set_idx(hash, n_sets)];
    let is_free = |way: &Option<Way<K, V>>| {
        way.as_ref().is_none_or(|old| {
            Arc::ptr_eq(&old.slot, &slot) || old.slot.state() != State::Live
        })
    };
    let way_idx = set.ways.iter().position(is_free);
    // Any other bits of the hash than those of the set will do.
    let way_idx = way_idx.unwrap_or((hash >> 60) as usize % N_WAYS);
    set.tags[way_idx] = tag(hash);
    set.ways[way_idx] = Some(Way { value: Weak::clone(&slot.value), slot });
}

#[inline]
fn set_idx(hash: u64, n_sets: usize) -> usize {
    hash as usize & n_sets.wrapping_sub(1)
}

#[inline]
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}
