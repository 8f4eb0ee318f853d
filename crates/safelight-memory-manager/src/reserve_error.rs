use std::{error::Error, fmt, time::Duration};

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
    Busy(Room),
    TimedOut { room: Room, timeout: Duration },
}

/// What there was for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// What the request would have been charged.
    pub(crate) charged: ByteSize,
    /// What was free.
    pub(crate) free: ByteSize,
    /// What there is in all.
    pub(crate) capacity: ByteSize,
    /// How many others waited.
    pub(crate) n_waiting: usize,
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

    pub(crate) fn busy(label: &'static str, wanted: ByteSize, room: Room) -> Self {
        Self { label, wanted, kind: Kind::Busy(room) }
    }

    pub(crate) fn timed_out(
        label: &'static str,
        wanted: ByteSize,
        room: Room,
        timeout: Duration,
    ) -> Self {
        Self { label, wanted, kind: Kind::TimedOut { room, timeout } }
    }

    /// Whether no wait would help: it is more than can be granted when all else is gone.
    pub fn is_never_fits(&self) -> bool {
        matches!(self.kind, Kind::NeverFits { .. })
    }

    /// Whether there was no room, and the call does not wait.
    pub fn is_busy(&self) -> bool {
        matches!(self.kind, Kind::Busy(_))
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
            Kind::NeverFits { most, capacity } => {
                write!(
                    f,
                    "{wanted} for {label} can never be granted: the capacity is {capacity}"
                )?;
                if most < capacity {
                    let floors = *capacity - *most;
                    write!(f, ", of which consumers keep {floors} as their floors")?;
                }
                Ok(())
            }
            Kind::Busy(room) => write!(f, "no room for {wanted} for {label}{room}"),
            Kind::TimedOut { room, timeout } => {
                write!(f, "no room for {wanted} for {label} within {timeout:?}{room}")
            }
        }
    }
}

impl fmt::Display for Room {
    /// Writes what follows the words on what was wanted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { charged, free, capacity, n_waiting } = self;
        write!(f, ", which is charged {charged}: {free} free of {capacity}")?;
        write!(f, ", {n_waiting} waiting")
    }
}

impl Error for ReserveError {}
