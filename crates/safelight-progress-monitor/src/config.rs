use std::time::Duration;

use safelight_core::{ByteSize, Cores, Share};

use crate::{ConfigError, Rate, spaced::Spaced};

#[cfg(feature = "serde")]
mod text;

/// The settings of a [`Collector`](crate::Collector); a value at a threshold is no alert.
///
/// With the feature `serde` it is read from a file: times and sizes are texts ("100 ms",
/// "500 MB"), shares, cores and rates are numbers, what is not given is the default, and an
/// unknown key is an error that names it. Whether the values can be meant together is found
/// by [`Collector::new`](crate::Collector::new), not by reading.
///
/// ```
/// use std::time::Duration;
///
/// use safelight_progress_monitor::Config;
///
/// let config = Config { latency: Duration::from_millis(20), ..Config::default() };
/// assert!(config.check().is_ok());
/// let error = Config { shortest: Duration::ZERO, ..config }.check().unwrap_err();
/// assert_eq!(error.key(), "shortest");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Config {
    /// An update that took longer is an alert, and so is a frame that comes later than its
    /// interval by more.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub latency: Duration,
    /// How long a slow update, or a late frame, is an alert.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub latency_window: Duration,
    /// An update that goes on for longer is an alert.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub in_flight: Duration,
    /// More resident memory of the process is an alert.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "text::bytes::deserialize"))]
    pub rss: ByteSize,
    /// How long it must be more.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub rss_for: Duration,
    /// More CPU use of the process is an alert; 1 is one core.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "text::cores::deserialize"))]
    pub cpu: Cores,
    /// How long it must be more.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub cpu_for: Duration,
    /// More in a queue is an alert.
    pub queue: u64,
    /// How long it must be more.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub queue_for: Duration,
    /// Fewer updates in a second are an alert, of a tracker that has work.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "text::rate::deserialize"))]
    pub rate: Rate,
    /// How long a tracker may be silent beyond the time that the rate allows.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub rate_for: Duration,
    /// The monitor may use so much CPU; if it uses more, it looks less often. 1 is one core.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "text::cores::deserialize"))]
    pub own_cpu: Cores,
    /// How far below its threshold a value must be for its alert to end.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "text::share::deserialize"))]
    pub hysteresis: Share,
    /// The time between the first two frames.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub start: Duration,
    /// The time between two frames is never shorter, but for the frame that the first update
    /// after idleness calls at once.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub shortest: Duration,
    /// The time between two frames is never longer.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub longest: Duration,
    /// The time between two frames is not shorter under stress, with the same exception.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "text::duration::deserialize")
    )]
    pub stressed: Duration,
    /// The sinks may take this part of the time; if they take more, frames come less often.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "text::share::deserialize"))]
    pub sink_share: Share,
    /// How many looks the history keeps.
    pub n_history: usize,
    /// How many measures, and how many notices, the journals keep.
    pub n_journal: usize,
    /// How many notices and how many messages a frame holds; further ones are counted.
    pub n_notices: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            latency: Duration::from_millis(100),
            latency_window: Duration::from_secs(10),
            in_flight: Duration::from_secs(30),
            rss: ByteSize::from_bytes(500_000_000),
            rss_for: Duration::ZERO,
            cpu: Cores::new(0.8),
            cpu_for: Duration::from_secs(2),
            queue: 100,
            queue_for: Duration::ZERO,
            rate: Rate::per_second(0.5),
            rate_for: Duration::ZERO,
            own_cpu: Cores::new(0.01),
            hysteresis: Share::new(0.1),
            start: Duration::from_millis(500),
            shortest: Duration::from_millis(100),
            longest: Duration::from_secs(5),
            stressed: Duration::from_secs(1),
            sink_share: Share::new(0.5),
            n_history: 600,
            n_journal: 256,
            n_notices: 64,
        }
    }
}

impl Config {
    /// Checks that the values can be meant.
    ///
    /// # Errors
    ///
    /// When a time between frames is not within 0.1 s and 5 s, or they are not in order;
    /// when a threshold is 0 or cannot be crossed; and when nothing would be kept at all.
    /// The error names the key.
    pub fn check(&self) -> Result<(), ConfigError> {
        let bounds = Duration::from_millis(100)..=Duration::from_secs(5);
        let must = |holds: bool, key, wanted| {
            if holds { Ok(()) } else { Err(ConfigError::new(key, wanted)) }
        };
        must(bounds.contains(&self.shortest), "shortest", "from 100 ms to 5 s")?;
        must(bounds.contains(&self.longest), "longest", "from 100 ms to 5 s")?;
        let (shortest, longest) = (Spaced(self.shortest), Spaced(self.longest));
        let agrees = |holds: bool, key, value, wanted| {
            if holds { Ok(()) } else { Err(ConfigError::of_time(key, value, wanted)) }
        };
        let from_shortest = format!("at least `shortest` ({shortest})");
        agrees(self.shortest <= self.longest, "longest", self.longest, from_shortest)?;
        let range = self.shortest..=self.longest;
        let within = format!("from `shortest` ({shortest}) to `longest` ({longest})");
        agrees(range.contains(&self.start), "start", self.start, within.clone())?;
        agrees(range.contains(&self.stressed), "stressed", self.stressed, within)?;
        must(!self.latency.is_zero(), "latency", "more than 0")?;
        let window = self.latency_window;
        let from_longest = format!("at least `longest` ({longest})");
        agrees(self.longest <= window, "latency_window", window, from_longest)?;
        must(!self.in_flight.is_zero(), "in_flight", "more than 0")?;
        must(ByteSize::ZERO < self.rss, "rss", "more than 0")?;
        must(positive(self.cpu.get()), "cpu", "a finite number above 0")?;
        must(positive(self.own_cpu.get()), "own_cpu", "a finite number above 0")?;
        must(positive(self.rate.get()), "rate", "a finite number above 0")?;
        must(self.hysteresis < Share::ONE, "hysteresis", "less than 1")?;
        must(Share::ZERO < self.sink_share, "sink_share", "more than 0")?;
        must(0 < self.n_history, "n_history", "at least 1")?;
        must(0 < self.n_journal, "n_journal", "at least 1")?;
        must(0 < self.n_notices, "n_notices", "at least 1")
    }
}

fn positive(number: f64) -> bool {
    0.0 < number && number.is_finite()
}
