//! What the program under test tells while it runs.

use serde::{Deserialize, Serialize};

/// A line of it; each has all that was known then, so that the last one of a killed
/// program says how far it came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Whether everything has ended, and this is the last line.
    pub(super) is_final: bool,
    pub(super) n_begun: u64,
    pub(super) n_done: u64,
    /// How long the jobs that have begun have waited, in all.
    pub(super) waited_ns: u64,
    /// The mean of what the cache held, since the first burst.
    pub(super) cache_mean_bytes: Option<u64>,
    /// The largest ratio of real to declared bytes of a job.
    pub(super) peak_ratio: Option<f64>,
    /// What went wrong first.
    pub(super) error: Option<String>,
}
