use std::time::Duration;

use safelight_core::{ByteSize, Share};

use crate::Rule;

/// The settings of [`Governor`](crate::Governor), [`Budgets`](crate::Budgets) and
/// [`Driver`](crate::Driver); every combination means something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// From this part used on, pressure is elevated.
    pub elevated: Share,
    /// From this part used on, pressure is high.
    pub high: Share,
    /// From this part used on, pressure is critical.
    pub critical: Share,
    /// How far below the line where a level begins it ends.
    pub gap: Share,
    /// With fewer bytes available than this, pressure is critical whatever the part used.
    ///
    /// It counts for an eighth of the limit at most.
    pub floor: ByteSize,
    /// How long use must stay below where a level ends, before it does.
    pub dwell: Duration,
    /// How soon an action is repeated at the earliest, while its level lasts, and the purge
    /// without an action.
    pub cool_down: Duration,
    /// How long a level lasts at most while use is below where it began.
    pub longest_hold: Duration,
    /// What the consumers may hold in all.
    pub rule: Rule,
    /// How long budgets take to grow from nothing to what is configured.
    pub regrow: Duration,
    /// How many actions the journal keeps.
    pub n_journal: usize,
    /// How often to look while pressure is normal; each millisecond at most.
    pub quiet: Duration,
    /// How often to look while it is not; each millisecond at most.
    pub alert: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            elevated: Share::new(0.75),
            high: Share::new(0.85),
            critical: Share::new(0.95),
            gap: Share::new(0.05),
            floor: ByteSize::mib(32),
            dwell: Duration::from_secs(2),
            cool_down: Duration::from_secs(5),
            longest_hold: Duration::from_secs(8),
            rule: Rule::Available(Share::new(0.2)),
            regrow: Duration::from_secs(10),
            n_journal: 256,
            quiet: Duration::from_secs(1),
            alert: Duration::from_millis(100),
        }
    }
}
