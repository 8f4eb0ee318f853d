use std::{fmt, time::Duration};

use safelight_core::Share;
use safelight_stats::{Group, PowerFit, Sample};

use crate::{Estimate, Quantity, SizeClass, recording::Operation};

/// Sizes below which no exponent is claimed.
const MIN_SIZES: usize = 3;

/// Every report from the same runs shows the same interval.
const SEED: u64 = 0x5afe_1164;

/// How the time of an operation grows with the number of pixels.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Scaling {
    /// The medians follow `t = a + b·n^k`.
    Fitted(Fit),
    /// The medians of the sizes differ by less than a quarter: no exponent can be read off.
    Flat,
    /// There are fewer than three sizes with at least five runs.
    InsufficientData {
        /// Sizes with at least five runs.
        n_sizes: usize,
    },
}

/// The curve `t = a + b·n^k` through the median times, n in pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The exponent k, with a bootstrap interval.
    pub exponent: Estimate,
    /// The part a that does not depend on the size.
    pub fixed: Duration,
    /// The largest relative distance of a median from the curve; 0.1 is ten percent.
    pub misfit: f64,
    curve: PowerFit,
}

impl Scaling {
    pub(crate) fn new(operation: &Operation, level: Share) -> Self {
        let sizes = operation.sizes();
        let known = sizes.iter().filter(|(class, _)| *class != SizeClass::UNKNOWN);
        let runs: Vec<(f64, Vec<f64>)> = known
            .map(|(_, totals)| {
                let walls = totals.runs.kept().iter().map(|run| run.wall_ns as f64);
                (totals.pixels as f64 / totals.n as f64, walls.collect())
            })
            .collect();
        let groups: Vec<Group<'_>> =
            runs.iter().map(|(n, samples)| Group { n: *n, samples }).collect();
        let n_runs = groups.iter().map(|group| group.samples.len() as u64).sum();
        match PowerFit::fit(&groups, level.get(), SEED) {
            Ok(_) if is_flat(&groups) => Self::Flat,
            Ok(curve) => Self::Fitted(Fit::new(curve, n_runs)),
            Err(insufficient) => Self::InsufficientData { n_sizes: insufficient.sizes() },
        }
    }
}

/// Whether the largest median is less than 1.25 times the smallest.
fn is_flat(groups: &[Group<'_>]) -> bool {
    let medians = groups.iter().filter_map(|group| Sample::new(group.samples));
    let medians: Vec<f64> = medians.map(|sample| sample.median()).collect();
    let largest = medians.iter().copied().fold(0.0, f64::max);
    let smallest = medians.iter().copied().fold(f64::INFINITY, f64::min);
    largest < 1.25 * smallest
}

impl Fit {
    /// Above this misfit the times follow no such curve, and nothing is concluded from it.
    pub const MAX_MISFIT: f64 = 0.25;

    fn new(curve: PowerFit, n_runs: u64) -> Self {
        let interval = curve.k_interval;
        Self {
            exponent: Estimate {
                value: Quantity::Exponent(curve.k),
                low: Quantity::Exponent(interval.low),
                high: Quantity::Exponent(interval.high),
                level: Share::new(interval.level),
                n_runs,
            },
            fixed: Duration::from_nanos(curve.a.round() as u64),
            misfit: curve.misfit,
            curve,
        }
    }

    /// Returns the time that the curve gives for an image of this many pixels.
    pub fn predict(&self, pixels: f64) -> Duration {
        Duration::from_nanos(self.curve.predict(pixels).round() as u64)
    }

    /// Returns the largest number of pixels that the curve lets take at most `time`, or
    /// `None` where no size is that fast or any is.
    pub fn pixels_within(&self, time: Duration) -> Option<f64> {
        let rest = time.as_nanos() as f64 - self.curve.a;
        let pixels = (rest / self.curve.b).powf(self.curve.k.recip());
        (0.0 < rest && pixels.is_finite()).then_some(pixels)
    }
}

impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fitted(Fit { misfit, .. }) if Fit::MAX_MISFIT < *misfit => {
                write!(f, "no power of the pixels (off by {:.0} %)", misfit * 100.0)
            }
            Self::Fitted(Fit { exponent, fixed, .. }) => {
                let (low, high) = (exponent.low, exponent.high);
                let fixed = Quantity::Time(*fixed);
                write!(f, "pixels^{} ({low} to {high}), fixed {fixed}", exponent.value)
            }
            Self::Flat => f.write_str("does not grow with the image"),
            Self::InsufficientData { n_sizes } => {
                write!(
                    f,
                    "insufficient data ({n_sizes} of {MIN_SIZES} sizes with 5 runs)"
                )
            }
        }
    }
}
