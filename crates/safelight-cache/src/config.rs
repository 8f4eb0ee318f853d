use std::time::Duration;

use safelight_core::ByteSize;

use crate::{Limits, Policy};

/// How a cache is set up.
///
/// ```
/// use safelight_cache::{Config, Policy};
///
/// let config = Config { policy: Policy::Lru, ..Config::default() };
/// assert_eq!(config.limits.entries, Some(50));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// What values of the class [`Bulk`](crate::Class::Bulk) may take: 256 MiB and 50 entries.
    pub limits: Limits,
    /// What values of the class [`Small`](crate::Class::Small) may take beside that: 4 MiB in
    /// any number of entries. `None` puts them with the others.
    pub small: Option<Limits>,
    /// Who leaves when there is no room: the one that saves least.
    pub policy: Policy,
    /// How long a value may be given out, `None` for as long as it is held.
    pub ttl: Option<Duration>,
    /// How long a failed load is remembered and not tried again; `None` for not at all.
    ///
    /// At most the last 1 024 are. Panics are not remembered, and work that cannot fail is
    /// done all the same.
    pub failure_ttl: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            small: Some(Limits { bytes: ByteSize::mib(4), entries: None }),
            policy: Policy::default(),
            ttl: None,
            failure_ttl: None,
        }
    }
}
