//! The result, for machines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arm::Arm;
use crate::environment::Environment;

#[cfg(test)]
pub(super) mod tests;

/// Version of the whole document; it goes up when a field changes its meaning or goes away.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// What `cargo xtask test-oom` found.
///
/// Names carry their units: `_ns`, `_bytes`, `_share`. What is not known is null, never 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// Always `safelight.test_oom`.
    pub(super) kind: String,
    /// Version of this document.
    pub(super) schema_version: u32,
    /// When it ended, in UTC, as RFC 3339 has it.
    pub(super) created_utc: String,
    /// The machine and the build.
    pub(super) environment: Environment,
    /// Whether Ctrl-C ended it before all runs were done.
    pub(super) interrupted: bool,
    /// What was run.
    pub(super) scenario: ScenarioRow,
    /// The arms, each with all of its runs together.
    pub(super) arms: Vec<ArmRow>,
    /// Each run.
    pub(super) runs: Vec<RunRow>,
    /// What follows from it.
    pub(super) verdict: String,
    /// Whether that is as it should be.
    pub(super) passed: bool,
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioRow {
    /// Limit of each group.
    pub(super) limit_bytes: u64,
    /// What the cache may hold when there is plenty.
    pub(super) cache_limit_bytes: u64,
    /// The part of the limit that permits and budgets plan with.
    pub(super) usable_share: f64,
    /// Jobs of one run.
    pub(super) n_jobs: u64,
    /// Seed of the first run.
    pub(super) seed: u64,
    /// Version of control groups.
    pub(super) cgroup_version: u32,
    /// The group below which those of the runs were made.
    pub(super) cgroup: String,
}

/// All runs of an arm together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ArmRow {
    /// Which arm.
    pub(super) arm: Arm,
    /// Runs.
    pub(super) n_runs: u64,
    /// Runs that the kernel ended for memory.
    pub(super) n_killed: u64,
    /// Runs that ended before their time for another reason.
    pub(super) n_failed: u64,
    /// Jobs that were done.
    pub(super) n_done: u64,
    /// Jobs that there were.
    pub(super) n_jobs: u64,
    /// The most that was charged to the group of any run.
    pub(super) peak_bytes: Option<u64>,
    /// Mean over the runs of what the cache held.
    pub(super) cache_mean_bytes: Option<u64>,
    /// Mean time from the arrival of a job to its start, of all that started.
    pub(super) wait_mean_ns: Option<u64>,
    /// Mean time of a run.
    pub(super) elapsed_mean_ns: u64,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RunRow {
    /// Which arm.
    pub(super) arm: Arm,
    /// Seed of the jobs.
    pub(super) seed: u64,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// Why it failed.
    pub(super) reason: Option<String>,
    /// Jobs that there were.
    pub(super) n_jobs: u64,
    /// Jobs that started.
    pub(super) n_begun: u64,
    /// Jobs that were done.
    pub(super) n_done: u64,
    /// From arrival to start, all jobs that started together.
    pub(super) waited_ns: u64,
    /// Mean over the time of what the cache held, from the first burst on.
    pub(super) cache_mean_bytes: Option<u64>,
    /// Largest ratio of the heap that a job took to what its header declares.
    pub(super) peak_ratio: Option<f64>,
    /// The most that was charged to the group.
    pub(super) peak_bytes: Option<u64>,
    /// Kills that the group counted.
    pub(super) n_kills: Option<u64>,
    /// From the start of the program to its end.
    pub(super) elapsed_ns: u64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// All jobs were done.
    Finished,
    /// The kernel killed it for memory.
    Killed,
    /// It ended in another way.
    Failed,
}

/// Adds up the runs of each arm that was run.
pub(super) fn summaries(runs: &[RunRow]) -> Vec<ArmRow> {
    let rows_of = |arm| runs.iter().filter(move |run| run.arm == arm);
    let arms = Arm::ALL.into_iter();
    arms.filter_map(|arm| summary(arm, &rows_of(arm).collect::<Vec<_>>())).collect()
}

fn summary(arm: Arm, runs: &[&RunRow]) -> Option<ArmRow> {
    let n_runs = runs.len() as u64;
    let count = |outcome| runs.iter().filter(|run| run.outcome == outcome).count() as u64;
    let sum = |value: fn(&RunRow) -> u64| runs.iter().map(|run| value(run)).sum::<u64>();
    let caches: Vec<u64> = runs.iter().filter_map(|run| run.cache_mean_bytes).collect();
    Some(ArmRow {
        arm,
        n_runs,
        n_killed: count(Outcome::Killed),
        n_failed: count(Outcome::Failed),
        n_done: sum(|run| run.n_done),
        n_jobs: sum(|run| run.n_jobs),
        peak_bytes: runs.iter().filter_map(|run| run.peak_bytes).max(),
        cache_mean_bytes: caches.iter().sum::<u64>().checked_div(caches.len() as u64),
        wait_mean_ns: sum(|run| run.waited_ns).checked_div(sum(|run| run.n_begun)),
        elapsed_mean_ns: sum(|run| run.elapsed_ns).checked_div(n_runs)?,
    })
}
