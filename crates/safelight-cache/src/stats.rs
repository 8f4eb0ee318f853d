use std::{fmt, time::Duration};

use safelight_core::{ByteSize, Share};

use crate::{BreakEven, Cause, break_even::brief};

/// What a cache did since it was made.
///
/// Exact while no other thread uses the cache; otherwise each count is that of a moment
/// during the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests that were answered with a value that was there.
    pub n_hits: u64,
    /// Requests that were not; with the hits, all requests.
    pub n_misses: u64,
    /// Hits on values that had been let go and were still held by somebody.
    pub n_resurrected: u64,
    /// Requests that waited for the load of another caller.
    pub n_coalesced: u64,
    /// Loads that gave a value.
    pub n_loads: u64,
    /// Loads that failed or panicked.
    pub n_failed_loads: u64,
    /// Misses that were answered with a failure of before.
    pub n_remembered_failures: u64,
    /// Wall time of the loads that gave a value.
    pub load_time: Duration,
    /// Wall time that the hits saved: each hit counts what loading its value took.
    ///
    /// What the hits themselves took is not taken off. Threads add up: with several, it may
    /// be more than the time that has passed.
    pub time_saved: Duration,
    /// Values that were not kept because they weigh more than the limit.
    pub n_oversize: u64,
    /// Values that were not kept because those who would have to leave are worth more.
    pub n_refused: u64,
    /// Entries that were let go.
    pub evictions: Evictions,
    /// What is held now.
    pub usage: Usage,
}

/// Entries that were let go, by their [`Cause`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evictions {
    /// To make room.
    pub n_capacity: u64,
    /// Because a limit was lowered.
    pub n_limit: u64,
    /// Because memory was asked back.
    pub n_reclaim: u64,
    /// Because their time was over.
    pub n_expired: u64,
    /// Because a new value took their place.
    pub n_replaced: u64,
    /// Because somebody removed them.
    pub n_removed: u64,
}

/// What is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of the values, and what the cache keeps for each.
    pub bytes: ByteSize,
    /// Number of entries.
    pub n_entries: usize,
}

impl Stats {
    /// Returns the number of requests.
    pub fn n_requests(&self) -> u64 {
        self.n_hits + self.n_misses
    }

    /// Returns the hits as a part of the requests, `None` before the first.
    pub fn hit_ratio(&self) -> Option<Share> {
        let n_requests = self.n_requests();
        (0 < n_requests).then(|| Share::new(self.n_hits as f64 / n_requests as f64))
    }

    /// Returns the mean wall time of a load, `None` before the first.
    pub fn mean_load(&self) -> Option<Duration> {
        let mean = self.load_time.as_nanos().checked_div(u128::from(self.n_loads))?;
        Some(Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX)))
    }

    /// Compares a load with a hit that costs `hit`, the making of the key included.
    ///
    /// It is `None` before the first load.
    pub fn break_even(&self, hit: Duration) -> Option<BreakEven> {
        self.mean_load().map(|load| BreakEven { load, hit })
    }
}

impl Evictions {
    pub(crate) fn add(&mut self, cause: Cause) {
        let count = match cause {
            Cause::Capacity => &mut self.n_capacity,
            Cause::Limit => &mut self.n_limit,
            Cause::Reclaim => &mut self.n_reclaim,
            Cause::Expired => &mut self.n_expired,
            Cause::Replaced => &mut self.n_replaced,
            Cause::Removed => &mut self.n_removed,
        };
        *count += 1;
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} requests hit", self.n_hits, self.n_requests())?;
        if let Some(ratio) = self.hit_ratio() {
            write!(f, " ({ratio})")?;
        }
        let saved = brief(self.time_saved);
        let Usage { bytes, n_entries } = self.usage;
        write!(f, ", {saved} saved, {bytes} in {n_entries} entries")?;
        for (count, what) in [
            (self.n_refused, "not kept, worth less than others"),
            (self.n_oversize, "too large to keep"),
            (self.evictions.n_capacity, "pushed out"),
            (self.n_failed_loads, "failed"),
        ] {
            if 0 < count {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}
