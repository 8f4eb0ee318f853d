use std::{error::Error, fmt, iter::Sum, ops, str::FromStr};

#[cfg(test)]
mod tests;

/// A number of bytes.
///
/// It prints in binary units with at most one decimal, and reads both the binary units
/// (`KiB`, 2^10) and the decimal ones (`kB`, 10^3).
/// Addition and subtraction saturate: a size never wraps and never panics.
///
/// ```
/// use safelight_core::ByteSize;
///
/// assert_eq!(ByteSize::mib(256).to_string(), "256 MiB");
/// assert_eq!("1.5 GiB".parse(), Ok(ByteSize::mib(1536)));
/// assert_eq!("100 MB".parse(), Ok(ByteSize::from_bytes(100_000_000)));
/// assert_eq!(ByteSize::kib(1) - ByteSize::mib(1), ByteSize::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// No byte at all.
    pub const ZERO: Self = Self(0);

    /// The largest size, 2^64 − 1 bytes, which stands for "unlimited".
    pub const MAX: Self = Self(u64::MAX);

    /// Makes a size from bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Makes a size from a length in memory.
    pub const fn from_len(len: usize) -> Self {
        Self(len as u64)
    }

    /// Makes a size from KiB, 2^10 bytes each; saturates.
    pub const fn kib(n: u64) -> Self {
        Self(n.saturating_mul(1 << 10))
    }

    /// Makes a size from MiB, 2^20 bytes each; saturates.
    pub const fn mib(n: u64) -> Self {
        Self(n.saturating_mul(1 << 20))
    }

    /// Makes a size from GiB, 2^30 bytes each; saturates.
    pub const fn gib(n: u64) -> Self {
        Self(n.saturating_mul(1 << 30))
    }

    /// Returns the number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// Multiplies, stopping at [`ByteSize::MAX`].
    #[must_use]
    pub const fn saturating_mul(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl ops::Add for ByteSize {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl ops::AddAssign for ByteSize {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl ops::Sub for ByteSize {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl ops::SubAssign for ByteSize {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for ByteSize {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::ZERO, ops::Add::add)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let mut unit_idx = 0;
        let mut value = self.0 as f64;
        // 1023.95 would print as "1024.0": the next unit begins there.
        while 1023.95 <= value && unit_idx + 1 < UNITS.len() {
            value /= 1024.0;
            unit_idx += 1;
        }
        let text = format!("{value:.1}");
        f.pad(&format!(
            "{} {}",
            text.strip_suffix(".0").unwrap_or(&text),
            UNITS[unit_idx]
        ))
    }
}

impl FromStr for ByteSize {
    type Err = ParseByteSizeError;

    /// Reads a number and an optional unit: `B`, `kB`, `KiB` and so on up to `TB` and `TiB`.
    ///
    /// # Errors
    ///
    /// When the number or the unit is not one, or the size does not fit 64 bits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseByteSizeError { text: text.to_owned() };
        let trimmed = text.trim();
        let unit_at =
            trimmed.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(unit_at);
        let factor: u64 = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "tb" => 1_000_000_000_000,
            "kib" => 1 << 10,
            "mib" => 1 << 20,
            "gib" => 1 << 30,
            "tib" => 1 << 40,
            _ => return Err(error()),
        };
        let number = number.trim();
        if let Ok(whole) = number.parse::<u64>() {
            return whole.checked_mul(factor).map(Self).ok_or_else(error);
        }
        let value = number.parse::<f64>().map_err(|_| error())? * factor as f64;
        let fits = (0.0..18_446_744_073_709_551_615.0).contains(&value);
        if fits { Ok(Self(value.round() as u64)) } else { Err(error()) }
    }
}

/// The text was not a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseByteSizeError {
    text: String,
}

impl fmt::Display for ParseByteSizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a size in bytes: {:?} (write it like \"256 MiB\")", self.text)
    }
}

impl Error for ParseByteSizeError {}
