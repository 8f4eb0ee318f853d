use std::{error::Error, fmt};

use safelight_core::ByteSize;

/// Bytes were not reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveError {
    label: &'static str,
    wanted: ByteSize,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    NeverFits { most: ByteSize, capacity: ByteSize },
    Busy { free: ByteSize, n_waiting: usize },
    TimedOut { free: ByteSize, n_waiting: usize },
}

impl ReserveError {
    pub(crate) fn never_fits(
        label: &'static str,
        wanted: ByteSize,
        most: ByteSize,
        capacity: ByteSize,
    ) -> Self {
        Self { label, wanted, kind: Kind::NeverFits { most, capacity } }
    }

    pub(crate) fn busy(
        label: &'static str,
        wanted: ByteSize,
        free: ByteSize,
        n_waiting: usize,
    ) -> Self {
        Self { label, wanted, kind: Kind::Busy { free, n_waiting } }
    }

    pub(crate) fn timed_out(
        label: &'static str,
        wanted: ByteSize,
        free: ByteSize,
        n_waiting: usize,
    ) -> Self {
        Self { label, wanted, kind: Kind::TimedOut { free, n_waiting } }
    }

    /// Whether no wait would help: it is more than can be granted when all else is gone.
    pub fn is_never_fits(&self) -> bool {
        matches!(self.kind, Kind::NeverFits { .. })
    }

    /// Whether there was no room, and the call does not wait.
    pub fn is_busy(&self) -> bool {
        matches!(self.kind, Kind::Busy { .. })
    }

    /// Whether there was no room until the time was over.
    pub fn is_timed_out(&self) -> bool {
        matches!(self.kind, Kind::TimedOut { .. })
    }
}

impl fmt::Display for ReserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, wanted, kind } = self;
        match kind {
            Kind::NeverFits { most, capacity } => write!(
                f,
                "{wanted} for {label} can never be granted: \
                 the most is {most} of a capacity of {capacity}"
            ),
            Kind::Busy { free, n_waiting } => {
                write!(f, "no room for {wanted} for {label}: ")?;
                write!(f, "{free} free, {n_waiting} waiting")
            }
            Kind::TimedOut { free, n_waiting } => {
                write!(f, "no room in time for {wanted} for {label}: ")?;
                write!(f, "{free} free, {n_waiting} waiting")
            }
        }
    }
}

impl Error for ReserveError {}
