use std::time::Duration;

use safelight_core::ByteSize;

/// What the caller read of the process; what is not known is `None`, never 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The physical memory of the whole process.
    pub rss: Option<ByteSize>,
    /// The CPU time of the whole process since its start.
    pub cpu: Option<Duration>,
    /// The CPU time of the thread that calls the collector and the sinks.
    pub own_cpu: Option<Duration>,
}
