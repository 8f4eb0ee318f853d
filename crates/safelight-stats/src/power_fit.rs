use std::{error::Error, fmt};

use crate::{
    Interval, Sample,
    least_squares::Intercept,
    power_fit::profile::{Curve, Profile},
    rng::Rng,
    sample::median_of_sorted,
};

mod profile;
#[cfg(test)]
mod tests;

/// The measurements at one size.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The size, such as the number of pixels.
    pub n: f64,
    /// What each run cost, such as seconds.
    pub samples: &'a [f64],
}

/// How cost grows with size: `t = a + b·n^k`, with a fixed cost `a` that is not negative.
///
/// The curve goes through the medians of the sizes, each weighted by its relative error, so
/// that a small size counts like a large one. `a` and `b` follow from `k` by least squares,
/// and `k` is searched for from 0 to 4.
/// A straight line through the logarithms would read a linear operation with a fixed cost
/// as one with an exponent of a half.
///
/// See the crate's front page for an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerFit {
    /// The fixed cost, in the unit of the samples.
    pub a: f64,
    /// The cost of one unit of `n^k`, in the unit of the samples.
    pub b: f64,
    /// The exponent, from 0 to 4; 0 where the cost does not grow.
    pub k: f64,
    /// The range of exponents that the samples allow.
    ///
    /// It is the percentile interval of the bootstrap (Efron and Tibshirani, An Introduction
    /// to the Bootstrap, chapter 13): samples are drawn anew within each size, and the curve
    /// is fitted again.
    /// Two things could make it too narrow. The medians of few samples are coarse, but they
    /// scatter more under resampling than in truth, which errs to the safe side. And at a
    /// fixed cost of 0 the limit `a >= 0` would cut the scatter off on one side (Andrews,
    /// Econometrica 68, 2000), so the resampled curves may go below it.
    /// A test simulates how many of the 95 % intervals hold the true exponent, and fails
    /// under 93 %.
    ///
    /// It holds what is due to noise, not what is due to another shape of the curve: for
    /// that look at `misfit`.
    pub k_interval: Interval,
    /// The largest relative distance of a median from the curve; 0.1 is ten percent.
    pub misfit: f64,
}

impl PowerFit {
    /// The number of bootstrap resamples behind `k_interval`.
    pub const RESAMPLES: usize = 999;

    /// The fewest samples with which a size takes part.
    pub const MIN_SAMPLES: usize = 5;

    /// Fits the curve, with the interval of `k` at `level`; the same seed, the same interval.
    ///
    /// Groups of the same size are put together. Samples that are not finite and above 0
    /// are left out, and so are sizes that are not, or that have fewer than
    /// [`MIN_SAMPLES`](Self::MIN_SAMPLES) samples left. `level` is held within 0.5 and
    /// 0.99.
    ///
    /// # Errors
    ///
    /// When fewer than three sizes take part: two points lie on too many curves.
    pub fn fit(
        groups: &[Group<'_>],
        level: f64,
        seed: u64,
    ) -> Result<Self, InsufficientData> {
        Self::fit_with_resamples(groups, level, seed, Self::RESAMPLES)
    }

    /// Returns the cost at size `n` by the curve.
    pub fn predict(&self, n: f64) -> f64 {
        self.a + self.b * n.powf(self.k)
    }

    fn fit_with_resamples(
        groups: &[Group<'_>],
        level: f64,
        seed: u64,
        resamples: usize,
    ) -> Result<Self, InsufficientData> {
        let sizes = usable(groups);
        if sizes.len() < 3 {
            return Err(InsufficientData { sizes: sizes.len() });
        }
        let profile = Profile::new(sizes.iter().map(|(n, _)| *n));
        let medians: Vec<f64> = sizes.iter().map(|(_, sample)| sample.median()).collect();
        let curve = profile.fit_relative(&medians, Intercept::NonNegative);
        let Curve { a, b, k } = curve;
        let drawn = bootstrap(&profile, &sizes, level, seed, resamples);
        // The fit itself belongs to it, though its own `a` was held at 0.
        let (low, high) = (drawn.low.min(k), drawn.high.max(k));
        let k_interval = Interval { low, high, ..drawn };
        let misfit = (sizes.iter().zip(&medians))
            .map(|((n, _), median)| (curve.at(*n, profile.unit()) / median - 1.0).abs())
            .fold(0.0, f64::max);
        Ok(Self { a, b: b / profile.unit().powf(k), k, k_interval, misfit })
    }
}

/// Collects the sizes that take part, in ascending order.
fn usable(groups: &[Group<'_>]) -> Vec<(f64, Sample)> {
    let positive = |value: &f64| value.is_finite() && 0.0 < *value;
    let mut sizes: Vec<(f64, Vec<f64>)> = Vec::new();
    for group in groups.iter().filter(|group| positive(&group.n)) {
        let samples = group.samples.iter().copied().filter(positive);
        match sizes.iter_mut().find(|(n, _)| n.total_cmp(&group.n).is_eq()) {
            Some((_, all)) => all.extend(samples),
            None => sizes.push((group.n, samples.collect())),
        }
    }
    sizes.retain(|(_, samples)| PowerFit::MIN_SAMPLES <= samples.len());
    sizes.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    (sizes.into_iter())
        .filter_map(|(n, samples)| Some((n, Sample::new(&samples)?)))
        .collect()
}

/// Returns the percentile interval of the exponent.
fn bootstrap(
    profile: &Profile,
    sizes: &[(f64, Sample)],
    level: f64,
    seed: u64,
    resamples: usize,
) -> Interval {
    let level = level.clamp(0.5, 0.99);
    let mut rng = Rng::new(seed);
    let mut drawn = Vec::new();
    let mut medians = vec![0.0; sizes.len()];
    let exponents: Vec<f64> = (0..resamples)
        .map(|_| {
            for (median, (_, sample)) in medians.iter_mut().zip(sizes) {
                *median = resampled_median(sample.values(), &mut drawn, &mut rng);
            }
            profile.fit_relative(&medians, Intercept::Any).k
        })
        .collect();
    let exponents = Sample::new(&exponents).expect("exponents lie within 0 and 4");
    let tail = (1.0 - level) / 2.0;
    Interval {
        low: exponents.quantile(tail),
        high: exponents.quantile(1.0 - tail),
        level,
    }
}

/// Draws a sample anew and returns its median.
fn resampled_median(sorted: &[f64], drawn: &mut Vec<usize>, rng: &mut Rng) -> f64 {
    drawn.clear();
    drawn.extend((0..sorted.len()).map(|_| rng.index(sorted.len())));
    drawn.sort_unstable();
    let half = drawn.len() / 2;
    if drawn.len().is_multiple_of(2) {
        median_of_sorted(&[sorted[drawn[half - 1]], sorted[drawn[half]]])
    } else {
        sorted[drawn[half]]
    }
}

/// There are fewer than three sizes with enough samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsufficientData {
    sizes: usize,
}

impl InsufficientData {
    /// Returns the number of sizes that have enough samples.
    pub fn sizes(&self) -> usize {
        self.sizes
    }
}

impl fmt::Display for InsufficientData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "insufficient data: {} of at least 3 sizes with {} samples or more",
            self.sizes,
            PowerFit::MIN_SAMPLES
        )
    }
}

impl Error for InsufficientData {}
