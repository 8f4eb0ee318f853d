use std::num::NonZeroUsize;

use crate::{Interval, Sample, rng::Rng, sample::median_of_sorted};

#[cfg(test)]
mod tests;

/// Percentile intervals by resampling with replacement, after Efron.
///
/// The same seed gives the same interval. Statistics must return finite numbers for any
/// resample, also for one that repeats a single value; `None` is returned otherwise.
///
/// With few values the interval of a *median* is coarse, and under about ten it covers less
/// than it says: prefer [`Sample::median_interval`](crate::Sample::median_interval) there.
///
/// ```
/// use safelight_stats::Bootstrap;
///
/// let pairs = [(10.1, 10.0), (10.4, 10.1), (9.9, 9.8), (10.2, 10.2), (10.3, 10.0)];
/// let ratio = Bootstrap::new(1).median_ratio(&pairs, 0.99).expect("they are positive");
/// assert!(ratio.contains(1.01));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Bootstrap {
    resamples: NonZeroUsize,
    seed: u64,
}

impl Bootstrap {
    /// The number of resamples unless told otherwise, good for levels up to 99 %.
    pub const RESAMPLES: NonZeroUsize = NonZeroUsize::new(1_999).expect("it is not 0");

    /// Makes one with [`RESAMPLES`](Self::RESAMPLES) resamples.
    pub const fn new(seed: u64) -> Self {
        Self { resamples: Self::RESAMPLES, seed }
    }

    /// Changes the number of resamples.
    #[must_use]
    pub const fn with_resamples(self, resamples: NonZeroUsize) -> Self {
        Self { resamples, ..self }
    }

    /// Returns the interval of a statistic of one sample of anything.
    ///
    /// `None` if there are fewer than two items, `level` does not lie strictly between 0
    /// and 1, or the statistic is not finite.
    pub fn interval<T: Clone>(
        &self,
        items: &[T],
        level: f64,
        mut statistic: impl FnMut(&[T]) -> f64,
    ) -> Option<Interval> {
        self.groups(&[items], level, |groups| statistic(&groups[0]))
    }

    /// Returns the standard error of a statistic of one sample of anything.
    ///
    /// `None` if there are fewer than two items, or the statistic is not finite.
    pub fn standard_error<T: Clone>(
        &self,
        items: &[T],
        mut statistic: impl FnMut(&[T]) -> f64,
    ) -> Option<f64> {
        let drawn = self.draw(&[items], |groups| statistic(&groups[0]))?;
        let drawn = drawn.values();
        let n = drawn.len() as f64;
        let mean = drawn.iter().sum::<f64>() / n;
        let squares: f64 = drawn.iter().map(|value| (value - mean).powi(2)).sum();
        Some((squares / (n - 1.0).max(1.0)).sqrt())
    }

    /// Returns the interval of the median of `first / second` over pairs.
    ///
    /// For comparisons in which both sides of a pair were measured next to each other, so
    /// that what disturbs one disturbs the other. `None` as for
    /// [`interval`](Self::interval), and where a ratio is not finite.
    pub fn median_ratio(&self, pairs: &[(f64, f64)], level: f64) -> Option<Interval> {
        let ratios: Vec<f64> =
            pairs.iter().map(|(first, second)| first / second).collect();
        let mut sorted = Vec::with_capacity(ratios.len());
        self.interval(&ratios, level, |drawn| {
            sorted.clear();
            sorted.extend_from_slice(drawn);
            sorted.sort_unstable_by(f64::total_cmp);
            median_of_sorted(&sorted)
        })
    }

    /// Returns the interval of a function of several groups, each resampled by itself.
    ///
    /// `None` if there is no group or one has fewer than two items, `level` does not lie
    /// strictly between 0 and 1, or the function is not finite.
    pub fn groups<T: Clone>(
        &self,
        groups: &[&[T]],
        level: f64,
        statistic: impl FnMut(&[Vec<T>]) -> f64,
    ) -> Option<Interval> {
        if !(0.0 < level && level < 1.0) {
            return None;
        }
        let drawn = self.draw(groups, statistic)?;
        let tail = (1.0 - level) / 2.0;
        Some(Interval {
            low: drawn.quantile(tail),
            high: drawn.quantile(1.0 - tail),
            level,
        })
    }

    /// Computes the statistic of each resample.
    fn draw<T: Clone>(
        &self,
        groups: &[&[T]],
        mut statistic: impl FnMut(&[Vec<T>]) -> f64,
    ) -> Option<Sample> {
        if groups.is_empty() || groups.iter().any(|group| group.len() < 2) {
            return None;
        }
        let mut rng = Rng::new(self.seed);
        let mut drawn: Vec<Vec<T>> = groups.iter().map(|group| group.to_vec()).collect();
        let values: Vec<f64> = (0..self.resamples.get())
            .map(|_| {
                for (into, from) in drawn.iter_mut().zip(groups) {
                    for item in into {
                        *item = from[rng.index(from.len())].clone();
                    }
                }
                statistic(&drawn)
            })
            .collect();
        Sample::new(&values)
    }
}
