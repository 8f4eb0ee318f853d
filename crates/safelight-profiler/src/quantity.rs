use std::{fmt, time::Duration};

use safelight_core::{ByteSize, Cores};

/// A measured value with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Quantity {
    /// A time.
    Time(Duration),
    /// A size in memory.
    Bytes(ByteSize),
    /// CPU time per wall time.
    Cpu(Cores),
    /// The power of the number of pixels with which time grows.
    Exponent(f64),
    /// A count of runs.
    Runs(u64),
}

impl Quantity {
    /// Makes a time from nanoseconds.
    pub(crate) fn nanos(nanos: f64) -> Self {
        Self::Time(Duration::from_nanos(nanos.round() as u64))
    }

    /// Returns the plain number: nanoseconds, bytes, cores, the exponent or the count.
    pub fn number(self) -> f64 {
        match self {
            Self::Time(time) => time.as_nanos() as f64,
            Self::Bytes(size) => size.bytes() as f64,
            Self::Cpu(cores) => cores.get(),
            Self::Exponent(exponent) => exponent,
            Self::Runs(n) => n as f64,
        }
    }

    /// Makes a value of the same unit.
    #[must_use]
    pub fn with_number(self, number: f64) -> Self {
        match self {
            Self::Time(_) => Self::nanos(number),
            Self::Bytes(_) => Self::Bytes(ByteSize::from_bytes(number.round() as u64)),
            Self::Cpu(_) => Self::Cpu(Cores::new(number)),
            Self::Exponent(_) => Self::Exponent(number),
            Self::Runs(_) => Self::Runs(number.round() as u64),
        }
    }

    /// Returns the unit of [`number`](Self::number), as reports name it.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Time(_) => "ns",
            Self::Bytes(_) => "bytes",
            Self::Cpu(_) => "cores",
            Self::Exponent(_) => "exponent",
            Self::Runs(_) => "runs",
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => f.pad(&Brief(*time).to_string()),
            Self::Bytes(size) => size.fmt(f),
            Self::Cpu(cores) => cores.fmt(f),
            Self::Exponent(exponent) => f.pad(&format!("{exponent:.2}")),
            Self::Runs(n) => f.pad(&format!("{n} runs")),
        }
    }
}

/// A time with three significant digits.
struct Brief(Duration);

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos() as f64;
        let (value, unit) = match nanos {
            n if n < 999.5 => (n, "ns"),
            n if n < 999.5e3 => (n / 1e3, "µs"),
            n if n < 999.5e6 => (n / 1e6, "ms"),
            n => (n / 1e9, "s"),
        };
        let n_decimals = match value {
            _ if unit == "ns" => 0,
            v if v < 9.995 => 2,
            v if v < 99.95 => 1,
            _ => 0,
        };
        write!(f, "{value:.n_decimals$} {unit}")
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
