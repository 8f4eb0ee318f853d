use std::{
    fmt,
    sync::{Arc, Weak},
};

use crate::{
    sync::atomic::{
        AtomicBool, AtomicU8, AtomicU32, AtomicU64,
        Ordering::{Acquire, Relaxed, Release},
    },
    weigh::Class,
};

/// A deadline that never comes.
pub(crate) const NEVER: u64 = u64::MAX;

/// What the cache knows of one entry; it outlives the value and never keeps it alive.
///
/// The index and the fronts of the threads hold slots, the ledger alone holds values.
/// So a value is freed when the ledger lets it go and no user holds it, whatever else still
/// knows its slot.
///
/// What a hit looks at comes first and lies in one line of the processor's cache, for keys
/// of up to 16 bytes.
#[repr(C, align(64))]
pub(crate) struct Slot<K, V> {
    pub(crate) hot: Hot,
    pub(crate) value: Weak<V>,
    /// Nanoseconds since the cache was made, or [`NEVER`].
    pub(crate) deadline_ns: u64,
    /// What a hit is known to save, in nanoseconds.
    pub(crate) saved_ns: u64,
    pub(crate) key: K,
    pub(crate) hash: u64,
    /// What the entry weighs, with the cache's own part.
    pub(crate) bytes: u64,
    /// What the policy reckons with, in nanoseconds.
    pub(crate) cost_ns: u64,
    /// Tells slots apart that have one rank; unique in its cache.
    pub(crate) seq: u64,
    pub(crate) class: Class,
    pub(crate) cold: Cold,
}

/// What a hit changes or that changes what a hit is.
pub(crate) struct Hot {
    /// The time of the last use, in requests.
    stamp: AtomicU64,
    /// Uses; threads that use it at one moment may count one.
    n_uses: AtomicU32,
    state: AtomicU8,
}

/// What else changes in the life of a slot.
#[derive(Default)]
pub(crate) struct Cold {
    n_pins: AtomicU32,
    /// Whether the ledger's list of evicted slots has it; only used under its lock.
    is_listed: AtomicBool,
    /// Where the ledger has it; only read and written under the ledger's lock.
    rank: AtomicU64,
}

/// That of a slot whose value is not yet held.
impl Default for Hot {
    fn default() -> Self {
        Self {
            stamp: AtomicU64::new(0),
            n_uses: AtomicU32::new(0),
            state: AtomicU8::new(State::Evicted as u8),
        }
    }
}

/// Whether a slot's value may be given out; written under the ledger's lock only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The ledger holds the value.
    Live,
    /// It was let go, but may come back while somebody holds it.
    Evicted,
    /// It was replaced, removed or ran out of time, and may not be seen again.
    Gone,
}

impl<K, V> Slot<K, V> {
    /// Bytes that an entry takes beside its value: the slot, and its places in the index, in
    /// the ledger's order and in the fronts; the key is there twice.
    ///
    /// A test compares the sum with the heap.
    pub(crate) const OVERHEAD: u64 = (448 + size_of::<Self>() + size_of::<K>()) as u64;

    /// Returns the value if somebody still holds it.
    pub(crate) fn value(&self) -> Option<Arc<V>> {
        self.value.upgrade()
    }

    /// Whether somebody holds the value.
    pub(crate) fn is_held(&self) -> bool {
        0 < self.value.strong_count()
    }

    #[inline]
    pub(crate) fn state(&self) -> State {
        match self.hot.state.load(Acquire) {
            0 => State::Live,
            1 => State::Evicted,
            _ => State::Gone,
        }
    }

    pub(crate) fn set_state(&self, state: State) {
        self.hot.state.store(state as u8, Release);
    }

    /// Notes a use at the time `tick`.
    #[inline]
    pub(crate) fn touch(&self, tick: u64) {
        self.hot.stamp.store(tick, Relaxed);
        // Not one atomic step: of uses at one moment some are lost, and a late thread may even
        // set the count back a little; `Held::count` knows.
        self.hot.n_uses.store(self.hot.n_uses.load(Relaxed).wrapping_add(1), Release);
    }

    pub(crate) fn stamp(&self) -> u64 {
        self.hot.stamp.load(Relaxed)
    }

    pub(crate) fn n_uses(&self) -> u32 {
        self.hot.n_uses.load(Acquire)
    }

    pub(crate) fn pin(&self) {
        self.cold.n_pins.fetch_add(1, Relaxed);
    }

    pub(crate) fn unpin(&self) {
        self.cold.n_pins.fetch_sub(1, Relaxed);
    }

    pub(crate) fn is_pinned(&self) -> bool {
        0 < self.cold.n_pins.load(Relaxed)
    }

    /// Says whether the list of evicted slots has it; returns what was said before.
    pub(crate) fn set_listed(&self, is_listed: bool) -> bool {
        self.cold.is_listed.swap(is_listed, Relaxed)
    }

    pub(crate) fn rank(&self) -> u64 {
        self.cold.rank.load(Relaxed)
    }

    pub(crate) fn set_rank(&self, rank: u64) {
        self.cold.rank.store(rank, Relaxed);
    }
}

impl<K: fmt::Debug, V> fmt::Debug for Slot<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("key", &self.key)
            .field("bytes", &self.bytes)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
