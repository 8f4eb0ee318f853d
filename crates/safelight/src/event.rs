use std::time::Duration;

/// What a [`Safelight`](crate::Safelight) tells its observer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A job ended.
    Finished(Finished),
    /// Something happened to memory.
    Memory(safelight_memory_manager::Event),
    /// An alert began or ended, or a measure was taken or undone.
    Progress(safelight_progress_monitor::Event),
    /// Something was done about what is wrong, or undone.
    Changed(crate::actions::Change),
}

/// The end of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finished {
    /// Its operation.
    pub operation: &'static str,
    /// The time from the call to its end, waiting included.
    pub took: Duration,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Its work was done.
    Computed,
    /// The result was there, or another caller was at it.
    Reused,
    /// It was not begun, for lack of room.
    Refused,
    /// Its work failed.
    Failed,
    /// Its work panicked.
    Panicked,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Computed, Self::Reused, Self::Refused, Self::Failed, Self::Panicked];

    /// Returns its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Reused => "reused",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
        }
    }
}
