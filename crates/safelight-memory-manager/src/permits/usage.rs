use std::fmt;

use safelight_core::ByteSize;

/// How the capacity is used at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// What there is.
    pub capacity: ByteSize,
    /// What holders of permits are charged.
    pub granted: ByteSize,
    /// What consumers may hold.
    pub allotted: ByteSize,
    /// What consumers are configured to hold when there is plenty.
    pub configured: ByteSize,
    /// What consumers said they let go of since the start: for requests, for lower budgets,
    /// and when they were asked to reclaim.
    ///
    /// Where two threads ask one consumer at once, both may count the same bytes.
    pub reclaimed: ByteSize,
    /// The most that was granted at once, since the start.
    pub most_granted: ByteSize,
    /// How many requests were granted, since the start; what a permit grew by counts as one.
    pub n_granted: u64,
    /// How many requests came to a wait, since the start, whatever became of them.
    ///
    /// Those are not counted that were granted at once, also where that took room that
    /// consumers made when asked in their own thread.
    pub n_waited: u64,
    /// How many requests wait.
    pub n_waiting: usize,
}

impl Usage {
    /// Returns what is neither granted nor allotted.
    pub fn free(&self) -> ByteSize {
        self.capacity - self.granted - self.allotted
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { capacity, granted, allotted, n_waiting, .. } = self;
        let free = self.free();
        write!(f, "{granted} granted, {allotted} allotted, {free} free of {capacity}, ")?;
        write!(f, "{n_waiting} waiting")
    }
}
