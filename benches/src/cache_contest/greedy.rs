use std::{
    collections::{BinaryHeap, HashMap},
    time::Duration,
};

use safelight_core::ByteSize;

use super::{Blob, Contestant};
use crate::cache_trace::{Limits, Request, Trace};

/// A bound that knows the future, near what any cache could save.
///
/// It keeps what saves most for the share of the scarcer limit that it takes and for the time
/// until it is asked for again, and refuses what is worse than all that it holds.
/// It decides greedily, so it is not the optimum, which is infeasible to compute.
#[derive(Debug)]
pub struct Greedy {
    limits: Limits,
    /// For each request, when its object is asked for next, unless it has changed by then.
    next_uses: Vec<Option<usize>>,
    /// How many requests have come.
    now: usize,
    held: Vec<Held>,
    positions: HashMap<u64, usize>,
    bytes: ByteSize,
}

#[derive(Debug)]
struct Held {
    key: u64,
    next_use: usize,
    /// Share of the scarcer limit for each second that a hit saves.
    price: f64,
    value: Blob,
}

impl Greedy {
    /// Makes one that holds nothing, for one play of that trace.
    pub fn new(trace: &Trace, limits: Limits) -> Self {
        let mut later = HashMap::new();
        let mut next_uses: Vec<Option<usize>> = (trace.requests.iter().enumerate().rev())
            .map(|(idx, request)| {
                let (next, bytes) = later.insert(request.key, (idx, request.bytes))?;
                (bytes == request.bytes).then_some(next)
            })
            .collect();
        next_uses.reverse();
        Self {
            limits,
            next_uses,
            now: 0,
            held: Vec::new(),
            positions: HashMap::new(),
            bytes: ByteSize::ZERO,
        }
    }

    /// Returns who has to go for a newcomer; nobody where one of them is worth more.
    fn victims(&self, newcomer: &Held) -> Option<Vec<u64>> {
        let fits = |bytes: ByteSize, n_entries| {
            bytes + newcomer.value.bytes() <= self.limits.bytes
                && n_entries < self.limits.entries.get()
        };
        let (mut bytes, mut n_entries) = (self.bytes, self.held.len());
        let mut victims = Vec::new();
        if fits(bytes, n_entries) {
            return Some(victims);
        }
        let worth = self.badness(newcomer);
        let mut worse: BinaryHeap<(u64, usize)> = (self.held.iter().enumerate())
            .map(|(position, held)| (self.badness(held), position))
            .filter(|(badness, _)| worth <= *badness)
            .collect();
        while !fits(bytes, n_entries) {
            let (_, position) = worse.pop()?;
            bytes -= self.held[position].value.bytes();
            n_entries -= 1;
            victims.push(self.held[position].key);
        }
        Some(victims)
    }

    /// Returns a number that orders by how much better it is not to hold something.
    fn badness(&self, held: &Held) -> u64 {
        // The bits of numbers from 0 up are in the order of the numbers.
        ((held.next_use - self.now) as f64 * held.price).to_bits()
    }

    fn remove(&mut self, key: u64) {
        let Some(position) = self.positions.remove(&key) else { return };
        self.bytes -= self.held.swap_remove(position).value.bytes();
        if let Some(moved) = self.held.get(position) {
            self.positions.insert(moved.key, position);
        }
    }
}

impl Contestant for Greedy {
    fn get(&mut self, key: u64) -> Option<ByteSize> {
        let next_use = self.next_uses.get(self.now).copied().flatten();
        self.now += 1;
        let held = &mut self.held[*self.positions.get(&key)?];
        let bytes = held.value.bytes();
        match next_use {
            Some(next_use) => held.next_use = next_use,
            None => self.remove(key),
        }
        Some(bytes)
    }

    fn insert(&mut self, request: &Request, value: Blob) {
        let next_use = self.now.checked_sub(1).and_then(|asked| self.next_uses[asked]);
        let (Some(next_use), true) = (next_use, value.bytes() <= self.limits.bytes)
        else {
            return;
        };
        let of_bytes = value.bytes().bytes() as f64 / self.limits.bytes.bytes() as f64;
        let share = of_bytes.max(1.0 / self.limits.entries.get() as f64);
        let saves = request.cost.max(Duration::from_nanos(1));
        let price = share / saves.as_secs_f64();
        let newcomer = Held { key: request.key, next_use, price, value };
        let Some(victims) = self.victims(&newcomer) else { return };
        for key in victims {
            self.remove(key);
        }
        self.bytes += newcomer.value.bytes();
        self.positions.insert(newcomer.key, self.held.len());
        self.held.push(newcomer);
    }
}
