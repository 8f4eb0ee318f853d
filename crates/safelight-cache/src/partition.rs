use std::{collections::BTreeMap, mem, sync::Arc};

use crate::{
    ghosts::Ghosts,
    leaving::Leaving,
    limits::Limits,
    policy::{Frequency, Policy},
    slot::{Slot, State},
};

/// The entries of one class, their limits, and the order in which they would leave.
///
/// It is a plain state machine under the lock of its cache.
/// The order is lazy: a use changes only the slot, and an entry moves to its true place when
/// its turn to leave comes. As ranks only grow with use, the one that leaves is the lowest.
pub(crate) struct Partition<K, V> {
    policy: Policy,
    limits: Limits,
    /// Those that are held, by rank and number, the next to leave first.
    order: BTreeMap<(u64, u64), Held<K, V>>,
    bytes: u64,
    ghosts: Ghosts,
    /// Values on their way out, which count until they are dropped.
    leaving: Arc<Leaving>,
}

/// The only lasting owner of a value.
pub(crate) struct Held<K, V> {
    pub(crate) slot: Arc<Slot<K, V>>,
    pub(crate) value: Arc<V>,
    frequency: Frequency,
    /// Uses that are in the frequency already.
    n_counted: u32,
}

/// Whether there is room for an entry.
pub(crate) enum Room<K, V> {
    /// There is.
    Free,
    /// There is once these are dropped; they are off the order already.
    After(Vec<Held<K, V>>),
    /// There will be when others have dropped what they took out.
    Soon,
    /// Those who would have to leave are worth more, or pinned.
    Refused,
    /// It is larger than the limit.
    Oversize,
}

/// Which entries may be let go.
#[derive(Clone, Copy)]
enum Eligible {
    /// Those of a lower rank that are not pinned.
    Below(u64),
    /// Any, the pinned ones last.
    Any,
    /// Any that no user holds, the pinned ones last.
    Unshared,
}

/// What must leave: so many bytes and entries.
#[derive(Clone, Copy)]
struct Excess {
    bytes: u64,
    n_entries: u64,
}

impl<K, V> Partition<K, V> {
    pub(crate) fn new(policy: Policy, limits: Limits) -> Self {
        Self {
            policy,
            limits,
            order: BTreeMap::new(),
            bytes: 0,
            ghosts: Ghosts::default(),
            leaving: Arc::default(),
        }
    }

    /// Returns the bytes that are held.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the number of entries that are held.
    pub(crate) fn n_entries(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn leaving(&self) -> &Arc<Leaving> {
        &self.leaving
    }

    /// Returns the slots, the next to leave first, as far as that is known.
    pub(crate) fn slots(&self) -> impl DoubleEndedIterator<Item = &Arc<Slot<K, V>>> {
        self.order.values().map(|held| &held.slot)
    }

    /// Whether an entry could be held if it were alone.
    pub(crate) fn could_hold(&self, slot: &Slot<K, V>) -> bool {
        self.could_hold_bytes(slot.bytes)
    }

    pub(crate) fn could_hold_bytes(&self, bytes: u64) -> bool {
        bytes <= self.limits.bytes.bytes() && 0 < self.limits.max_entries()
    }

    /// Whether an entry can be held without letting go of another one.
    pub(crate) fn is_roomy(&self, bytes: u64) -> bool {
        !self.excess(bytes, 1).is_some()
    }

    /// Counts a request for an entry that is not held, and makes room for it.
    ///
    /// What is returned to leave is off the order and counts as leaving: the caller drops it
    /// and asks again.
    pub(crate) fn make_room(&mut self, newcomer: &Newcomer<K, V>) -> Room<K, V> {
        let slot = &newcomer.slot;
        if !self.could_hold(slot) {
            return Room::Oversize;
        }
        let excess = self.excess(slot.bytes, 1);
        if !excess.is_some() {
            return Room::Free;
        }
        let eligible = match self.policy {
            // The newcomer is the latest.
            Policy::Lru => Eligible::Below(u64::MAX),
            Policy::CostAware => Eligible::Below(self.rank_of(slot, newcomer.frequency)),
        };
        if let Some(held) = self.choose(excess, eligible) {
            return Room::After(held);
        }
        let is_full = self.excess_of_held(slot.bytes, 1).is_some();
        if is_full { Room::Refused } else { Room::Soon }
    }

    /// Takes an entry in, for which [`make_room`](Self::make_room) found room.
    pub(crate) fn put(&mut self, newcomer: &Newcomer<K, V>, value: Arc<V>) {
        let Newcomer { slot, frequency } = newcomer;
        let (slot, frequency) = (Arc::clone(slot), *frequency);
        let rank = self.rank_of(&slot, frequency);
        slot.set_rank(rank);
        slot.set_state(State::Live);
        self.bytes += slot.bytes;
        let key = (rank, slot.seq);
        let n_counted = slot.n_uses();
        self.order.insert(key, Held { slot, value, frequency, n_counted });
        debug_assert!(self.bytes <= self.limits.bytes.bytes(), "over the limit");
    }

    /// Returns a slot as one that asks to be held, with what is remembered of its key.
    pub(crate) fn newcomer(
        &mut self,
        slot: Arc<Slot<K, V>>,
        tick: u64,
    ) -> Newcomer<K, V> {
        let frequency = match self.policy {
            Policy::Lru => Frequency::ZERO,
            Policy::CostAware => self.ghosts.take(slot.hash).plus(1, tick),
        };
        slot.touch(tick);
        Newcomer { slot, frequency }
    }

    /// Remembers one that was not let in.
    pub(crate) fn turn_away(&mut self, newcomer: &Newcomer<K, V>) {
        self.remember(newcomer.slot.hash, newcomer.frequency);
    }

    /// Takes one out, which then counts as leaving.
    pub(crate) fn take(&mut self, slot: &Slot<K, V>) -> Option<Held<K, V>> {
        let mut held = self.order.remove(&(slot.rank(), slot.seq))?;
        self.let_go(&mut held);
        Some(held)
    }

    /// Takes all out; they count as leaving, and no frequency is remembered.
    pub(crate) fn take_all(&mut self) -> Vec<Held<K, V>> {
        let mut all: Vec<_> = mem::take(&mut self.order).into_values().collect();
        for held in &mut all {
            self.let_go(held);
        }
        self.ghosts.clear();
        all
    }

    /// Sets the limits and takes out what is over them; it counts as leaving.
    pub(crate) fn set_limits(&mut self, limits: Limits) -> Vec<Held<K, V>> {
        let floor_bytes = self.floor_bytes();
        self.limits = limits;
        if self.policy == Policy::CostAware && floor_bytes != self.floor_bytes() {
            self.rank_anew();
        }
        self.ghosts.shrink(self.max_ghosts());
        // What is on its way out already need not be made up for.
        self.choose(self.excess_of_held(0, 0), Eligible::Any).unwrap_or_default()
    }

    /// Takes out entries of at least `bytes` that nobody else holds, as far as there are any.
    pub(crate) fn reclaim(&mut self, bytes: u64) -> Vec<Held<K, V>> {
        let excess = Excess { bytes: bytes.min(self.bytes), n_entries: 0 };
        self.choose(excess, Eligible::Unshared).unwrap_or_default()
    }

    /// How far an addition would be over the limits.
    ///
    /// What is on its way out still takes its room.
    fn excess(&self, bytes: u64, n_entries: u64) -> Excess {
        let held = Excess {
            bytes: self.bytes.saturating_add(self.leaving.bytes()),
            n_entries: (self.order.len() + self.leaving.n_entries()) as u64,
        };
        self.over(held, Excess { bytes, n_entries })
    }

    /// How far an addition would be over the limits if nothing were on its way out.
    fn excess_of_held(&self, bytes: u64, n_entries: u64) -> Excess {
        let held = Excess { bytes: self.bytes, n_entries: self.order.len() as u64 };
        self.over(held, Excess { bytes, n_entries })
    }

    fn over(&self, held: Excess, added: Excess) -> Excess {
        let over = |held: u64, added: u64, max: u64| {
            let free = max.saturating_sub(held);
            held.saturating_sub(max).saturating_add(added.saturating_sub(free))
        };
        let max_entries = self.limits.max_entries() as u64;
        Excess {
            bytes: over(held.bytes, added.bytes, self.limits.bytes.bytes()),
            n_entries: over(held.n_entries, added.n_entries, max_entries),
        }
    }

    /// Takes the lowest out until the excess is gone.
    ///
    /// Where only entries of a lower rank may leave and they do not suffice, all stay and
    /// there is no result; in the other cases whatever there is leaves.
    fn choose(&mut self, excess: Excess, eligible: Eligible) -> Option<Vec<Held<K, V>>> {
        let mut chosen = Vec::new();
        let mut spared = Vec::new();
        let mut left = excess;
        while left.is_some() {
            let Some(held) = self.pop_lowest() else { break };
            let may_leave = match eligible {
                Eligible::Below(rank) if rank <= held.slot.rank() => {
                    // All that follow rank higher still.
                    spared.push(held);
                    break;
                }
                Eligible::Unshared => Arc::strong_count(&held.value) == 1,
                Eligible::Below(_) | Eligible::Any => true,
            };
            if may_leave && !held.slot.is_pinned() {
                left.take(&held.slot);
                chosen.push(held);
            } else {
                spared.push(held);
            }
        }
        let is_short = left.is_some();
        if is_short && matches!(eligible, Eligible::Below(_)) {
            spared.append(&mut chosen);
        } else if is_short {
            // A pin protects against the policy, not against the limit.
            chosen.extend(spared.extract_if(.., |held| {
                let is_shared = matches!(eligible, Eligible::Unshared)
                    && Arc::strong_count(&held.value) != 1;
                let leaves = left.is_some() && !is_shared;
                if leaves {
                    left.take(&held.slot);
                }
                leaves
            }));
        }
        for held in spared {
            self.order.insert((held.slot.rank(), held.slot.seq), held);
        }
        for held in &mut chosen {
            self.let_go(held);
        }
        let is_refused = is_short && matches!(eligible, Eligible::Below(_));
        (!is_refused).then_some(chosen)
    }

    /// Takes the one off the order that is truly the next to leave.
    fn pop_lowest(&mut self) -> Option<Held<K, V>> {
        loop {
            let ((rank, seq), mut held) = self.order.pop_first()?;
            if !held.count() {
                // It was not used since it was ranked.
                return Some(held);
            }
            let now = self.rank_of(&held.slot, held.frequency);
            held.slot.set_rank(now);
            // Ranks hardly ever fall, and one that fell is still the lowest.
            let is_lowest = now <= rank
                || self
                    .order
                    .first_key_value()
                    .is_none_or(|(next, _)| (now, seq) < *next);
            if is_lowest {
                return Some(held);
            }
            self.order.insert((now, seq), held);
        }
    }

    fn rank_of(&self, slot: &Slot<K, V>, frequency: Frequency) -> u64 {
        match self.policy {
            Policy::Lru => slot.stamp(),
            Policy::CostAware => {
                frequency.rank(slot.cost_ns, slot.bytes, self.floor_bytes())
            }
        }
    }

    /// The size from which bytes are scarcer than entries.
    fn floor_bytes(&self) -> u64 {
        let n_entries = self.limits.max_entries().max(1) as u64;
        self.limits.bytes.bytes() / n_entries
    }

    fn rank_anew(&mut self) {
        let all = mem::take(&mut self.order).into_values();
        let ranked = all.map(|mut held| {
            held.count();
            let rank = self.rank_of(&held.slot, held.frequency);
            held.slot.set_rank(rank);
            ((rank, held.slot.seq), held)
        });
        self.order = ranked.collect();
    }

    /// Moves the account of one that is off the order to those who are leaving.
    fn let_go(&mut self, held: &mut Held<K, V>) {
        self.bytes -= held.slot.bytes;
        self.leaving.add(held.slot.bytes);
        held.count();
        self.remember(held.slot.hash, held.frequency);
    }

    fn remember(&mut self, hash: u64, frequency: Frequency) {
        if self.policy == Policy::CostAware {
            self.ghosts.put(hash, frequency, self.max_ghosts());
        }
    }

    fn max_ghosts(&self) -> usize {
        let n_entries = self.order.len().max(self.limits.entries.unwrap_or(0));
        let by_bytes = self.limits.bytes.bytes() / BYTES_PER_GHOST;
        let by_bytes = usize::try_from(by_bytes).unwrap_or(usize::MAX);
        n_entries.saturating_mul(GHOSTS_PER_ENTRY).min(by_bytes).max(MIN_GHOSTS)
    }
}

/// Keys that are remembered for each entry that may be held.
const GHOSTS_PER_ENTRY: usize = 16;

/// Bytes of the limit for each key that is remembered, so that all take some hundredths of it.
const BYTES_PER_GHOST: u64 = 2048;

/// Keys that are remembered at least; they take a few KiB.
const MIN_GHOSTS: usize = 256;

/// One that asks to be held.
pub(crate) struct Newcomer<K, V> {
    pub(crate) slot: Arc<Slot<K, V>>,
    frequency: Frequency,
}

impl<K, V> Held<K, V> {
    /// Counts the uses since the last time; returns whether there were any.
    fn count(&mut self) -> bool {
        let n_uses = self.slot.n_uses();
        let n_new = n_uses.wrapping_sub(self.n_counted);
        if n_new == 0 {
            return false;
        }
        // A count that was set back: it was used, at least once.
        let n_new = if n_new < u32::MAX / 2 { n_new } else { 1 };
        self.frequency = self.frequency.plus(n_new, self.slot.stamp());
        self.n_counted = n_uses;
        true
    }
}

impl Excess {
    fn is_some(self) -> bool {
        0 < self.bytes || 0 < self.n_entries
    }

    fn take<K, V>(&mut self, slot: &Slot<K, V>) {
        self.bytes = self.bytes.saturating_sub(slot.bytes);
        self.n_entries = self.n_entries.saturating_sub(1);
    }
}
