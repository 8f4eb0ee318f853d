use std::{fmt, time::Duration};

/// CPU time per wall time: 1.0 is one core busy all the time, two workers may show 2.0.
///
/// ```
/// use std::time::Duration;
///
/// use safelight_core::Cores;
///
/// let half = Cores::from_times(Duration::from_millis(50), Duration::from_millis(100));
/// assert_eq!(half.to_string(), "50 % of one core");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Cores(f64);

impl Cores {
    /// Makes a value; negative numbers and NaN become 0.
    pub fn new(cores: f64) -> Self {
        Self(cores.max(0.0))
    }

    /// Divides CPU time by wall time; 0 where no time passed.
    pub fn from_times(cpu: Duration, wall: Duration) -> Self {
        if wall.is_zero() {
            Self(0.0)
        } else {
            Self(cpu.as_secs_f64() / wall.as_secs_f64())
        }
    }

    /// Returns the number of busy cores.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.0} % of one core", self.0 * 100.0))
    }
}
