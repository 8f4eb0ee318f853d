use safelight_core::{ByteSize, Share};

/// How much memory there is and how much is used, at one moment.
///
/// The caller fills it, from whichever limit binds: that of the host, of a control group,
/// or of a GPU. Clean file cache does not count as used, because it gives way by itself.
///
/// ```
/// use safelight_memory_manager::{ByteSize, Reading};
///
/// let reading = Reading { limit: ByteSize::gib(8), used: ByteSize::gib(6) };
/// assert_eq!(reading.available(), ByteSize::gib(2));
/// assert_eq!(reading.share().to_string(), "75 %");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What may be used in all; zero where it is not known, which counts as plenty.
    pub limit: ByteSize,
    /// What is used.
    pub used: ByteSize,
}

impl Reading {
    /// Returns what can still be used.
    pub fn available(&self) -> ByteSize {
        self.limit - self.used
    }

    /// Returns the part that is used.
    pub fn share(&self) -> Share {
        Share::of(self.used.bytes() as f64, self.limit.bytes() as f64)
    }
}
