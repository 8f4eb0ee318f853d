use std::fmt;

use safelight_core::Pressure;
use safelight_progress_monitor::AlertKind;

/// Something that is wrong, and that something can be done about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// An alert of this kind is open.
    Alert(AlertKind),
    /// Memory is that scarce; it counts as each lower level as well.
    Pressure(Pressure),
    /// A cache lets go of what is asked for again; it counts while memory is plenty.
    Evictions,
    /// The GPU of this index is full.
    GpuFull(u32),
}

impl Cause {
    /// Returns its name in reports, without the index of a GPU.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alert(kind) => kind.name(),
            Self::Pressure(Pressure::Normal) => "pressure_normal",
            Self::Pressure(Pressure::Elevated) => "pressure_elevated",
            Self::Pressure(Pressure::High) => "pressure_high",
            Self::Pressure(Pressure::Critical) => "pressure_critical",
            Self::Evictions => "evictions",
            Self::GpuFull(_) => "gpu_full",
        }
    }

    /// Whether it counts, where these are there.
    pub(super) fn counts_among(self, causes: &[Self]) -> bool {
        let gives_way = self == Self::Evictions && causes.iter().any(|c| c.is_scarcity());
        !gives_way && causes.iter().any(|cause| cause.includes(self))
    }

    /// Whether what was done about it stays, where these are there.
    pub(super) fn holds_among(self, causes: &[Self]) -> bool {
        match self {
            // They end because of what was done.
            Self::Evictions => !causes.iter().any(|cause| cause.is_scarcity()),
            _ => self.counts_among(causes),
        }
    }

    fn includes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Pressure(level), Self::Pressure(lower)) => lower <= level,
            _ => self == other,
        }
    }

    fn is_scarcity(self) -> bool {
        match self {
            Self::Alert(kind) => kind == AlertKind::Memory,
            Self::Pressure(level) => Pressure::Normal < level,
            Self::Evictions | Self::GpuFull(_) => false,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GpuFull(idx) => write!(f, "{} {idx}", self.name()),
            _ => f.pad(self.name()),
        }
    }
}
