use std::{collections::BTreeMap, num::NonZeroUsize, time::Duration};

use safelight_core::{ByteSize, Cores, Share};

/// What counts as a bottleneck, and what is known of the surroundings.
///
/// ```
/// use std::time::Duration;
///
/// use safelight_profiler::Rules;
///
/// let rules = Rules { slow: Duration::from_millis(50), ..Rules::default() };
/// assert_eq!(rules.heap_peak.bytes(), 100_000_000);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// An operation whose median takes longer is slow; 500 ms by default.
    pub slow: Duration,
    /// An operation whose median peak heap is larger is heavy; 100 MB by default.
    pub heap_peak: ByteSize,
    /// An operation that uses more than this is bound by the CPU; 80 % of one core by
    /// default.
    pub cpu: Cores,
    /// An operation with a smaller part of the time is not called bound by the CPU; 1 % by
    /// default.
    pub min_share: Share,
    /// An operation that grows faster than pixels to this power scales badly; 1.2 by default.
    pub exponent: f64,
    /// How sure a finding is; 95 % by default.
    pub level: Share,
    /// Cores that a batch could use; those this process may use by default.
    pub n_cores: NonZeroUsize,
    /// Measured cost of a cache hit, by operation; none by default, and then there is no
    /// advice on caching.
    pub hit_costs: BTreeMap<String, Duration>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            slow: Duration::from_millis(500),
            heap_peak: ByteSize::from_bytes(100_000_000),
            cpu: Cores::new(0.8),
            min_share: Share::new(0.01),
            exponent: 1.2,
            level: Share::new(0.95),
            n_cores: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            hit_costs: BTreeMap::new(),
        }
    }
}
