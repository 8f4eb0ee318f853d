use std::{borrow::Borrow, hash::Hash, sync::Arc, time::Duration};

use safelight_core::ByteSize;

use crate::{
    Cause, Evicted, LoadError, Stats, Usage, Weigh,
    ledger::{Departing, Ledger},
    settings::Settings,
    shared::{Shared, ns},
    slot::Slot,
    sync::lock,
};

impl<K, V> Shared<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    /// Takes a key out; returns its value if a request would have been answered with it.
    pub(crate) fn remove<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        let mut ledger = lock(&self.ledger);
        ledger.loading.remove(key);
        ledger.failures.remove(key);
        let slot = self.index.get(key)?;
        // It is dropped after the lock: this may be the last holder by now.
        let value = slot.value();
        let departing = ledger.remove(&self.index, &slot, Cause::Removed);
        drop(ledger);
        self.see_off(departing);
        value.filter(|_| !self.is_over(&slot))
    }

    /// Takes out the entries whose keys are wanted out; returns how many.
    pub(crate) fn remove_matching(&self, mut is_wanted: impl FnMut(&K) -> bool) -> usize {
        // The predicate is the user's: it is asked without the lock.
        let ledger = lock(&self.ledger);
        let mut keys: Vec<K> = ledger.loading.keys().cloned().collect();
        keys.extend(ledger.failures.keys().cloned());
        drop(ledger);
        keys.extend(self.index.iter().map(|(key, _)| K::clone(&key)));
        keys.iter().filter(|key| is_wanted(key) && self.remove(*key).is_some()).count()
    }

    pub(crate) fn clear(&self) {
        let departing = lock(&self.ledger).clear(&self.index);
        self.see_off(departing);
    }

    /// Returns what is held by class, the next to leave first, as far as that is known.
    pub(crate) fn slots(&self) -> [Vec<Arc<Slot<K, V>>>; 2] {
        let ledger = lock(&self.ledger);
        ledger.partitions().each_ref().map(|class| class.slots().cloned().collect())
    }

    /// Changes the settings; what is over the limits is dropped on return.
    pub(crate) fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut ledger = lock(&self.ledger);
        change(&mut ledger.settings);
        let limits = ledger.settings.in_force();
        let mut departing = Vec::new();
        for (idx, limits) in limits.into_iter().enumerate() {
            let held = ledger.partitions_mut()[idx].set_limits(limits);
            departing.append(&mut ledger.evict(&self.index, held, Cause::Limit));
        }
        drop(ledger);
        self.see_off(departing);
    }

    pub(crate) fn settings(&self) -> Settings {
        lock(&self.ledger).settings
    }

    /// Drops at least `wanted` where possible; returns what was really freed.
    pub(crate) fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let mut freed = ByteSize::ZERO;
        // What comes in meanwhile is not meant.
        let wanted = wanted.min(self.usage().bytes);
        while freed < wanted {
            let mut ledger = lock(&self.ledger);
            let mut departing = Vec::new();
            let mut left = (wanted - freed).bytes();
            for idx in 0..ledger.partitions().len() {
                let held = ledger.partitions_mut()[idx].reclaim(left);
                let bytes: u64 = held.iter().map(|held| held.slot.bytes).sum();
                left = left.saturating_sub(bytes);
                departing.append(&mut ledger.evict(&self.index, held, Cause::Reclaim));
            }
            drop(ledger);
            if departing.is_empty() {
                break;
            }
            freed += self.see_off(departing);
        }
        freed
    }

    /// Drops what is out of time; returns what was really freed.
    pub(crate) fn expire(&self) -> ByteSize {
        let now_ns = self.now_ns();
        let is_over = |slot: &Slot<K, V>| slot.deadline_ns <= now_ns;
        let departing = lock(&self.ledger).expire(&self.index, is_over);
        self.see_off(departing)
    }

    pub(crate) fn usage(&self) -> Usage {
        lock(&self.ledger).usage()
    }

    pub(crate) fn stats(&self) -> Stats {
        let counts: Vec<_> =
            lock(&self.all_counts).iter().map(|counts| counts.read()).collect();
        let ledger = lock(&self.ledger);
        Stats {
            n_hits: counts.iter().map(|(hits, _, _)| hits).sum(),
            n_misses: counts.iter().map(|(_, misses, _)| misses).sum(),
            time_saved: counts.iter().map(|(_, _, ns)| Duration::from_nanos(*ns)).sum(),
            usage: ledger.usage(),
            ..ledger.tally.clone()
        }
    }

    /// Remembers for a while that a load failed, if that is wished.
    pub(crate) fn remember_failure(
        &self,
        ledger: &mut Ledger<K, V>,
        key: K,
        error: &LoadError,
    ) {
        if let Some(ttl) = self.failure_ttl {
            let now_ns = self.now_ns();
            let deadline_ns = now_ns.saturating_add(ns(ttl));
            ledger.failures.put(key, error.clone(), deadline_ns, now_ns);
        }
    }

    /// Drops values, and then tells the observer of them; returns what was really freed.
    pub(crate) fn see_off(
        &self,
        departing: impl IntoIterator<Item = Departing<K, V>>,
    ) -> ByteSize {
        let mut freed = ByteSize::ZERO;
        let mut events = Vec::new();
        for mut departing in departing {
            let was_dropped = departing.drop_value();
            let bytes = ByteSize::from_bytes(departing.slot.bytes);
            if was_dropped {
                freed += bytes;
            }
            if self.observer.is_some() {
                let key = departing.slot.key.clone();
                let cause = departing.cause;
                events.push(Evicted { key, bytes, cause, was_dropped });
            }
        }
        for event in &events {
            if let Some(observer) = &self.observer {
                observer.observe(event);
            }
        }
        freed
    }
}
