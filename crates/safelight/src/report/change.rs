#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::nanos;
use crate::{Safelight, actions::Mode};

/// A setting that was changed on its own, or would have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// How long before the report.
    pub age_ns: u64,
    /// The setting.
    pub knob: String,
    /// What it was.
    pub before: u64,
    /// What it became.
    pub after: u64,
    /// Unit of both: `bytes`, `count` or `ns`.
    pub unit: String,
    /// Why: the kind of an alert, a level of memory, or another cause.
    pub reason: String,
    /// `taken` or `undone`.
    pub step: String,
    /// Whether it was written down only, and not done.
    pub dry_run: bool,
}

/// Reads the journal of actions.
pub(super) fn read(safelight: &Safelight) -> Vec<Change> {
    let now = safelight.parts().clock.now();
    let of = |change: &crate::actions::Change| Change {
        age_ns: nanos(now.saturating_duration_since(change.at)),
        knob: change.knob.to_string(),
        before: change.before,
        after: change.after,
        unit: change.knob.unit().to_owned(),
        reason: change.reason.to_string(),
        step: change.step.name().to_owned(),
        dry_run: change.mode == Mode::DryRun,
    };
    safelight.changes().iter().map(of).collect()
}
