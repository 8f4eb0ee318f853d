use std::{collections::VecDeque, time::Instant};

use safelight_core::{ByteSize, Pressure};

/// What was done, and what came of it; the oldest entries go.
///
/// ```
/// # use safelight_core::{Clock, ManualClock};
/// # let now = ManualClock::new().now();
/// use safelight_memory_manager::{ByteSize, Config, Control, Permits, Reading};
///
/// let mut control = Control::new(Permits::new(ByteSize::gib(1)), Config::default());
/// let reading = |mib| Reading { limit: ByteSize::mib(1000), used: ByteSize::mib(mib) };
/// control.step(&reading(970), now);
/// control.step(&reading(900), now);
/// for entry in control.journal().entries() {
///     assert_eq!(entry.wanted, ByteSize::mib(970));
///     assert_eq!(entry.used_after, Some(ByteSize::mib(900)));
///     // No cache was registered: nothing was let go of, so nothing of it is retained.
///     assert_eq!((entry.receipt, entry.retained()), (ByteSize::ZERO, Some(ByteSize::ZERO)));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    entries: VecDeque<Entry>,
    n_most: usize,
}

/// One action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When it was done.
    pub at: Instant,
    /// How scarce memory was.
    pub level: Pressure,
    /// What consumers were asked to let go of.
    pub wanted: ByteSize,
    /// What they say they let go of, by the reclaim and by lower budgets.
    pub receipt: ByteSize,
    /// What they held before.
    pub held_before: ByteSize,
    /// What they held after.
    pub held_after: ByteSize,
    /// What was used by the reading before.
    pub used_before: ByteSize,
    /// What was used by the next reading, once there is one.
    pub used_after: Option<ByteSize>,
}

impl Entry {
    /// Returns what was let go of, and yet is still used by the next reading.
    ///
    /// The allocator retains it, or others took it. Evicting more does not help with the
    /// former; a purge of the allocator does. Where there is one, it was called between the
    /// two readings, and this is what it did not bring.
    pub fn retained(&self) -> Option<ByteSize> {
        self.used_after.map(|after| self.receipt - (self.used_before - after))
    }
}

impl Journal {
    pub(crate) fn new(n_most: usize) -> Self {
        Self { entries: VecDeque::new(), n_most }
    }

    /// Returns the entries, the oldest first.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Changes how many entries are kept; the oldest go first.
    pub(crate) fn set_most(&mut self, n_most: usize) {
        self.n_most = n_most;
        let n_over = self.entries.len().saturating_sub(n_most);
        self.entries.drain(..n_over);
    }

    pub(crate) fn write(&mut self, entry: Entry) {
        if self.n_most == 0 {
            return;
        }
        if self.entries.len() == self.n_most {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Completes the last entry by the reading that came next; returns it, once.
    pub(crate) fn complete(&mut self, used: ByteSize) -> Option<Entry> {
        let entry = self.entries.back_mut()?;
        if entry.used_after.is_some() {
            return None;
        }
        entry.used_after = Some(used);
        Some(*entry)
    }
}
