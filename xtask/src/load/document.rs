//! The result, for machines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arm::Arm;
use crate::environment::Environment;

#[cfg(test)]
pub(super) mod tests;

/// Version of the whole document; it goes up when a field changes its meaning or goes away.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// What `cargo xtask load` found.
///
/// Names carry their units: `_ns`, `_bytes`, `_per_s`. What is not known is null, never 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// Always `safelight.load`.
    pub(super) kind: String,
    /// Version of this document.
    pub(super) schema_version: u32,
    /// When it ended, in UTC, as RFC 3339 has it.
    pub(super) created_utc: String,
    /// The machine and the build.
    pub(super) environment: Environment,
    /// Whether Ctrl-C ended it before all was done.
    pub(super) interrupted: bool,
    /// What was run.
    pub(super) scenario: ScenarioRow,
    /// The servers, each with how it ended.
    pub(super) arms: Vec<ArmRow>,
    /// What was asked of them, and what they answered.
    pub(super) phases: Vec<PhaseRow>,
    /// What follows from it.
    pub(super) verdict: String,
    /// Whether that is as it should be, and proven.
    pub(super) passed: bool,
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioRow {
    /// Limit of the group of a server.
    pub(super) limit_bytes: u64,
    /// Connections under overload.
    pub(super) n_connections: u64,
    /// Time of overload.
    pub(super) overload_ns: u64,
    /// Time of light load, of one connection.
    pub(super) light_ns: u64,
    /// Files that thumbnails are made of.
    pub(super) n_originals: u64,
    /// Different addresses that are asked for.
    pub(super) n_addresses: u64,
    /// Name and version of the program that asks.
    pub(super) driver: String,
    /// Version of control groups.
    pub(super) cgroup_version: u32,
    /// The group below which those of the servers were made.
    pub(super) cgroup: String,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ArmRow {
    /// Which arm.
    pub(super) arm: Arm,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// Why it failed.
    pub(super) reason: Option<String>,
    /// The most that was charged to the group.
    pub(super) peak_bytes: Option<u64>,
    /// Kills that the group counted.
    pub(super) n_kills: Option<u64>,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// When it was told to, as it should.
    Stopped,
    /// The kernel killed it for memory.
    Killed,
    /// In another way.
    Failed,
}

/// A time of load on a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PhaseRow {
    /// Which arm.
    pub(super) arm: Arm,
    /// How much was asked for.
    pub(super) load: Load,
    /// How long it took; less than planned where the server ended.
    pub(super) elapsed_ns: u64,
    /// What came of it.
    pub(super) answers: Answers,
}

/// How much is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Load {
    /// One request at a time.
    Light,
    /// As many at a time as there are connections.
    Overload,
}

/// What a load was answered with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Answers {
    /// Thumbnails: status 200.
    pub(super) n_served: u64,
    /// That the known one is right: status 304.
    pub(super) n_not_modified: u64,
    /// To come again: status 503.
    pub(super) n_shed: u64,
    /// Any other status.
    pub(super) n_other: u64,
    /// Connections that could not be made or broke, and answers that did not come in time.
    pub(super) n_connection_errors: u64,
    /// Thumbnails a second.
    pub(super) served_per_s: Option<f64>,
    /// Median time to an answer, of whatever status.
    pub(super) p50_ns: Option<u64>,
    /// Time to an answer that 99 % of all came within.
    pub(super) p99_ns: Option<u64>,
}
