use std::time::Duration;

use safelight_core::{ByteSize, Share};

use super::Live;
use crate::cache_trace::{Limits, Request};

/// What a contestant made of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Number of requests.
    pub requests: u64,
    /// How many of them hit.
    pub hits: u64,
    /// What was asked for.
    pub bytes: ByteSize,
    /// How much of it came from the cache.
    pub hit_bytes: ByteSize,
    /// What all of it costs without a cache.
    pub cost: Duration,
    /// What the hits saved of that.
    pub saved: Duration,
    /// The most that was held after a request.
    pub peak_bytes: ByteSize,
    /// The most values that were held after a request.
    pub peak_entries: usize,
}

impl Score {
    /// Adds a request, and looks at what is held after it.
    pub fn add(&mut self, request: &Request, is_hit: bool, live: &Live) {
        self.requests += 1;
        self.bytes += request.bytes;
        self.cost += request.cost;
        if is_hit {
            self.hits += 1;
            self.hit_bytes += request.bytes;
            self.saved += request.cost;
        }
        self.peak_bytes = self.peak_bytes.max(live.bytes());
        self.peak_entries = self.peak_entries.max(live.entries());
    }

    /// Returns the share of requests that hit.
    pub fn hit_ratio(&self) -> Share {
        Share::of(self.hits as f64, self.requests as f64)
    }

    /// Returns the share of bytes that came from the cache.
    pub fn byte_hit_ratio(&self) -> Share {
        Share::of(self.hit_bytes.bytes() as f64, self.bytes.bytes() as f64)
    }

    /// Returns the share of the cost that the hits saved.
    pub fn saved_share(&self) -> Share {
        Share::of(self.saved.as_secs_f64(), self.cost.as_secs_f64())
    }

    /// Returns whether both limits held after every request.
    pub fn is_within(&self, limits: Limits) -> bool {
        self.peak_bytes <= limits.bytes && self.peak_entries <= limits.entries.get()
    }
}
