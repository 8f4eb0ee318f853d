use crate::least_squares::{Intercept, Line, Point};

/// The exponents that are tried first, before the best is refined.
const STEP: f64 = 0.25;
const STEPS: usize = 16;
const HIGHEST: f64 = STEP * STEPS as f64;

/// The curve `t = a + b·(n / unit)^k`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Curve {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) k: f64,
}

impl Curve {
    pub(super) fn at(&self, n: f64, unit: f64) -> f64 {
        self.a + self.b * (n / unit).powf(self.k)
    }
}

/// Fits curves to the same sizes again and again.
///
/// For each exponent the best `a` and `b` follow at once, so that only the exponent must be
/// searched for: a grid finds the valley, golden sections its bottom.
#[derive(Debug)]
pub(super) struct Profile {
    /// The largest size: powers of `n / unit` lie within 0 and 1.
    unit: f64,
    logs: Vec<f64>,
    /// The powers of the sizes for each exponent of the grid.
    grid: Vec<Vec<f64>>,
}

impl Profile {
    /// Prepares for sizes above 0, of which there is at least one.
    pub(super) fn new(sizes: impl Iterator<Item = f64> + Clone) -> Self {
        let unit = sizes.clone().fold(0.0, f64::max);
        let logs: Vec<f64> = sizes.map(|n| (n / unit).ln()).collect();
        let powers =
            |step: usize| logs.iter().map(move |log| (log * STEP * step as f64).exp());
        let grid = (0..=STEPS).map(|step| powers(step).collect()).collect();
        Self { unit, logs, grid }
    }

    pub(super) fn unit(&self) -> f64 {
        self.unit
    }

    /// Fits costs above 0, each weighted by its relative error.
    pub(super) fn fit_relative(&self, costs: &[f64], intercept: Intercept) -> Curve {
        self.fit(costs, |cost| 1.0 / (cost * cost), intercept)
    }

    pub(super) fn fit(
        &self,
        costs: &[f64],
        weigh: impl Fn(f64) -> f64,
        intercept: Intercept,
    ) -> Curve {
        let mut points: Vec<Point> =
            costs.iter().map(|&y| Point { x: 0.0, y, weight: weigh(y) }).collect();
        let (mut best_idx, mut best_off) = (0, f64::INFINITY);
        for (idx, powers) in self.grid.iter().enumerate() {
            for (point, power) in points.iter_mut().zip(powers) {
                point.x = *power;
            }
            let off = Line::fit_within(&points, intercept).cost(&points);
            // Of equal ones the lowest: what does not grow has the exponent 0.
            if off < best_off {
                (best_idx, best_off) = (idx, off);
            }
        }
        let middle = STEP * best_idx as f64;
        let mut try_at = |k: f64| {
            for (point, log) in points.iter_mut().zip(&self.logs) {
                point.x = (k * log).exp();
            }
            let line = Line::fit_within(&points, intercept);
            (line.cost(&points), Curve { a: line.a, b: line.b, k })
        };
        let from = (middle - STEP).max(0.0);
        let refined = golden_section(from, (middle + STEP).min(HIGHEST), &mut try_at);
        let gridded = try_at(middle);
        if refined.0 < gridded.0 { refined.1 } else { gridded.1 }
    }
}

/// Searches the lowest first value between `low` and `high`.
fn golden_section(
    mut low: f64,
    mut high: f64,
    mut at: impl FnMut(f64) -> (f64, Curve),
) -> (f64, Curve) {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    const CLOSE: f64 = 1e-5;
    let (mut x, mut y) = (high - RATIO * (high - low), low + RATIO * (high - low));
    let (mut at_x, mut at_y) = (at(x), at(y));
    while CLOSE < high - low {
        if at_x.0 <= at_y.0 {
            (high, y, at_y) = (y, x, at_x);
            x = high - RATIO * (high - low);
            at_x = at(x);
        } else {
            (low, x, at_x) = (x, y, at_y);
            y = low + RATIO * (high - low);
            at_y = at(y);
        }
    }
    if at_x.0 <= at_y.0 { at_x } else { at_y }
}
