use crate::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{Acquire, Release},
};

/// The account of values that were let go and are not dropped yet.
///
/// They are dropped without the lock, so that nobody waits while a large buffer is freed;
/// until then they count, so that nobody takes their room.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    bytes: AtomicU64,
    n_entries: AtomicUsize,
}

impl Leaving {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Acquire)
    }

    pub(crate) fn n_entries(&self) -> usize {
        self.n_entries.load(Acquire)
    }

    /// Counts one; the ledger's lock is held.
    pub(crate) fn add(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Release);
        self.n_entries.fetch_add(1, Release);
    }

    /// Counts one as dropped; no lock is needed.
    pub(crate) fn sub(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Release);
        self.n_entries.fetch_sub(1, Release);
    }
}
