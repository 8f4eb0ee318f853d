use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{Alert, spaced::Spaced};

/// The beginning or the end of an alert; each is told once.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Notice {
    /// When the collector saw it.
    pub at: Instant,
    /// Whether it began or ended.
    pub change: Change,
    /// The alert.
    pub alert: Alert,
}

/// What became of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// It began.
    Raised,
    /// It ended.
    Cleared,
}

impl Change {
    /// Returns its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Cleared => "cleared",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.change {
            Change::Raised => {
                write!(f, "{}: {}", self.alert.kind.severity().name(), self.alert)
            }
            Change::Cleared => {
                let lasted = self.at.saturating_duration_since(self.alert.since);
                let Alert { kind, subject, .. } = &self.alert;
                write!(f, "over: {} of {subject}", kind.name().replace('_', " "))?;
                // It may have begun at this look.
                if Duration::from_millis(1) <= lasted {
                    write!(f, ", after {:.1}", Spaced(lasted))?;
                }
                Ok(())
            }
        }
    }
}
