use std::time::{Duration, Instant};

use safelight_core::{ByteSize, Cores};

/// One look of the history.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PastLook {
    /// When it was taken.
    pub at: Instant,
    /// The time until the next one, as it was planned.
    pub interval: Duration,
    /// What all trackers had counted.
    pub n_done: u64,
    /// Timed updates that went on.
    pub n_in_flight: usize,
    /// The depths of all queues, added up.
    pub n_waiting: u64,
    /// Resident memory of the process.
    pub rss: Option<ByteSize>,
    /// CPU use of the process.
    pub cpu: Option<Cores>,
    /// CPU use of the monitor's thread.
    pub own_cpu: Option<Cores>,
}
