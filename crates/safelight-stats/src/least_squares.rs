#[cfg(test)]
mod tests;

/// A point with its weight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) weight: f64,
}

/// The line `y = a + b·x`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) a: f64,
    pub(crate) b: f64,
}

/// Which lines are allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Intercept {
    /// Neither `a` nor `b` is negative.
    NonNegative,
    /// `a` may be negative, `b` may not.
    Any,
    /// `a` is 0, as in published power laws.
    Zero,
}

impl Line {
    /// Fits without limits; `None` where all x are the same.
    ///
    /// It works on differences from the weighted means, which keeps all digits when the
    /// points lie far from the origin.
    pub(crate) fn fit(points: &[Point]) -> Option<Self> {
        let (mut weights, mut xs, mut ys) = (0.0, 0.0, 0.0);
        for &Point { x, y, weight } in points {
            weights += weight;
            xs += weight * x;
            ys += weight * y;
        }
        let (x_mean, y_mean) = (xs / weights, ys / weights);
        let (mut xx, mut xy) = (0.0, 0.0);
        for &Point { x, y, weight } in points {
            xx += weight * (x - x_mean) * (x - x_mean);
            xy += weight * (x - x_mean) * (y - y_mean);
        }
        let b = xy / xx;
        (b.is_finite() && 1e-24 * weights < xx)
            .then_some(Self { a: y_mean - b * x_mean, b })
    }

    /// Fits the best allowed line, for x and y that are not negative.
    pub(crate) fn fit_within(points: &[Point], intercept: Intercept) -> Self {
        match Self::fit(points) {
            _ if intercept == Intercept::Zero => Self::through_origin(points),
            Some(line) if intercept == Intercept::NonNegative && line.a < 0.0 => {
                Self::through_origin(points)
            }
            Some(line) if 0.0 <= line.b => line,
            // All x are the same, or the best slope is negative: a level does as well.
            _ => Self::level(points),
        }
    }

    /// Returns the weighted sum of the squared distances.
    pub(crate) fn cost(&self, points: &[Point]) -> f64 {
        let mut cost = 0.0;
        for &Point { x, y, weight } in points {
            let off = y - self.a - self.b * x;
            cost += weight * off * off;
        }
        cost
    }

    fn through_origin(points: &[Point]) -> Self {
        let (mut xx, mut xy) = (0.0, 0.0);
        for &Point { x, y, weight } in points {
            xx += weight * x * x;
            xy += weight * x * y;
        }
        Self { a: 0.0, b: xy / xx }
    }

    fn level(points: &[Point]) -> Self {
        let (mut weights, mut ys) = (0.0, 0.0);
        for &Point { y, weight, .. } in points {
            weights += weight;
            ys += weight * y;
        }
        Self { a: ys / weights, b: 0.0 }
    }
}
