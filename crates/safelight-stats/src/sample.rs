use crate::{Interval, RankInterval};

#[cfg(test)]
mod tests;

/// One or more finite numbers in ascending order.
///
/// ```
/// use safelight_stats::Sample;
///
/// let times_ms = Sample::new(&[12.0, 10.0, 11.0, 95.0]).expect("they are finite");
/// assert_eq!(times_ms.median(), 11.5);
/// assert_eq!(times_ms.quantile(0.25), 10.75);
/// assert_eq!(times_ms.nearest_rank(0.9), 95.0);
/// assert_eq!(times_ms.median_interval(0.95), None, "four are too few");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    sorted: Vec<f64>,
}

impl Sample {
    /// Sorts the values; `None` if there are none, or one is not finite.
    pub fn new(values: &[f64]) -> Option<Self> {
        if values.is_empty() || !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self { sorted })
    }

    /// Returns the values in ascending order; never empty.
    pub fn values(&self) -> &[f64] {
        &self.sorted
    }

    /// Returns the smallest value.
    pub fn min(&self) -> f64 {
        self.sorted[0]
    }

    /// Returns the largest value.
    pub fn max(&self) -> f64 {
        self.sorted[self.sorted.len() - 1]
    }

    /// Returns the middle value, or the mean of the two in the middle.
    pub fn median(&self) -> f64 {
        median_of_sorted(&self.sorted)
    }

    /// Interpolates a quantile between the two values next to it: type 7 of Hyndman and
    /// Fan, the default of R and `NumPy`.
    ///
    /// `share` is held within 0 and 1; NaN counts as 0.
    pub fn quantile(&self, share: f64) -> f64 {
        let at = held(share) * (self.sorted.len() - 1) as f64;
        let under = at.floor();
        let low = self.sorted[under as usize];
        let high = self.sorted[at.ceil() as usize];
        let part = at - under;
        (low * (1.0 - part) + high * part).clamp(low, high)
    }

    /// Returns the smallest value that at least `share` of the values do not exceed.
    ///
    /// It is always one of the values, which latency percentiles should be: type 1 of
    /// Hyndman and Fan. `share` is held within 0 and 1; NaN counts as 0.
    pub fn nearest_rank(&self, share: f64) -> f64 {
        let n = self.sorted.len() as f64;
        // 0.07 · 100 is a bit over 7: without the margin it would round up to rank 8.
        let rank = (held(share) * n * (1.0 - 4.0 * f64::EPSILON)).ceil();
        self.sorted[(rank as usize).max(1) - 1]
    }

    /// Returns the exact interval of a quantile by rank, for any distribution.
    ///
    /// Its level is the exact one, at least `level`. `None` where there are too few values.
    pub fn quantile_interval(&self, share: f64, level: f64) -> Option<Interval> {
        let ranks = RankInterval::of(self.sorted.len(), share, level)?;
        Some(Interval {
            low: self.sorted[ranks.low - 1],
            high: self.sorted[ranks.high - 1],
            level: ranks.coverage,
        })
    }

    /// Returns the exact interval of the median by rank; at 95 % it takes six values.
    pub fn median_interval(&self, level: f64) -> Option<Interval> {
        self.quantile_interval(0.5, level)
    }
}

/// Holds a share within 0 and 1.
fn held(share: f64) -> f64 {
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
}

/// Returns the median of values in ascending order, of which there is at least one.
pub(crate) fn median_of_sorted(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        // Halved first, so that large values do not overflow.
        sorted[half - 1] / 2.0 + sorted[half] / 2.0
    } else {
        sorted[half]
    }
}
