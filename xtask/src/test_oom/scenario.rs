//! What all arms of a run do alike.

use std::{path::PathBuf, time::Duration};

use safelight_core::ByteSize;
use serde::{Deserialize, Serialize};

use super::arm::Arm;

#[cfg(test)]
mod tests;

/// What the program under test is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scenario {
    pub(super) arm: Arm,
    pub(super) limit_bytes: u64,
    pub(super) seed: u64,
    pub(super) n_jobs: usize,
    /// The files that jobs decode.
    pub(super) photos: Vec<PathBuf>,
    /// The file whose pictures fill the cache.
    pub(super) preview: PathBuf,
}

/// A job that comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    /// Time since the first burst.
    pub(super) at: Duration,
    /// Which of the photos it decodes.
    pub(super) photo_idx: usize,
}

/// Jobs that come in together: more than fit, by the mean of their sizes.
pub(super) const BURST: usize = 6;

/// From one burst to the next.
const BURST_EVERY: Duration = Duration::from_millis(2500);

/// Within this time all jobs of a burst come in.
const BURST_WITHIN_MS: usize = 120;

impl Scenario {
    pub(super) fn limit(&self) -> ByteSize {
        ByteSize::from_bytes(self.limit_bytes)
    }

    /// Returns when which job comes in; it depends on the seed alone.
    pub(super) fn arrivals(&self) -> Vec<Arrival> {
        let mut random = Random(self.seed);
        let arrival = |job_idx: usize| {
            let burst_idx = u32::try_from(job_idx / BURST).unwrap_or(u32::MAX);
            let within = random.index(BURST_WITHIN_MS) as u64;
            Arrival {
                at: BURST_EVERY * burst_idx + Duration::from_millis(within),
                photo_idx: random.index(self.photos.len()),
            }
        };
        let mut arrivals: Vec<Arrival> = (0..self.n_jobs).map(arrival).collect();
        arrivals.sort_by_key(|arrival| arrival.at);
        arrivals
    }
}

/// Returns what the cache may hold when there is plenty.
pub(super) fn cache_limit(limit: ByteSize) -> ByteSize {
    ByteSize::from_bytes(limit.bytes() / 10 * 6)
}

/// The generator splitmix64, written here so that a seed gives the same jobs forever.
struct Random(u64);

impl Random {
    /// Draws an index under `len`, which is not 0.
    fn index(&mut self, len: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((u128::from(z) * len as u128) >> 64) as usize
    }
}
