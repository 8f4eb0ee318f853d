use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::Arc,
};

use foldhash::fast::RandomState;
use safelight_core::ByteSize;

use crate::{
    Cause, Class, Policy, Stats, Usage,
    failures::Failures,
    flight::Flight,
    leaving::Leaving,
    partition::{Held, Partition},
    settings::Settings,
    shared::ns,
    slot::{Slot, State},
};

/// Where the slots are found by their keys, by any thread.
pub(crate) type Index<K, V> = moka::sync::Cache<K, Arc<Slot<K, V>>, RandomState>;

/// Who owns what: all that must be decided at one moment, under one lock.
///
/// The index is changed under this lock only, so both always agree: the index has every slot
/// that is live, and those evicted ones that may come back.
pub(crate) struct Ledger<K, V> {
    partitions: [Partition<K, V>; 2],
    pub(crate) settings: Settings,
    /// The loads that go on, unless they were overtaken by an insert or a removal.
    pub(crate) loading: HashMap<K, Arc<Flight<V>>, RandomState>,
    pub(crate) failures: Failures<K>,
    /// What happened under the lock; hits of the threads' fronts are counted there.
    pub(crate) tally: Stats,
    /// Evicted slots in the index, some of which may be live again.
    evicted: VecDeque<Arc<Slot<K, V>>>,
    next_seq: u64,
    /// When it is worth while to look for what is out of time, in nanoseconds.
    pub(crate) next_expiry_ns: u64,
}

/// Evicted slots that are looked after for each entry that comes in.
const N_SWEPT: usize = 4;

/// The cost that is assumed before anything was measured: one millisecond.
const FIRST_COST_NS: u64 = 1_000_000;

/// A value on its way out; it counts as owned until it is dropped.
pub(crate) struct Departing<K, V> {
    pub(crate) slot: Arc<Slot<K, V>>,
    pub(crate) cause: Cause,
    value: Option<Arc<V>>,
    leaving: Arc<Leaving>,
}

impl<K, V> Ledger<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(crate) fn new(policy: Policy, settings: Settings, hasher: RandomState) -> Self {
        Self {
            partitions: settings.in_force().map(|limits| Partition::new(policy, limits)),
            settings,
            loading: HashMap::with_hasher(hasher),
            failures: Failures::default(),
            tally: Stats::default(),
            evicted: VecDeque::new(),
            next_seq: 0,
            next_expiry_ns: 0,
        }
    }

    pub(crate) fn partition(&mut self, class: Class) -> &mut Partition<K, V> {
        &mut self.partitions[class as usize]
    }

    pub(crate) fn partitions(&self) -> &[Partition<K, V>; 2] {
        &self.partitions
    }

    pub(crate) fn partitions_mut(&mut self) -> &mut [Partition<K, V>; 2] {
        &mut self.partitions
    }

    pub(crate) fn n_entries(&self) -> usize {
        self.partitions.iter().map(Partition::n_entries).sum()
    }

    /// Returns what is owned, by both classes together.
    pub(crate) fn usage(&self) -> Usage {
        let bytes = self.partitions.iter().map(Partition::bytes).sum();
        Usage { bytes: ByteSize::from_bytes(bytes), n_entries: self.n_entries() }
    }

    /// Takes out what is out of time, as `is_over` says.
    pub(crate) fn expire(
        &mut self,
        index: &Index<K, V>,
        is_over: impl Fn(&Slot<K, V>) -> bool,
    ) -> Vec<Departing<K, V>> {
        let slots = self.partitions.iter().flat_map(Partition::slots);
        let over: Vec<_> = slots.filter(|slot| is_over(slot)).cloned().collect();
        let remove = |slot: &Arc<Slot<K, V>>| self.remove(index, slot, Cause::Expired);
        over.iter().filter_map(remove).collect()
    }

    pub(crate) fn next_seq(&mut self) -> u64 {
        self.next_seq += 1;
        self.next_seq
    }

    /// Returns the cost of a value of which nothing is known: that of the mean load.
    pub(crate) fn assumed_cost_ns(&self) -> u64 {
        self.tally.mean_load().map_or(FIRST_COST_NS, ns)
    }

    /// Whether a load goes on and was not overtaken by an insert or a removal.
    pub(crate) fn is_loading(&self, key: &K, flight: &Arc<Flight<V>>) -> bool {
        self.loading.get(key).is_some_and(|current| Arc::ptr_eq(current, flight))
    }

    /// Ends a load, unless it was overtaken and another one goes on.
    pub(crate) fn end_load(&mut self, key: &K, flight: &Arc<Flight<V>>) {
        if self.is_loading(key, flight) {
            self.loading.remove(key);
        }
    }

    /// Notes that entries were taken off, which may come back if somebody holds them.
    pub(crate) fn evict(
        &mut self,
        index: &Index<K, V>,
        held: Vec<Held<K, V>>,
        cause: Cause,
    ) -> Vec<Departing<K, V>> {
        let mut all = Vec::with_capacity(held.len());
        for held in held {
            held.slot.set_state(State::Evicted);
            if Arc::strong_count(&held.value) == 1 {
                held.slot.set_state(State::Gone);
                index.invalidate(&held.slot.key);
            } else {
                self.list_evicted(&held.slot);
            }
            all.push(self.departing(held, cause));
        }
        all
    }

    /// Takes a slot out for good, and off the index; departs with what the ledger held.
    ///
    /// The slot must be the one that the index has.
    pub(crate) fn remove(
        &mut self,
        index: &Index<K, V>,
        slot: &Slot<K, V>,
        cause: Cause,
    ) -> Option<Departing<K, V>> {
        index.invalidate(&slot.key);
        self.take_out(slot, cause)
    }

    /// Takes a slot out for good that another one replaces in the index at once.
    pub(crate) fn take_out(
        &mut self,
        slot: &Slot<K, V>,
        cause: Cause,
    ) -> Option<Departing<K, V>> {
        let was_live = slot.state() == State::Live;
        slot.set_state(State::Gone);
        let held = was_live.then(|| self.partition(slot.class).take(slot))??;
        Some(self.departing(held, cause))
    }

    /// Takes everything out for good, and lets no load that goes on be kept.
    pub(crate) fn clear(&mut self, index: &Index<K, V>) -> Vec<Departing<K, V>> {
        self.loading.clear();
        self.failures.clear();
        for slot in self.evicted.drain(..) {
            // One that is live again is among those that follow.
            if slot.state() == State::Evicted {
                slot.set_state(State::Gone);
                index.invalidate(&slot.key);
            }
        }
        let held = self.partitions.each_mut().map(Partition::take_all);
        let mut all = Vec::new();
        for held in held.into_iter().flatten() {
            held.slot.set_state(State::Gone);
            index.invalidate(&held.slot.key);
            all.push(self.departing(held, Cause::Removed));
        }
        all
    }

    /// Notes in the index a slot that is evicted but may come back.
    pub(crate) fn remember_evicted(
        &mut self,
        index: &Index<K, V>,
        slot: &Arc<Slot<K, V>>,
    ) {
        index.insert(slot.key.clone(), Arc::clone(slot));
        self.list_evicted(slot);
        self.sweep(index);
    }

    /// Lists an evicted slot, once.
    fn list_evicted(&mut self, slot: &Arc<Slot<K, V>>) {
        if !slot.set_listed(true) {
            self.evicted.push_back(Arc::clone(slot));
        }
    }

    /// Takes some slots off the index whose values nobody holds any more.
    pub(crate) fn sweep(&mut self, index: &Index<K, V>) {
        for _ in 0..N_SWEPT.min(self.evicted.len()) {
            let Some(slot) = self.evicted.pop_front() else { return };
            slot.set_listed(false);
            if slot.state() != State::Evicted {
                continue;
            }
            if slot.is_held() {
                self.list_evicted(&slot);
            } else {
                slot.set_state(State::Gone);
                index.invalidate(&slot.key);
            }
        }
    }

    fn departing(&mut self, held: Held<K, V>, cause: Cause) -> Departing<K, V> {
        self.tally.evictions.add(cause);
        let leaving = Arc::clone(self.partition(held.slot.class).leaving());
        Departing { slot: held.slot, cause, value: Some(held.value), leaving }
    }
}

impl<K, V> Departing<K, V> {
    /// Drops the value; returns whether that freed it.
    pub(crate) fn drop_value(&mut self) -> bool {
        /// Gives the room free, also where dropping the value panics.
        struct Room<'a>(&'a Leaving, u64);

        impl Drop for Room<'_> {
            fn drop(&mut self) {
                self.0.sub(self.1);
            }
        }

        let Some(value) = self.value.take() else { return false };
        let _room = Room(&self.leaving, self.slot.bytes);
        Arc::into_inner(value).is_some()
    }
}

/// However the departure ends, the account is right.
impl<K, V> Drop for Departing<K, V> {
    fn drop(&mut self) {
        self.drop_value();
    }
}
