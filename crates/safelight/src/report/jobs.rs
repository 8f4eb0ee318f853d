#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::nanos;
use crate::{Outcome, Safelight, operations::Outcomes};

/// How many jobs run and wait, and what came of those that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// How many may work at once.
    pub at_once: u64,
    /// How many are at work, or wait for memory.
    pub n_inside: u64,
    /// How many wait for their turn.
    pub n_waiting: u64,
    /// How long a job waits for its turn, and then for memory.
    pub patience_ns: u64,
    /// The jobs that ended, by operation, in the order of their names.
    pub operations: Vec<OperationJobs>,
}

/// What came of the jobs of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OperationJobs {
    /// The operation.
    pub operation: String,
    /// The work was done.
    pub n_computed: u64,
    /// The result was there, or another caller was at it.
    pub n_reused: u64,
    /// It was not begun, for lack of room.
    pub n_refused: u64,
    /// The work failed.
    pub n_failed: u64,
    /// The work panicked.
    pub n_panicked: u64,
}

pub(super) fn read(safelight: &Safelight) -> Jobs {
    let parts = safelight.parts();
    let operations = parts.operations.all();
    let row = |name: &str, outcomes: &Outcomes| OperationJobs {
        operation: name.to_owned(),
        n_computed: outcomes.n(Outcome::Computed),
        n_reused: outcomes.n(Outcome::Reused),
        n_refused: outcomes.n(Outcome::Refused),
        n_failed: outcomes.n(Outcome::Failed),
        n_panicked: outcomes.n(Outcome::Panicked),
    };
    Jobs {
        at_once: parts.gate.limit() as u64,
        n_inside: parts.gate.n_inside() as u64,
        n_waiting: parts.gate.n_waiting() as u64,
        patience_ns: nanos(parts.patience()),
        operations: operations
            .iter()
            .map(|(name, handles)| row(name, &handles.outcomes))
            .collect(),
    }
}

impl Jobs {
    /// Adds the jobs of all operations up.
    pub(super) fn total(&self) -> OperationJobs {
        let sum = |n: fn(&OperationJobs) -> u64| self.operations.iter().map(n).sum();
        OperationJobs {
            operation: "all".to_owned(),
            n_computed: sum(|jobs| jobs.n_computed),
            n_reused: sum(|jobs| jobs.n_reused),
            n_refused: sum(|jobs| jobs.n_refused),
            n_failed: sum(|jobs| jobs.n_failed),
            n_panicked: sum(|jobs| jobs.n_panicked),
        }
    }
}

impl OperationJobs {
    /// Returns how many ended.
    pub fn n_jobs(&self) -> u64 {
        let done = self.n_computed + self.n_reused;
        done + self.n_refused + self.n_failed + self.n_panicked
    }
}
