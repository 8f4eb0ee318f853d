use std::fmt;

/// How scarce memory is, from plenty to nearly none; ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pressure {
    /// Nothing has to be done.
    #[default]
    Normal,
    /// Growth should stop.
    Elevated,
    /// Caches should give memory back.
    High,
    /// Everything that can be freed must be.
    Critical,
}

impl fmt::Display for Pressure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Normal => "normal",
            Self::Elevated => "elevated",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}
