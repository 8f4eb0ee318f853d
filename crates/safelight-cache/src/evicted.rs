use safelight_core::ByteSize;

/// An entry that the cache let go, as an observer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evicted<K> {
    /// The key of the entry.
    pub key: K,
    /// What it weighed.
    pub bytes: ByteSize,
    /// Why it went.
    pub cause: Cause,
    /// Whether the value was dropped; otherwise somebody still holds it.
    pub was_dropped: bool,
}

/// Why an entry went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// To make room for another entry.
    Capacity,
    /// A limit or the budget was lowered.
    Limit,
    /// Memory was asked back, by a reclaim or a trim.
    Reclaim,
    /// Its time was over.
    Expired,
    /// A new value took its place.
    Replaced,
    /// Somebody removed it, or cleared the cache.
    Removed,
}
