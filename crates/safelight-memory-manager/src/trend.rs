use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use safelight_core::ByteSize;

use self::series::Series;

mod series;

/// Tells a leak from a step, from what comes and goes, and from noise.
///
/// It keeps the last [`Trend::N_SAMPLES`] samples. The slope is that of Theil and Sen, the
/// median over all pairs, which a few outliers do not move. Half the window at a new height
/// does move it, so a jump is taken out before, and the thirds of the window must rise too,
/// in the median. What is left has to be more than the noise around it.
///
/// ```
/// # use safelight_core::{Clock, ManualClock};
/// use std::time::Duration;
///
/// use safelight_memory_manager::{ByteSize, Trend, Verdict};
///
/// # let start = ManualClock::new().now();
/// let mut trend = Trend::new(Duration::from_secs(10));
/// for idx in 0..60 {
///     trend.push(start + Duration::from_secs(10) * idx, ByteSize::mib(500 + u64::from(idx)));
/// }
/// let Verdict::Leak { per_minute, time_to_limit } = trend.verdict(ByteSize::mib(1000)) else {
///     unreachable!("it grows by 1 MiB in 10 s")
/// };
/// assert_eq!(per_minute, ByteSize::mib(6));
/// assert_eq!(time_to_limit, Some(Duration::from_secs(4410)));
/// ```
#[derive(Clone, Debug)]
pub struct Trend {
    every: Duration,
    samples: VecDeque<(Instant, ByteSize)>,
}

/// How use develops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// There are too few samples to tell.
    Unknown,
    /// It stays the same.
    Flat,
    /// It grows steadily.
    Leak {
        /// By how much.
        per_minute: ByteSize,
        /// When it would be at the limit; `None` where that takes longer than 100 years, or
        /// the limit is not known.
        time_to_limit: Option<Duration>,
    },
    /// It changed once, and stays at the new height.
    Step {
        /// What it was.
        from: ByteSize,
        /// What it is.
        to: ByteSize,
    },
    /// It comes and goes.
    Periodic {
        /// How long it takes to be back.
        period: Duration,
    },
}

/// A rise by less than this in the whole window is none.
const MIN_RISE: f64 = 1e6;

/// By how much a rise must be more than the noise around it.
const MIN_RATIO: f64 = 3.0;

/// By how much a jump must be more than the noise.
const MIN_JUMP: f64 = 6.0;

const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);

impl Trend {
    /// How many samples it keeps.
    pub const N_SAMPLES: usize = 60;

    /// How many samples it takes to tell anything.
    pub const N_FEWEST: usize = 15;

    /// Starts without samples, of which one is kept in each interval of this length.
    pub fn new(every: Duration) -> Self {
        Self { every, samples: VecDeque::with_capacity(Self::N_SAMPLES) }
    }

    /// Takes a sample, unless the last one is too recent.
    pub fn push(&mut self, now: Instant, used: ByteSize) {
        let last = self.samples.back().map(|(at, _)| now.saturating_duration_since(*at));
        if last.is_some_and(|elapsed| elapsed < self.every || elapsed.is_zero()) {
            return;
        }
        if self.samples.len() == Self::N_SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back((now, used));
    }

    /// Says how use develops.
    ///
    /// A limit of zero is not known.
    /// It looks at all pairs of samples, so it is for a report or for once in an interval.
    pub fn verdict(&self, limit: ByteSize) -> Verdict {
        if self.samples.len() < Self::N_FEWEST {
            return Verdict::Unknown;
        }
        let start = self.samples[0].0;
        let times = self.samples.iter().map(|(at, _)| (*at - start).as_secs_f64());
        let values = self.samples.iter().map(|(_, used)| used.bytes() as f64);
        let mut series = Series::new(times.collect(), values.collect());
        let period = series.period();
        let jump = if period.is_some() { None } else { series.jump() };
        let jump = jump.filter(|jump| {
            (MIN_JUMP * series.noise_between()).max(MIN_RISE) < jump.by.abs()
        });
        if let Some(jump) = &jump {
            series.take_out(jump);
        }
        // The smaller one: either alone may be misled.
        let slope = series.slope().min(series.slope_of_thirds());
        let least = (MIN_RATIO * series.noise_around(slope)).max(MIN_RISE);
        if least < slope * series.span() {
            return Verdict::Leak {
                per_minute: ByteSize::from_bytes((slope * 60.0).round() as u64),
                time_to_limit: self.time_to(limit, slope),
            };
        }
        if let Some(jump) = jump {
            let (from, to) = (jump.from, jump.from + jump.by);
            return Verdict::Step { from: to_bytes(from), to: to_bytes(to) };
        }
        period.map_or(Verdict::Flat, |seconds| Verdict::Periodic {
            period: Duration::from_secs_f64(seconds),
        })
    }

    /// When a steady slope reaches the limit, if that is known and not too far.
    fn time_to(&self, limit: ByteSize, slope: f64) -> Option<Duration> {
        let left = limit.bytes() as f64 - self.now_used();
        let seconds = (left / slope).max(0.0);
        let is_told = limit != ByteSize::ZERO && seconds < LONGEST.as_secs_f64();
        is_told.then(|| Duration::from_millis((seconds * 1e3).round() as u64))
    }

    /// The present height, which is the last sample: what is used is used.
    fn now_used(&self) -> f64 {
        self.samples.back().map_or(0.0, |(_, used)| used.bytes() as f64)
    }
}

fn to_bytes(value: f64) -> ByteSize {
    ByteSize::from_bytes(value.max(0.0).round() as u64)
}
