use std::{fmt, time::Instant};

use crate::AlertKind;

/// What the monitor does in an emergency, and undoes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// Frames come no more often than [`Config::stressed`](crate::Config::stressed) says.
    WidenInterval,
    /// Frames hold no trackers but those without a parent.
    LowerDetail,
    /// Frames count the notices and messages beyond
    /// [`Config::n_notices`](crate::Config::n_notices), and do not hold them.
    Coalesce,
}

/// Why a measure was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// An alert of this kind is open.
    Alert(AlertKind),
    /// There were more notices or messages in one look than a frame holds.
    Storm,
}

/// A measure that was taken or undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// What.
    pub measure: Measure,
    /// Whether it was taken or undone.
    pub step: Step,
    /// Why it was taken.
    pub reason: Reason,
}

/// Whether a measure was taken or undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// It was taken.
    Taken,
    /// What made it necessary is over.
    Undone,
}

impl Measure {
    /// All measures.
    pub const ALL: [Self; 3] = [Self::WidenInterval, Self::LowerDetail, Self::Coalesce];

    /// Returns its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::WidenInterval => "widen_interval",
            Self::LowerDetail => "lower_detail",
            Self::Coalesce => "coalesce",
        }
    }
}

impl Step {
    /// Returns its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Undone => "undone",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Alert(kind) => kind.name(),
            Self::Storm => "storm",
        })
    }
}
