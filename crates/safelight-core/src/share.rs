use std::fmt;

/// A part of a whole, from 0 to 1.
///
/// ```
/// use safelight_core::Share;
///
/// assert_eq!(Share::of(3.0, 4.0).to_string(), "75 %");
/// assert_eq!(Share::of(1.0, 0.0), Share::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// Nothing of the whole.
    pub const ZERO: Self = Self(0.0);

    /// The whole.
    pub const ONE: Self = Self(1.0);

    /// Makes a share, held within 0 and 1; NaN becomes 0.
    pub const fn new(share: f64) -> Self {
        if share.is_nan() { Self::ZERO } else { Self(share.clamp(0.0, 1.0)) }
    }

    /// Divides a part by the whole; 0 where the whole is nothing.
    pub fn of(part: f64, whole: f64) -> Self {
        if whole == 0.0 { Self::ZERO } else { Self::new(part / whole) }
    }

    /// Returns the share as a number from 0 to 1.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.0} %", self.0 * 100.0))
    }
}
