#[cfg(loom)]
use loom::sync::atomic::{AtomicU64, Ordering, Ordering::Relaxed};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicU64, Ordering, Ordering::Relaxed};

use crate::sample::{N_WORDS, Sample};

#[cfg(all(test, not(loom)))]
mod tests;

#[cfg(all(test, loom))]
mod loom_tests;

/// Samples a thread may have pending; a power of two.
pub(crate) const CAPACITY: usize = if cfg!(loom) { 2 } else { 128 };

// The tests under loom are built a second time with `WEAKENED` set, and must then fail.
const IS_WEAKENED: bool = cfg!(loom) && option_env!("WEAKENED").is_some();
const PUBLISH: Ordering = if IS_WEAKENED { Relaxed } else { Ordering::Release };

/// A queue from the one thread that measures to whoever folds.
///
/// Only its owner calls [`push`](Self::push), and whoever calls [`drain`](Self::drain)
/// holds the lock of the recording, so both ends have one user at a time.
/// A push is some plain stores: no lock, no read-modify-write.
#[derive(Debug)]
pub(crate) struct Ring {
    /// Samples ever pushed; written by the owner.
    head: AtomicU64,
    /// Samples ever drained; written by whoever holds the recording's lock.
    tail: AtomicU64,
    slots: Box<[Slot]>,
}

#[derive(Debug)]
struct Slot([AtomicU64; N_WORDS]);

impl Ring {
    pub(crate) fn new() -> Self {
        let slot = || Slot(std::array::from_fn(|_| AtomicU64::new(0)));
        Self {
            head: AtomicU64::new(0),
            tail: AtomicU64::new(0),
            slots: std::iter::repeat_with(slot).take(CAPACITY).collect(),
        }
    }

    /// Returns how many samples still fit; for the owner.
    #[inline]
    pub(crate) fn n_free(&self) -> usize {
        let pending = self.head.load(Relaxed) - self.tail.load(Ordering::Acquire);
        CAPACITY - pending as usize
    }

    /// Appends a sample; for the owner, who has seen that one is free.
    #[inline]
    pub(crate) fn push(&self, sample: &Sample) {
        let head = self.head.load(Relaxed);
        let slot = &self.slots[head as usize & (CAPACITY - 1)];
        for (word, value) in slot.0.iter().zip(sample.as_words()) {
            word.store(value, Relaxed);
        }
        self.head.store(head + 1, PUBLISH);
    }

    /// Takes out what is pending, oldest first; for the holder of the recording's lock.
    pub(crate) fn drain(&self, mut take: impl FnMut(Sample)) {
        let head = self.head.load(Ordering::Acquire);
        let mut tail = self.tail.load(Relaxed);
        while tail < head {
            let slot = &self.slots[tail as usize & (CAPACITY - 1)];
            let words = std::array::from_fn(|idx| slot.0[idx].load(Relaxed));
            take(Sample::from_words(words));
            tail += 1;
        }
        self.tail.store(tail, Ordering::Release);
    }
}
