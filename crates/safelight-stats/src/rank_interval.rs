#[cfg(test)]
mod tests;

/// The ranks of two order statistics that enclose a quantile, for any distribution.
///
/// ```
/// use safelight_stats::RankInterval;
///
/// let ranks = RankInterval::of(10, 0.5, 0.95).expect("ten are enough for a median");
/// assert_eq!((ranks.low, ranks.high), (2, 9));
/// assert!((ranks.coverage - 0.9785).abs() < 1e-4);
/// assert_eq!(RankInterval::of(5, 0.5, 0.95), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankInterval {
    /// The rank of the lower end, from 1.
    pub low: usize,
    /// The rank of the upper end, from 1.
    pub high: usize,
    /// The exact confidence for a continuous distribution, at least what was asked for.
    pub coverage: f64,
}

impl RankInterval {
    /// Finds the narrowest ranks that leave at most half of `1 - level` to each side.
    ///
    /// The number of samples under the quantile is binomial, whatever the distribution.
    /// Returns `None` where `n` samples are too few for the level, and where `quantile` or
    /// `level` does not lie strictly between 0 and 1.
    pub fn of(n: usize, quantile: f64, level: f64) -> Option<Self> {
        let inside = |share: f64| 0.0 < share && share < 1.0;
        if n == 0 || !inside(quantile) || !inside(level) {
            return None;
        }
        let tail = (1.0 - level) / 2.0;
        let (first, masses) = binomial(n, quantile);
        // `below` successes have at most the tail's probability: the low rank is one more.
        let mut below = 0.0;
        let mut low = first;
        for mass in &masses {
            if tail < below + mass {
                break;
            }
            below += mass;
            low += 1;
        }
        let mut above = 0.0;
        let mut high = first + masses.len();
        for mass in masses.iter().rev() {
            if tail < above + mass {
                break;
            }
            above += mass;
            high -= 1;
        }
        let coverage = 1.0 - below - above;
        (1 <= low && high <= n && low < high).then_some(Self { low, high, coverage })
    }
}

/// Returns the binomial distribution where it is not negligible, and where that begins.
///
/// Masses grow from the mode outward by their ratios and are then scaled to 1, which needs
/// no factorials and does not underflow.
fn binomial(n: usize, p: f64) -> (usize, Vec<f64>) {
    const NEGLIGIBLE: f64 = 1e-20;
    let odds = p / (1.0 - p);
    let mode = (((n + 1) as f64 * p) as usize).min(n);
    let mut under = Vec::new();
    let mut mass = 1.0;
    for i in (1..=mode).rev() {
        mass *= i as f64 / ((n - i + 1) as f64 * odds);
        if mass < NEGLIGIBLE {
            break;
        }
        under.push(mass);
    }
    let first = mode - under.len();
    let mut masses: Vec<f64> = under.into_iter().rev().collect();
    mass = 1.0;
    for i in mode..=n {
        masses.push(mass);
        mass *= (n - i) as f64 * odds / (i + 1) as f64;
        if mass < NEGLIGIBLE {
            break;
        }
    }
    let total: f64 = masses.iter().sum();
    for mass in &mut masses {
        *mass /= total;
    }
    (first, masses)
}
