use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{Value, spaced::Spaced};

/// Something that is wrong now.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Alert {
    /// What is wrong.
    pub kind: AlertKind,
    /// Where it is.
    pub subject: Subject,
    /// What was measured when it began, or when it ended.
    pub value: Value,
    /// What it is beyond.
    pub threshold: Value,
    /// Since when the value is beyond the threshold.
    pub since: Instant,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AlertKind {
    /// A timed update took long.
    SlowUpdate,
    /// A timed update does not end.
    StuckUpdate,
    /// A tracker that has work is silent.
    Stall,
    /// A queue is long.
    Queue,
    /// The process uses much memory.
    Memory,
    /// The process uses much CPU.
    Cpu,
    /// Frames come later than they should, as the sinks or the machine are slow.
    LateFrame,
}

/// How bad it is; ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It costs time.
    Warning,
    /// The job may not end, or the process may not live.
    Critical,
}

/// What to do about an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Find out what the slow update did, and do less in one update.
    SplitUpdates,
    /// Cancel the update, or find out what it waits for.
    CancelUpdate,
    /// Find out what the workers wait for.
    LookAtWorkers,
    /// Add workers, or take in less.
    SlowProducers,
    /// Let caches and batches shrink.
    FreeMemory,
    /// Use fewer workers, where others need the machine.
    UseFewerWorkers,
    /// Write to a faster sink, or show less.
    SimplifySinks,
}

/// Where an alert is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Subject {
    /// The whole process.
    Process,
    /// The monitor's frames.
    Display,
    /// The tracker of this name.
    Tracker(Arc<str>),
    /// The queue of this name.
    Queue(Arc<str>),
}

impl AlertKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::SlowUpdate,
        Self::StuckUpdate,
        Self::Stall,
        Self::Queue,
        Self::Memory,
        Self::Cpu,
        Self::LateFrame,
    ];

    /// Returns how bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::StuckUpdate | Self::Stall | Self::Memory => Severity::Critical,
            Self::SlowUpdate | Self::Queue | Self::Cpu | Self::LateFrame => {
                Severity::Warning
            }
        }
    }

    /// Returns what to do about it.
    pub fn action(self) -> Action {
        match self {
            Self::SlowUpdate => Action::SplitUpdates,
            Self::StuckUpdate => Action::CancelUpdate,
            Self::Stall => Action::LookAtWorkers,
            Self::Queue => Action::SlowProducers,
            Self::Memory => Action::FreeMemory,
            Self::Cpu => Action::UseFewerWorkers,
            Self::LateFrame => Action::SimplifySinks,
        }
    }

    /// Returns its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::SlowUpdate => "slow_update",
            Self::StuckUpdate => "stuck_update",
            Self::Stall => "stall",
            Self::Queue => "queue",
            Self::Memory => "memory",
            Self::Cpu => "cpu",
            Self::LateFrame => "late_frame",
        }
    }
}

impl Severity {
    /// Returns its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SplitUpdates => "do less in one update",
            Self::CancelUpdate => "cancel it, or find out what it waits for",
            Self::LookAtWorkers => "find out what the workers wait for",
            Self::SlowProducers => "add workers, or take in less",
            Self::FreeMemory => "let caches and batches shrink",
            Self::UseFewerWorkers => "use fewer workers, where others need the machine",
            Self::SimplifySinks => "write to a faster sink, or show less",
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process => f.pad("process"),
            Self::Display => f.pad("display"),
            Self::Tracker(name) | Self::Queue(name) => f.pad(name),
        }
    }
}

/// Says what is wrong where, and what to do.
impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, value, threshold, .. } = self;
        let action = self.kind.action();
        match self.kind {
            AlertKind::SlowUpdate => write!(f, "{subject}: an update took {value}"),
            AlertKind::StuckUpdate => {
                write!(f, "{subject}: an update is at it for {value}")
            }
            AlertKind::Stall => {
                write!(f, "{subject}: nothing counted")?;
                if let Some(silent) = silence(*value) {
                    write!(f, " for {:.1}", Spaced(silent))?;
                }
                return write!(f, " (at least {threshold} wanted): {action}");
            }
            AlertKind::Queue => write!(f, "{subject}: {value} wait"),
            AlertKind::Memory => write!(f, "process: {value} resident"),
            AlertKind::Cpu => write!(f, "process: CPU at {value}"),
            AlertKind::LateFrame => write!(f, "display: a frame came {value} late"),
        }?;
        write!(f, " (threshold {threshold}): {action}")
    }
}

/// Returns how long the silence was at whose end there would have been this rate.
fn silence(value: Value) -> Option<Duration> {
    let Value::Rate(rate) = value else { return None };
    Duration::try_from_secs_f64(1.0 / rate.get()).ok()
}
