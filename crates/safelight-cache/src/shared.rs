use std::{
    borrow::Borrow,
    hash::{BuildHasher, Hash},
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use foldhash::fast::RandomState;
use safelight_core::{Clock, Observer};
use thread_local::ThreadLocal;

use crate::{
    Cause, Class, Config, Evicted, LoadError, Policy, Weigh,
    admission::Claim,
    flight::Flight,
    front::{Counts, Front},
    ledger::{Index, Ledger},
    settings::Settings,
    slot::{Cold, Hot, NEVER, Slot, State},
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
        lock,
    },
};

/// Hits of a thread after which it tells the others that time has passed.
const HITS_PER_TICK: u64 = 64;

/// What all handles of a cache share.
///
/// Values are dropped and observers are called without the lock.
pub(crate) struct Shared<K, V>
where
    K: Send + Sync,
    V: Send + Sync,
{
    hasher: RandomState,
    pub(crate) index: Index<K, V>,
    fronts: ThreadLocal<Front<K, V>>,
    pub(crate) all_counts: Mutex<Vec<Arc<Counts>>>,
    pub(crate) ledger: Mutex<Ledger<K, V>>,
    /// The time in requests, by which uses are ordered and decay.
    ticks: AtomicU64,
    /// Roughly how many entries there are, for the size of the fronts.
    pub(crate) n_entries: AtomicUsize,
    policy: Policy,
    pub(crate) ttl: Option<Duration>,
    pub(crate) failure_ttl: Option<Duration>,
    clock: Arc<dyn Clock>,
    birth: Instant,
    pub(crate) observer: Option<Arc<dyn Observer<Evicted<K>>>>,
}

/// Who asks for a key that is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// One whose work cannot fail, so that a failure of others is nothing to it.
    Infallible,
    /// The same one again, after it waited for work of others that failed.
    Again,
    /// One whose work can fail.
    Fallible,
    /// One that fills the cache beforehand; it is no request, and evicts nothing.
    Warmer,
}

/// What became of a slot that is not simply live.
enum TakenUp<V> {
    Value(Arc<V>),
    Nothing,
    LookAgain,
}

/// What a request for a key finds.
pub(crate) enum Found<V> {
    Value(Arc<V>),
    /// It failed a short while ago.
    Failure(LoadError),
    /// Somebody loads it.
    Loading(Arc<Flight<V>>),
    /// The caller is to load it.
    Absent(Arc<Flight<V>>),
    /// This very thread loads it.
    Nested(Arc<Flight<V>>),
}

impl<K, V> Shared<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    pub(crate) fn new(
        config: &Config,
        clock: Arc<dyn Clock>,
        observer: Option<Arc<dyn Observer<Evicted<K>>>>,
    ) -> Self {
        let hasher = RandomState::default();
        let settings = Settings::new(config);
        Self {
            index: moka::sync::Cache::builder().build_with_hasher(hasher.clone()),
            fronts: ThreadLocal::new(),
            all_counts: Mutex::new(Vec::new()),
            ledger: Mutex::new(Ledger::new(config.policy, settings, hasher.clone())),
            hasher,
            ticks: AtomicU64::new(0),
            n_entries: AtomicUsize::new(0),
            policy: config.policy,
            ttl: config.ttl,
            failure_ttl: config.failure_ttl,
            birth: clock.now(),
            clock,
            observer,
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn now_ns(&self) -> u64 {
        ns(self.now() - self.birth)
    }

    #[inline]
    fn front(&self) -> &Front<K, V> {
        self.fronts.get_or(|| {
            let counts = Arc::<Counts>::default();
            lock(&self.all_counts).push(Arc::clone(&counts));
            Front::new(counts)
        })
    }

    /// Returns the value of a key and counts a hit, or counts nothing.
    #[inline]
    pub(crate) fn find<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let front = self.front();
        let hit =
            |slot: &Slot<K, V>, value: &Weak<V>| self.hit(slot, value, front.counts());
        front.find(hash, key, hit).or_else(|| self.find_in_index(key, front))
    }

    #[cold]
    fn find_in_index<Q: Hash + Eq + ?Sized>(
        &self,
        key: &Q,
        front: &Front<K, V>,
    ) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        loop {
            let slot = self.index.get(key)?;
            if let Some(value) = self.hit(&slot, &slot.value, front.counts()) {
                front.put(&slot, self.n_entries.load(Relaxed));
                return Some(value);
            }
            match self.take_up(&slot) {
                TakenUp::Value(value) => return Some(value),
                TakenUp::Nothing => return None,
                // It was replaced or removed since.
                TakenUp::LookAgain => {}
            }
        }
    }

    /// Takes up a slot that is not simply live: one out of time, or an evicted one.
    #[cold]
    fn take_up(&self, slot: &Arc<Slot<K, V>>) -> TakenUp<V> {
        let mut ledger = lock(&self.ledger);
        let is_live = match slot.state() {
            State::Gone => return TakenUp::LookAgain,
            State::Live => true,
            State::Evicted => false,
        };
        // It is dropped after the lock: this may be the last holder by now.
        let value = slot.value();
        let could_stay = is_live || ledger.partition(slot.class).could_hold(slot);
        let is_over = self.is_over(slot);
        let value = match value {
            Some(value) if could_stay && !is_over => value,
            unwanted => {
                let departing = ledger.remove(&self.index, slot, Cause::Expired);
                drop(ledger);
                drop(unwanted);
                self.see_off(departing);
                return TakenUp::Nothing;
            }
        };
        ledger.tally.n_resurrected += u64::from(!is_live);
        drop(ledger);
        let n_hits = self.front().counts().add_hit(slot.saved_ns);
        if is_live {
            slot.touch(self.tick(n_hits));
        } else {
            self.admit(slot, &value, &Claim::Return);
        }
        TakenUp::Value(value)
    }

    /// Returns the value of a slot and counts a hit, if it is live.
    #[inline]
    fn hit(&self, slot: &Slot<K, V>, value: &Weak<V>, counts: &Counts) -> Option<Arc<V>> {
        if slot.state() != State::Live || self.is_over(slot) {
            return None;
        }
        let value = value.upgrade()?;
        let n_hits = counts.add_hit(slot.saved_ns);
        slot.touch(self.tick(n_hits));
        Some(value)
    }

    #[inline]
    pub(crate) fn is_over(&self, slot: &Slot<K, V>) -> bool {
        slot.deadline_ns != NEVER && slot.deadline_ns <= self.now_ns()
    }

    /// Returns the time of a use: its exact place where the policy needs it.
    #[inline]
    fn tick(&self, n_hits: u64) -> u64 {
        match self.policy {
            Policy::Lru => self.next_tick(),
            Policy::CostAware if n_hits.is_multiple_of(HITS_PER_TICK) => {
                self.ticks.fetch_add(HITS_PER_TICK, Relaxed) + HITS_PER_TICK
            }
            Policy::CostAware => self.ticks.load(Relaxed),
        }
    }

    pub(crate) fn next_tick(&self) -> u64 {
        self.ticks.fetch_add(1, Relaxed) + 1
    }

    /// Returns the slot of a key that a request would be answered with.
    pub(crate) fn peek<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<Slot<K, V>>>
    where
        K: Borrow<Q>,
    {
        let slot = self.index.get(key)?;
        let could_come = slot.state() == State::Live
            || slot.is_held()
                && lock(&self.ledger).partition(slot.class).could_hold(&slot);
        (could_come && !self.is_over(&slot)).then_some(slot)
    }

    /// Returns the class on whose limits a value would be; none if it is too large for any
    /// room there.
    pub(crate) fn class_for(&self, value: &V) -> Option<Class> {
        let bytes = value.weight().bytes().saturating_add(Slot::<K, V>::OVERHEAD);
        let mut ledger = lock(&self.ledger);
        let class = ledger.settings.class(value.class());
        ledger.partition(class).could_hold_bytes(bytes).then_some(class)
    }

    /// Whether there is a class that has room.
    pub(crate) fn has_room(&self, has_room: [bool; 2]) -> bool {
        let [bulk, small] = has_room;
        bulk || small && self.settings().small.is_some()
    }

    /// Returns the slot of a key if the cache owns its value.
    pub(crate) fn owned<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<Slot<K, V>>>
    where
        K: Borrow<Q>,
    {
        self.index.get(key).filter(|slot| slot.state() == State::Live)
    }

    pub(crate) fn count_miss(&self) {
        self.front().counts().add_miss();
    }

    /// Finds a key that was just missed, or begins its load; counts a hit, but no miss.
    pub(crate) fn join(&self, key: &K, asker: Asker) -> Found<V> {
        let mut ledger = loop {
            let ledger = lock(&self.ledger);
            if !self.index.contains_key(key) {
                break ledger;
            }
            drop(ledger);
            // It came in meanwhile, or it is evicted, and this takes it back or out.
            if let Some(value) = self.find(key) {
                return Found::Value(value);
            }
        };
        if matches!(asker, Asker::Fallible | Asker::Warmer)
            && !ledger.failures.is_empty()
            && let Some(error) = ledger.failures.get(key, self.now_ns())
        {
            if asker == Asker::Fallible {
                ledger.tally.n_remembered_failures += 1;
            }
            return Found::Failure(error);
        }
        if let Some(flight) = ledger.loading.get(key) {
            let flight = Arc::clone(flight);
            return if flight.is_own() {
                Found::Nested(flight)
            } else {
                let is_first = matches!(asker, Asker::Fallible | Asker::Infallible);
                ledger.tally.n_coalesced += u64::from(is_first);
                Found::Loading(flight)
            };
        }
        let flight = Arc::new(Flight::start(asker));
        ledger.loading.insert(key.clone(), Arc::clone(&flight));
        Found::Absent(flight)
    }

    /// Makes the slot of a value.
    pub(crate) fn slot(
        &self,
        key: K,
        value: &Arc<V>,
        cost: Option<Duration>,
    ) -> Arc<Slot<K, V>> {
        let bytes = value.weight().bytes().saturating_add(Slot::<K, V>::OVERHEAD);
        let class = value.class();
        let deadline_ns =
            self.ttl.map_or(NEVER, |ttl| self.now_ns().saturating_add(ns(ttl)));
        let hash = self.hasher.hash_one(&key);
        let mut ledger = lock(&self.ledger);
        let cost_ns = cost.map_or_else(|| ledger.assumed_cost_ns(), ns);
        let seq = ledger.next_seq();
        let class = ledger.settings.class(class);
        drop(ledger);
        Arc::new(Slot {
            hot: Hot::default(),
            value: Arc::downgrade(value),
            deadline_ns,
            saved_ns: cost.map_or(0, ns),
            key,
            hash,
            bytes,
            cost_ns,
            seq,
            class,
            cold: Cold::default(),
        })
    }
}

/// Returns nanoseconds, at most 584 years.
pub(crate) fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
