use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use crate::{Usage, level::Level};

/// What one settlement of a thread brings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Delta {
    pub(crate) net: i64,
    pub(crate) allocated: u64,
    pub(crate) allocations: u64,
}

/// The shared part of a scope: a level, two counters, and the account above it.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) level: Level,
    pub(crate) allocated: AtomicU64,
    pub(crate) allocations: AtomicU64,
    parent: Option<Arc<Account>>,
}

impl Account {
    pub(crate) const fn new(parent: Option<Arc<Self>>) -> Self {
        Self {
            level: Level::new(),
            allocated: AtomicU64::new(0),
            allocations: AtomicU64::new(0),
            parent,
        }
    }

    /// Charges this account and each one above it, once.
    pub(crate) fn charge(&self, delta: Delta) {
        for account in self.up() {
            account.level.add(delta.net);
            account.count(delta.allocated, delta.allocations);
        }
    }

    /// Charges work that was measured elsewhere, on this account alone.
    pub(crate) fn absorb(&self, usage: Usage) {
        self.level.add_with_peak(usage.net_bytes, usage.peak_bytes);
        self.count(usage.allocated_bytes, usage.allocations);
    }

    pub(crate) fn arrive(&self) {
        self.up().for_each(|account| account.level.arrive());
    }

    pub(crate) fn leave(&self) {
        self.up().for_each(|account| account.level.leave());
    }

    fn count(&self, allocated: u64, allocations: u64) {
        self.allocated.fetch_add(allocated, Relaxed);
        self.allocations.fetch_add(allocations, Relaxed);
    }

    fn up(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |account| account.parent.as_deref())
    }
}
