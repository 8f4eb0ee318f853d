use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Memory during the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::profile) struct Memory {
    /// The limit that leaves least, at the end; `null` where none could be read.
    pub(in crate::profile) binding: Option<String>,
    /// The size of that limit.
    pub(in crate::profile) limit_bytes: Option<u64>,
    /// What was used of it by all at the start, without clean file cache.
    pub(in crate::profile) used_bytes: Option<u64>,
    /// What could still be had.
    pub(in crate::profile) available: Option<Span>,
    /// The resident set of this process.
    pub(in crate::profile) rss: Option<Span>,
    /// `normal`, `elevated`, `high` or `critical`: the highest that was reached; `null` where
    /// no limit could be read.
    pub(in crate::profile) highest_pressure: Option<String>,
    /// How often memory was looked at.
    pub(in crate::profile) n_samples: u64,
    /// How the resident set developed.
    pub(in crate::profile) development: Development,
    /// How many of each operation fit at once; those that take less than 1 MiB are left out.
    pub(in crate::profile) at_once: Vec<AtOnce>,
    /// What follows from it.
    pub(in crate::profile) recommendations: Vec<String>,
    /// What could not be read, and why.
    pub(in crate::profile) unread: Vec<String>,
}

/// A size over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the unit stands in each name")]
pub(in crate::profile) struct Span {
    /// At the start of the command.
    pub(in crate::profile) start_bytes: u64,
    /// The least that was seen.
    pub(in crate::profile) least_bytes: u64,
    /// The most that was seen.
    pub(in crate::profile) most_bytes: u64,
    /// At the end of the measuring.
    pub(in crate::profile) end_bytes: u64,
}

/// How a size developed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::profile) enum Development {
    /// The run was too short to tell.
    TooFewSamples {},
    /// It stayed the same.
    Flat {},
    /// It grew steadily.
    Leak {
        /// By how much.
        per_minute_bytes: u64,
        /// When it is at the limit; `null` where that is in more than 100 years.
        time_to_limit_s: Option<u64>,
    },
    /// It changed once.
    Step {
        /// What it was.
        from_bytes: u64,
        /// What it is.
        to_bytes: u64,
    },
    /// It came and went.
    Periodic {
        /// How long it takes to be back.
        period_s: f64,
    },
}

/// How many of an operation fit at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::profile) struct AtOnce {
    /// The operation.
    pub(in crate::profile) operation: String,
    /// The size of images that takes most.
    pub(in crate::profile) dimensions: String,
    /// The highest peak heap of one.
    pub(in crate::profile) max_peak_bytes: u64,
    /// How many of these fit, beside what was used at the start, in 80 % of the limit.
    pub(in crate::profile) n_fit: u64,
}
