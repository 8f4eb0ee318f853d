#[cfg(test)]
mod tests;

/// A range that holds the true value with a stated confidence.
///
/// ```
/// use safelight_stats::Interval;
///
/// let peak_mb = Interval { low: 99.0, high: 104.0, level: 0.95 };
/// assert!(peak_mb.contains(100.0));
/// assert!(!peak_mb.clears(100.0), "part of it is below");
/// assert!(peak_mb.clears(98.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end, which belongs to it.
    pub low: f64,
    /// The upper end, which belongs to it.
    pub high: f64,
    /// The confidence, from 0 to 1.
    pub level: f64,
}

impl Interval {
    /// Makes an interval of width zero around an exact value.
    pub fn exact(value: f64) -> Self {
        Self { low: value, high: value, level: 1.0 }
    }

    /// Returns the distance of the ends.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// Whether `value` lies within, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether all of it lies above `threshold`; touching is not above.
    pub fn clears(&self, threshold: f64) -> bool {
        threshold < self.low
    }
}
