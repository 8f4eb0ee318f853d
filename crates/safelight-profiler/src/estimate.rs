use std::fmt;

use safelight_core::Share;
use safelight_stats::{Interval, Sample};

use crate::Quantity;

/// The median of some runs, and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The median.
    pub value: Quantity,
    /// The lower end of the interval.
    pub low: Quantity,
    /// The upper end of the interval.
    pub high: Quantity,
    /// How often such an interval holds the true median.
    pub level: Share,
    /// Runs from which it was computed.
    pub n_runs: u64,
}

impl Estimate {
    /// Estimates the median with an order-statistic interval of at least this level.
    ///
    /// Fewer than six runs cannot reach 95 %: then the interval is their range, and the
    /// level says what that is worth (1 − 2^(1 − n)).
    /// Returns `None` without a run.
    pub(crate) fn of_median(
        numbers: &[f64],
        level: Share,
        to_quantity: impl Fn(f64) -> Quantity,
    ) -> Option<Self> {
        let sample = Sample::new(numbers)?;
        let range = Interval {
            low: sample.min(),
            high: sample.max(),
            level: level_of_range(numbers.len()),
        };
        let interval = sample.median_interval(level.get()).unwrap_or(range);
        Some(Self {
            value: to_quantity(sample.median()),
            low: to_quantity(interval.low),
            high: to_quantity(interval.high),
            level: Share::new(interval.level),
            n_runs: numbers.len() as u64,
        })
    }

    /// Whether the whole interval is over the threshold.
    pub(crate) fn is_over(&self, threshold: Quantity) -> bool {
        threshold.number() < self.low.number()
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, low, high, level, n_runs } = self;
        let [text, low, high] = [value, low, high].map(ToString::to_string);
        if text == low && text == high && 1 < *n_runs {
            return write!(f, "{text} ({n_runs} runs)");
        }
        write!(f, "{text} ({level} interval {low} to {high}, {n_runs} runs)")
    }
}

/// The chance that the median of the population lies between two extremes of n draws.
fn level_of_range(n: usize) -> f64 {
    1.0 - 2.0 * 0.5_f64.powi(i32::try_from(n).unwrap_or(i32::MAX))
}
