use std::{hash::Hash, sync::Arc, time::Duration};

use crate::{
    Cause, Weigh,
    flight::Flight,
    ledger::{Departing, Ledger},
    partition::{Newcomer, Room},
    shared::Shared,
    slot::{Slot, State},
    sync::{atomic::Ordering::Relaxed, lock},
};

/// By what right a value asks to be held.
pub(crate) enum Claim<V> {
    /// Somebody put it there.
    Insert,
    /// It was loaded; the right ends when the load is overtaken.
    Load(Arc<Flight<V>>),
    /// It had been evicted; the right ends when it is removed or replaced.
    Return,
}

/// How far an admission came.
enum Step<K, V> {
    /// It is decided.
    Done(Vec<Departing<K, V>>),
    /// It is to be tried again when these are dropped.
    Again(Vec<Departing<K, V>>),
}

impl<V> Claim<V> {
    /// Whether others may leave for the value.
    fn may_evict(&self) -> bool {
        !matches!(self, Self::Load(flight) if flight.is_warming())
    }

    /// Whether the value may still be kept.
    fn holds<K>(&self, ledger: &Ledger<K, V>, slot: &Slot<K, V>) -> bool
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        match self {
            Self::Insert => true,
            Self::Load(flight) => ledger.is_loading(&slot.key, flight),
            // The mutant lets a value come back that was removed meanwhile.
            Self::Return => cfg!(weakened) || slot.state() == State::Evicted,
        }
    }

    /// Ends what the claim was about, now that it is decided.
    fn settle<K>(&self, ledger: &mut Ledger<K, V>, key: &K)
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        match self {
            Self::Insert => {
                // Loads that go on began before this moment, and are older than the value.
                ledger.loading.remove(key);
                ledger.failures.remove(key);
            }
            Self::Load(flight) => ledger.end_load(key, flight),
            Self::Return => {}
        }
    }
}

impl<K, V> Shared<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    /// Keeps a value if there is room for it and it may take it.
    ///
    /// Those who must leave are dropped first, without the lock, so that what is owned is
    /// never over a limit; then all is looked at afresh.
    pub(crate) fn admit(&self, slot: &Arc<Slot<K, V>>, value: &Arc<V>, claim: &Claim<V>) {
        let mut newcomer = None;
        loop {
            let mut ledger = lock(&self.ledger);
            let step = self.try_admit(&mut ledger, slot, value, claim, &mut newcomer);
            let is_done = matches!(step, Step::Done(_));
            if is_done {
                claim.settle(&mut ledger, &slot.key);
            }
            drop(ledger);
            let (Step::Done(departing) | Step::Again(departing)) = step;
            self.see_off(departing);
            if is_done {
                return;
            }
        }
    }

    fn try_admit(
        &self,
        ledger: &mut Ledger<K, V>,
        slot: &Arc<Slot<K, V>>,
        value: &Arc<V>,
        claim: &Claim<V>,
        newcomer: &mut Option<Newcomer<K, V>>,
    ) -> Step<K, V> {
        if !claim.holds(ledger, slot) {
            return Step::Done(Vec::new());
        }
        // A slot that returns is in the index itself.
        let is_indexed = matches!(claim, Claim::Return);
        let previous = if is_indexed { None } else { self.index.get(&slot.key) };
        let partition = ledger.partition(slot.class);
        let newcomer = newcomer.get_or_insert_with(|| {
            partition.newcomer(Arc::clone(slot), self.next_tick())
        });
        if let Some(previous) = &previous
            && !partition.is_roomy(slot.bytes)
        {
            // Whether the new value is kept or not, the old one must not be seen again.
            let departing = ledger.remove(&self.index, previous, Cause::Replaced);
            return Step::Again(departing.into_iter().collect());
        }
        let room = if partition.is_roomy(slot.bytes) || claim.may_evict() {
            partition.make_room(newcomer)
        } else {
            Room::Refused
        };
        match room {
            Room::After(held) => {
                Step::Again(ledger.evict(&self.index, held, Cause::Capacity))
            }
            Room::Free => {
                let departing =
                    previous.and_then(|slot| ledger.take_out(&slot, Cause::Replaced));
                ledger.partition(slot.class).put(newcomer, Arc::clone(value));
                if !is_indexed {
                    self.index.insert(slot.key.clone(), Arc::clone(slot));
                }
                ledger.sweep(&self.index);
                self.n_entries.store(ledger.n_entries(), Relaxed);
                Step::Done(departing.into_iter().collect())
            }
            Room::Refused => {
                partition.turn_away(newcomer);
                ledger.tally.n_refused += 1;
                if !is_indexed {
                    ledger.remember_evicted(&self.index, slot);
                }
                Step::Done(Vec::new())
            }
            Room::Oversize => {
                ledger.tally.n_oversize += 1;
                Step::Done(Vec::new())
            }
        }
    }

    /// Keeps a value instead of the one that is there or that is being loaded.
    pub(crate) fn insert(&self, key: K, value: &Arc<V>, cost: Option<Duration>) {
        self.admit(&self.slot(key, value, cost), value, &Claim::Insert);
    }
}
