use std::fmt;

/// What is shown as nothing is slower than this.
const ONE_A_DAY: f64 = 1.0 / 86400.0;

/// How much is done in a second.
///
/// ```
/// use safelight_progress_monitor::Rate;
///
/// assert_eq!(Rate::per_second(0.5).to_string(), "0.5/s");
/// assert_eq!(Rate::per_second(1234.5).to_string(), "1234/s");
/// assert_eq!(Rate::per_second(1.0 / 60.0).to_string(), "0.02/s");
/// assert_eq!(Rate::per_second(1e-9).to_string(), "0/s");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// Makes a rate; negative numbers and NaN become 0.
    pub fn per_second(rate: f64) -> Self {
        Self(rate.max(0.0))
    }

    /// Returns how much is done in a second.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = match self.0 {
            rate if rate < ONE_A_DAY => 0,
            rate if 10.0 <= rate => 0,
            rate if 0.1 <= rate => 1,
            // As many as it takes to tell it from 0.
            rate => (-rate.log10()).ceil() as usize,
        };
        f.pad(&format!("{:.decimals$}/s", self.0))
    }
}
