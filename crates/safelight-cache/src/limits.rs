use safelight_core::ByteSize;

/// What a cache, or one class in it, may hold at most; both hold at every moment.
///
/// ```
/// use safelight_cache::Limits;
/// use safelight_core::ByteSize;
///
/// let limits = Limits { entries: None, ..Limits::default() };
/// assert_eq!(limits.bytes, ByteSize::mib(256));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the values with what the cache keeps for each; zero turns it off.
    pub bytes: ByteSize,
    /// Number of entries, `None` for any number; zero turns it off.
    pub entries: Option<usize>,
}

impl Limits {
    /// Nothing is kept.
    pub const ZERO: Self = Self { bytes: ByteSize::ZERO, entries: Some(0) };

    /// Returns the number of entries as a figure to compare with.
    pub(crate) fn max_entries(&self) -> usize {
        self.entries.unwrap_or(usize::MAX)
    }
}

/// 256 MiB and 50 entries.
impl Default for Limits {
    fn default() -> Self {
        Self { bytes: ByteSize::mib(256), entries: Some(50) }
    }
}
