use std::{collections::VecDeque, num::NonZeroUsize};

use safelight_core::{ByteSize, Share};

use crate::Reading;

/// Advises how many items to work on at once, from what items really took.
///
/// It is for a GPU, or for any memory whose use is read: each has its own, so that one that
/// is full cuts its own batch and no other's.
///
/// ```
/// use safelight_memory_manager::{Batch, ByteSize, Reading};
///
/// let mut batch = Batch::new(16.try_into()?, ByteSize::mib(100));
/// let gpu = |used| Reading { limit: ByteSize::mib(8000), used: ByteSize::mib(used) };
/// assert_eq!(batch.advise(&gpu(2000), 16), 16);
/// // At 85 % it is cut back to 80 %.
/// assert_eq!(batch.advise(&gpu(6800), 16), 12);
/// // Items that take more than they should count as what they take.
/// batch.record(16.try_into()?, ByteSize::mib(3200));
/// assert_eq!(batch.advise(&gpu(6800), 16), 14);
/// # Ok::<(), std::num::TryFromIntError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batch {
    most: NonZeroUsize,
    declared: ByteSize,
    recent: VecDeque<ByteSize>,
    last: usize,
}

/// How many batches are remembered.
const N_RECENT: usize = 16;

impl Batch {
    /// The part of the limit that is not to be passed.
    pub const CUT: Share = Share::new(0.8);

    /// Makes one for at most so many items, of which each is said to take so much.
    pub fn new(most: NonZeroUsize, per_item: ByteSize) -> Self {
        let recent = VecDeque::with_capacity(N_RECENT);
        Self { most, declared: per_item, recent, last: most.get() }
    }

    /// Takes note of the bytes that a batch took at its peak.
    pub fn record(&mut self, n_items: NonZeroUsize, peak: ByteSize) {
        if self.recent.len() == N_RECENT {
            self.recent.pop_front();
        }
        let per_item = peak.bytes().div_ceil(n_items.get() as u64);
        self.recent.push_back(ByteSize::from_bytes(per_item));
    }

    /// Returns what an item takes: the most in the last 16 batches, or what was said.
    pub fn per_item(&self) -> ByteSize {
        let most = self.recent.iter().copied().max().unwrap_or(self.declared);
        most.max(ByteSize::from_bytes(1))
    }

    /// Returns how many items to work on at once; zero where there is no room for one.
    ///
    /// The reading is taken while `n_running` items are worked on, and counts them.
    /// Where the limit is not known it says what it said last, or at first the most.
    pub fn advise(&mut self, reading: &Reading, n_running: usize) -> usize {
        if reading.limit != ByteSize::ZERO {
            self.last = self.n_fit(reading, n_running);
        }
        self.last
    }

    fn n_fit(&self, reading: &Reading, n_running: usize) -> usize {
        let cut = reading.limit.bytes() as f64 * Self::CUT.get();
        let cut = ByteSize::from_bytes(cut.round() as u64);
        let own = self.per_item().saturating_mul(n_running as u64);
        let room = cut - (reading.used - own);
        let n_fit = room.bytes() / self.per_item().bytes();
        usize::try_from(n_fit).map_or(self.most.get(), |n| n.min(self.most.get()))
    }
}
