use std::{fmt, time::Duration};

use safelight_core::{ByteSize, Cores};

use crate::{Rate, spaced::Spaced};

/// A measured value or a threshold, with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A time.
    Time(Duration),
    /// Bytes.
    Bytes(ByteSize),
    /// Busy cores.
    Cores(Cores),
    /// A number of things.
    Count(u64),
    /// Updates a second.
    Rate(Rate),
}

impl Value {
    /// Returns the number in the unit of [`unit`](Self::unit).
    pub fn number(self) -> f64 {
        match self {
            Self::Time(time) => time.as_nanos() as f64,
            Self::Bytes(bytes) => bytes.bytes() as f64,
            Self::Cores(cores) => cores.get(),
            Self::Count(n) => n as f64,
            Self::Rate(rate) => rate.get(),
        }
    }

    /// Returns `ns`, `bytes`, `cores`, `count` or `per_second`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Time(_) => "ns",
            Self::Bytes(_) => "bytes",
            Self::Cores(_) => "cores",
            Self::Count(_) => "count",
            Self::Rate(_) => "per_second",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => write!(f, "{:.1}", Spaced(*time)),
            Self::Bytes(bytes) => bytes.fmt(f),
            Self::Cores(cores) => cores.fmt(f),
            Self::Count(n) => n.fmt(f),
            Self::Rate(rate) => rate.fmt(f),
        }
    }
}
