use std::{fmt, time::Duration};

use safelight_core::Share;

/// What a cache has to win on one kind of work, and from how many hits on it does.
///
/// With a cache every request pays for looking, and the misses pay for the work on top.
/// Both times are means of what was measured. The mean of nothing is no duration, so keep
/// an `Option<BreakEven>` where there may be no sample yet; zero means "faster than the
/// clock can tell".
///
/// ```
/// use std::time::Duration;
///
/// use safelight_cache::{BreakEven, Verdict};
///
/// let load = Duration::from_micros(3_400);
/// let thumbnail = BreakEven { load, hit: Duration::from_nanos(1_200) };
/// assert_eq!(thumbnail.verdict(), Verdict::Cache);
/// assert_eq!(
///     thumbnail.to_string(),
///     "cache: a hit takes 1.2 µs instead of 3.4 ms, pays from 0.04 % of requests up",
/// );
///
/// let header = BreakEven { load: Duration::from_micros(2), hit: Duration::from_micros(9) };
/// assert_eq!(header.needed_hit_ratio(), None);
/// assert_eq!(header.to_string(), "do not cache: a hit takes 9 µs, the work 2 µs");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BreakEven {
    /// The mean time of the work.
    pub load: Duration,
    /// The mean time of a hit, with the making of the key.
    pub hit: Duration,
}

impl BreakEven {
    /// Returns how many times faster a hit is than the work; under 1 it is slower.
    ///
    /// A zero time counts as a nanosecond, the least that a [`Duration`] can tell.
    pub fn speedup(&self) -> f64 {
        let ns = |time: Duration| time.as_nanos().max(1) as f64;
        ns(self.load) / ns(self.hit)
    }

    /// Returns how much less time a hit takes than the work; none where it takes no less.
    pub fn saved_per_hit(&self) -> Option<Duration> {
        self.load.checked_sub(self.hit).filter(|saved| !saved.is_zero())
    }

    /// Returns the share of requests that have to hit for the cache to cost nothing.
    ///
    /// From there on it pays. None where a hit takes no less than the work: then no share
    /// is enough.
    pub fn needed_hit_ratio(&self) -> Option<Share> {
        self.saved_per_hit()?;
        Some(Share::of(self.hit.as_nanos() as f64, self.load.as_nanos() as f64))
    }

    /// Returns the mean time of a request with a cache that answers this share of them.
    ///
    /// Stops at [`Duration::MAX`].
    pub fn expected(&self, hit_ratio: Share) -> Duration {
        let misses = self.load.as_secs_f64() * (1.0 - hit_ratio.get());
        let misses = Duration::try_from_secs_f64(misses).unwrap_or(Duration::MAX);
        self.hit.saturating_add(misses)
    }

    /// Returns whether a cache can pay at all.
    pub fn verdict(&self) -> Verdict {
        let is_half = self.hit.saturating_mul(2) <= self.load;
        if is_half && self.hit < self.load { Verdict::Cache } else { Verdict::DoNotCache }
    }
}

impl fmt::Display for BreakEven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |time: Duration| {
            if time.is_zero() { "under 1 ns".to_owned() } else { brief(time) }
        };
        let (load, hit) = (told(self.load), told(self.hit));
        let text = match self.needed_hit_ratio() {
            Some(needed) if self.verdict() == Verdict::Cache => {
                let from = percent(needed);
                format!(
                    "cache: a hit takes {hit} instead of {load}, pays from {from} of requests up"
                )
            }
            _ => format!("do not cache: a hit takes {hit}, the work {load}"),
        };
        f.pad(&text)
    }
}

/// Whether a result is worth keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A hit takes half as long as the work, or less.
    Cache,
    /// A hit takes more than half as long: most requests would have to hit for the time to
    /// come back, and the memory would be gone.
    DoNotCache,
}

/// Prints a time with at most one decimal.
pub(crate) fn brief(time: Duration) -> String {
    const UNITS: [&str; 4] = ["ns", "µs", "ms", "s"];
    let mut unit_idx = 0;
    let mut value = time.as_nanos() as f64;
    // 999.95 would print as "1000.0": the next unit begins there.
    while 999.95 <= value && unit_idx + 1 < UNITS.len() {
        value /= 1000.0;
        unit_idx += 1;
    }
    let text = format!("{value:.1}");
    format!("{} {}", text.strip_suffix(".0").unwrap_or(&text), UNITS[unit_idx])
}

/// Prints a share with at most two decimals; [`Share`] itself prints none.
fn percent(share: Share) -> String {
    let percent = share.get() * 100.0;
    if 0.0 < percent && percent < 0.01 {
        return "0.01 %".to_owned();
    }
    let text = format!("{percent:.2}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
