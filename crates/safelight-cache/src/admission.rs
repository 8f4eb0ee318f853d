use std::{hash::Hash, sync::Arc, time::Duration};

use crate::{
    Cause, Weigh,
    flight::Flight,
    ledger::{Departing, Ledger},
    partition::{Newcomer, Room},
    shared::{Shared, ns},
    slot::{Slot, State},
    sync::{atomic::Ordering::Relaxed, lock, thread},
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
    /// It is to be tried again when others have dropped what they took out.
    Wait,
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
            Self::Return => {
                cfg!(shuttle) && option_env!("WEAKENED").is_some()
                    || slot.state() == State::Evicted
            }
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
            Self::Load(flight) => {
                if ledger.is_loading(key, flight) {
                    ledger.failures.remove(key);
                }
                ledger.end_load(key, flight);
            }
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
        let mut n_waits = 0;
        loop {
            let mut ledger = lock(&self.ledger);
            let mut step = self.try_admit(&mut ledger, slot, value, claim, &mut newcomer);
            if matches!(step, Step::Wait) && n_waits == MAX_WAITS {
                step = self.refuse(&mut ledger, slot, claim, newcomer.as_ref());
            }
            let is_done = matches!(step, Step::Done(_));
            if is_done {
                claim.settle(&mut ledger, &slot.key);
            }
            drop(ledger);
            match step {
                Step::Done(departing) | Step::Again(departing) => {
                    self.see_off(departing);
                }
                Step::Wait => {
                    n_waits += 1;
                    thread::yield_now();
                }
            }
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
        let is_roomy = ledger.partition(slot.class).is_roomy(slot.bytes);
        if !is_roomy {
            let expired = self.expire_now_and_then(ledger);
            if !expired.is_empty() {
                return Step::Again(expired);
            }
        }
        // A slot that returns is in the index itself.
        let is_indexed = matches!(claim, Claim::Return);
        let previous = if is_indexed { None } else { self.index.get(&slot.key) };
        let mut departing = Vec::new();
        if let Some(previous) = previous {
            if !is_roomy {
                // Whether the new value is kept or not, the old one must not be seen again.
                let removed = ledger.remove(&self.index, &previous, Cause::Replaced);
                return Step::Again(removed.into_iter().collect());
            }
            departing.extend(ledger.take_out(&previous, Cause::Replaced));
        }
        let partition = ledger.partition(slot.class);
        let newcomer = newcomer.get_or_insert_with(|| {
            partition.newcomer(Arc::clone(slot), self.next_tick())
        });
        let room = if is_roomy || claim.may_evict() {
            partition.make_room(newcomer)
        } else {
            Room::Refused
        };
        match room {
            Room::Free => {
                partition.put(newcomer, Arc::clone(value));
                if !is_indexed {
                    self.index.insert(slot.key.clone(), Arc::clone(slot));
                }
                ledger.sweep(&self.index);
                self.n_entries.store(ledger.n_entries(), Relaxed);
                Step::Done(departing)
            }
            Room::After(held) => {
                Step::Again(ledger.evict(&self.index, held, Cause::Capacity))
            }
            Room::Soon => Step::Wait,
            Room::Refused => self.refuse(ledger, slot, claim, Some(newcomer)),
            Room::Oversize => {
                ledger.tally.n_oversize += 1;
                Step::Done(Vec::new())
            }
        }
    }

    /// Remembers a newcomer that is not kept, so that it is found while it is held.
    fn refuse(
        &self,
        ledger: &mut Ledger<K, V>,
        slot: &Arc<Slot<K, V>>,
        claim: &Claim<V>,
        newcomer: Option<&Newcomer<K, V>>,
    ) -> Step<K, V> {
        if let Some(newcomer) = newcomer {
            ledger.partition(slot.class).turn_away(newcomer);
        }
        if !matches!(claim, Claim::Return) {
            ledger.tally.n_refused += 1;
            ledger.remember_evicted(&self.index, slot);
        }
        Step::Done(Vec::new())
    }

    /// Takes out what is out of time, where it is a while since that was last done.
    fn expire_now_and_then(&self, ledger: &mut Ledger<K, V>) -> Vec<Departing<K, V>> {
        let Some(ttl) = self.ttl else { return Vec::new() };
        let now_ns = self.now_ns();
        if now_ns < ledger.next_expiry_ns {
            return Vec::new();
        }
        ledger.next_expiry_ns = now_ns.saturating_add(ns(ttl) / EXPIRIES_PER_TTL).max(1);
        ledger.expire(&self.index, |slot| slot.deadline_ns <= now_ns)
    }

    /// Keeps a value instead of the one that is there or that is being loaded.
    pub(crate) fn insert(&self, key: K, value: &Arc<V>, cost: Option<Duration>) {
        self.admit(&self.slot(key, value, cost), value, &Claim::Insert);
    }
}

/// How often a newcomer waits for others to drop what they took out; a value that inserts
/// when it is dropped would wait for itself.
const MAX_WAITS: u32 = 64;

/// How often within a time to live all entries are looked through for those that are over.
const EXPIRIES_PER_TTL: u64 = 8;
