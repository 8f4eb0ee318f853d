use std::{fmt, path::Path, sync::Arc};

use safelight_core::{ByteSize, Share};

/// One bound on the memory of this process, and how much of it is used.
///
/// Every process has that of the host; on Linux each cgroup above it may set further ones,
/// and what any of its processes uses counts.
///
/// ```
/// use safelight_core::ByteSize;
/// use safelight_probe::{Binding, Limit};
///
/// let host = Limit::new(Binding::Host, ByteSize::gib(4), ByteSize::gib(3));
/// assert_eq!(host.available(), ByteSize::gib(1));
/// assert_eq!(host.used_share().map(|share| share.to_string()), Some("75 %".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// Who sets it.
    pub binding: Binding,
    /// At most so much may be used.
    pub size: ByteSize,
    /// What is used and does not come back by itself; `None` where it could not be read.
    ///
    /// Clean pages of files, read once or often, are not in it: the kernel drops them before
    /// it refuses memory. Shared memory, dirty pages and pages under write-back are in it,
    /// and memory of the kernel too.
    pub used: Option<ByteSize>,
    /// The clean pages of files that are charged but not in `used`.
    ///
    /// `None` where the kernel's own estimate was taken, which is so for the host, and where
    /// they could not be read: then `used` is all that is charged.
    pub clean_cache: Option<ByteSize>,
}

impl Limit {
    /// Makes a limit, with no clean cache told.
    pub fn new(binding: Binding, size: ByteSize, used: ByteSize) -> Self {
        Self { binding, size, used: Some(used), clean_cache: None }
    }

    /// Returns how much can still be used before this limit is met.
    ///
    /// That is all of it, the most that it can be, where the usage is not known.
    pub fn available(&self) -> ByteSize {
        self.size - self.used.unwrap_or(ByteSize::ZERO)
    }

    /// Returns the used part; the whole where nothing is allowed at all.
    pub fn used_share(&self) -> Option<Share> {
        if self.size == ByteSize::ZERO {
            return Some(Share::ONE);
        }
        let used = self.used?.bytes() as f64;
        Some(Share::of(used, self.size.bytes() as f64))
    }
}

/// Who sets a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Binding {
    /// The memory of the machine.
    Host,
    /// A cgroup: that of the process, or one above it.
    Cgroup {
        /// Where it is below the mount of its hierarchy; `/` is the topmost that can be seen,
        /// in a container mostly the container's own.
        path: Arc<Path>,
        /// Which of its limits it is.
        kind: LimitKind,
    },
}

/// Which of the limits of a cgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// Over it processes are killed: `memory.max`, `memory.limit_in_bytes`.
    Hard,
    /// Over it processes are slowed down and made to give back: `memory.high`.
    High,
    /// A hard limit on memory and swap together: `memory.memsw.limit_in_bytes`.
    WithSwap,
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.pad("host"),
            Self::Cgroup { path, kind } => {
                f.pad(&format!("{kind} of cgroup {}", path.display()))
            }
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hard => "hard limit",
            Self::High => "high limit",
            Self::WithSwap => "limit with swap",
        })
    }
}
