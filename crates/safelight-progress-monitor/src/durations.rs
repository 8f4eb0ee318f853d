use std::time::Duration;

#[cfg(test)]
mod tests;

/// Buckets for each doubling.
const PER_DOUBLING: u32 = 4;
/// Shorter ones count as 2^10 ns.
const SHORTEST_LOG2: u32 = 10;
const N_BUCKETS: usize = 32 * PER_DOUBLING as usize;

/// How long updates took, as a histogram: quantiles are right within a fifth.
#[derive(Clone, Debug)]
pub(crate) struct Durations {
    buckets: [u32; N_BUCKETS],
    n: u64,
    longest: Duration,
}

impl Default for Durations {
    fn default() -> Self {
        Self { buckets: [0; N_BUCKETS], n: 0, longest: Duration::ZERO }
    }
}

impl Durations {
    pub(crate) fn add(&mut self, took: Duration) {
        let bucket = &mut self.buckets[bucket_idx(took)];
        *bucket = bucket.saturating_add(1);
        self.n += 1;
        self.longest = self.longest.max(took);
    }

    pub(crate) fn n(&self) -> u64 {
        self.n
    }

    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }

    /// Returns what 99 of 100 stayed within; with fewer than 100 that says nothing.
    pub(crate) fn p99(&self) -> Option<Duration> {
        if self.n < 100 {
            return None;
        }
        let n_all: u64 = self.buckets.iter().map(|n| u64::from(*n)).sum();
        let rank = (n_all * 99).div_ceil(100);
        let mut n_below = 0;
        let bucket_idx = self.buckets.iter().position(|n| {
            n_below += u64::from(*n);
            rank <= n_below
        });
        bucket_idx.map(|idx| upper_end(idx).min(self.longest))
    }
}

fn bucket_idx(took: Duration) -> usize {
    let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    let Some(log2) = nanos.max(1).ilog2().checked_sub(SHORTEST_LOG2) else { return 0 };
    // The two bits after the leading one.
    let part = (nanos >> (log2 + SHORTEST_LOG2 - 2)) & 3;
    ((log2 * PER_DOUBLING) as usize + part as usize).min(N_BUCKETS - 1)
}

fn upper_end(bucket_idx: usize) -> Duration {
    let next = bucket_idx as u64 + 1;
    let log2 = next / u64::from(PER_DOUBLING) + u64::from(SHORTEST_LOG2);
    Duration::from_nanos((4 + next % 4) << (log2 - 2))
}
