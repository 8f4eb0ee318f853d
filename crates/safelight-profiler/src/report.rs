//! The profile as plain, versioned structs for JSON.
//!
//! Names carry their units: `_ns`, `_bytes`, `_cores`, `_share`.
//! What was not measured is `null` with the reason beside it, never 0.
//!
//! ```
//! use safelight_profiler::{Analysis, Profiler, Rules, report};
//!
//! let profiler = Profiler::new();
//! profiler.operation("noop").measure(|| ());
//! let analysis = Analysis::new(&profiler.recording(), &Rules::default());
//!
//! let profile = report::Profile::from(&analysis);
//! let json = serde_json::to_string(&profile)?;
//! assert_eq!(serde_json::from_str::<report::Profile>(&json)?, profile);
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::time::Duration;

#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Advice, AdviceKind, Analysis, Estimate, Finding, Scaling};

mod operation;

pub use self::operation::{Cpu, Heap, Operation, Repeats, Size, Wall};

/// Version of these structs; it goes up when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// What the operations cost, what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// Where heap figures come from, or why there are none.
    pub heap_source: String,
    /// Whether CPU time was measured.
    pub cpu_measured: bool,
    /// Operations in the order of their registration.
    pub operations: Vec<Operation>,
    /// Bottlenecks, those of the costliest operation first.
    pub findings: Vec<FindingRow>,
    /// Advice, in the order of the findings.
    pub advice: Vec<AdviceRow>,
    /// Operations that had not ended.
    pub incomplete: Vec<Incomplete>,
    /// Runs that could not be recorded.
    pub n_lost: u64,
}

/// An operation that had not ended when the report was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Incomplete {
    /// The operation's name.
    pub operation: String,
    /// Runs that were open.
    pub n_open: u64,
}

/// The median of some runs, with its interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The median.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// `ns`, `bytes`, `cores`, `exponent` or `runs`.
    pub unit: String,
    /// How often such an interval holds the truth, from 0 to 1.
    pub level_share: f64,
    /// Runs from which it was computed.
    pub n_runs: u64,
}

/// How the time grows with the number of pixels: `t = a + b·n^k`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScalingRow {
    /// There were enough sizes.
    Fitted {
        /// The exponent k.
        exponent: Interval,
        /// The part a that does not depend on the size.
        fixed_ns: u64,
        /// The largest relative distance of a median from the curve; over 0.25 the times
        /// follow no such curve.
        misfit_share: f64,
    },
    /// The time hardly depends on the size.
    Flat {},
    /// There were fewer than three sizes with at least five runs.
    InsufficientData {
        /// Sizes with at least five runs.
        n_sizes: u64,
    },
}

/// A bottleneck.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FindingRow {
    /// `slow`, `heavy`, `cpu_bound`, `scales_badly` or `repeated`.
    pub kind: String,
    /// The operation's name.
    pub operation: String,
    /// The image size, where it is about one.
    pub dimensions: Option<String>,
    /// What was measured.
    pub measured: Interval,
    /// What it is over, in the unit of `measured`.
    pub threshold: f64,
    /// The operation's part of all measured time.
    pub time_share: f64,
    /// The finding as a sentence.
    pub text: String,
}

/// A setting with the value that it should have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// `n_workers` or `max_pixels`.
    pub name: String,
    /// The value.
    pub value: u64,
}

/// A change that is worth making.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AdviceRow {
    /// `cache`, `do_not_cache`, `parallelize` or `limit_pixels`.
    pub kind: String,
    /// The operation's name.
    pub operation: String,
    /// The image size, where it is about one.
    pub dimensions: Option<String>,
    /// The setting to change, or `null` where the advice is to build or leave out a cache.
    pub setting: Option<Setting>,
    /// Measured cost of a cache hit, where the advice is about one.
    pub hit_cost_ns: Option<u64>,
    /// What it is now.
    pub before: f64,
    /// What it should be after.
    pub after: f64,
    /// Unit of both: `ns` or `bytes`.
    pub unit: String,
    /// The advice as a sentence.
    pub text: String,
}

impl From<&Analysis> for Profile {
    fn from(analysis: &Analysis) -> Self {
        let incomplete = analysis.incomplete.iter();
        Self {
            schema_version: SCHEMA_VERSION,
            heap_source: analysis.heap.to_string(),
            cpu_measured: analysis.has_cpu,
            operations: analysis.operations.iter().map(Operation::from).collect(),
            findings: analysis.findings.iter().map(FindingRow::from).collect(),
            advice: analysis.advice.iter().map(AdviceRow::from).collect(),
            incomplete: incomplete
                .map(|(name, n)| Incomplete { operation: name.clone(), n_open: *n })
                .collect(),
            n_lost: analysis.n_lost,
        }
    }
}

impl From<&Estimate> for Interval {
    fn from(estimate: &Estimate) -> Self {
        Self {
            value: estimate.value.number(),
            low: estimate.low.number(),
            high: estimate.high.number(),
            unit: estimate.value.unit().to_owned(),
            level_share: estimate.level.get(),
            n_runs: estimate.n_runs,
        }
    }
}

impl From<&Scaling> for ScalingRow {
    fn from(scaling: &Scaling) -> Self {
        match scaling {
            Scaling::Fitted(fit) => Self::Fitted {
                exponent: Interval::from(&fit.exponent),
                fixed_ns: nanos(fit.fixed),
                misfit_share: fit.misfit,
            },
            Scaling::Flat => Self::Flat {},
            Scaling::InsufficientData { n_sizes } => {
                Self::InsufficientData { n_sizes: *n_sizes as u64 }
            }
        }
    }
}

impl From<&Finding> for FindingRow {
    fn from(finding: &Finding) -> Self {
        Self {
            kind: finding.kind.name().to_owned(),
            operation: finding.operation.clone(),
            dimensions: finding.dimensions.map(|dimensions| dimensions.to_string()),
            measured: Interval::from(&finding.estimate),
            threshold: finding.threshold.number(),
            time_share: finding.share.get(),
            text: finding.to_string(),
        }
    }
}

impl From<&Advice> for AdviceRow {
    fn from(advice: &Advice) -> Self {
        let set = |name: &str, value| Some(Setting { name: name.to_owned(), value });
        let (setting, hit_cost_ns) = match advice.kind {
            AdviceKind::Cache { hit } | AdviceKind::DoNotCache { hit } => {
                (None, Some(nanos(hit)))
            }
            AdviceKind::Parallelize { n_workers } => {
                (set("n_workers", n_workers as u64), None)
            }
            AdviceKind::LimitPixels { max_pixels } => {
                (set("max_pixels", max_pixels), None)
            }
        };
        Self {
            kind: advice.kind.name().to_owned(),
            operation: advice.operation.clone(),
            dimensions: advice.dimensions.map(|dimensions| dimensions.to_string()),
            setting,
            hit_cost_ns,
            before: advice.before.number(),
            after: advice.after.number(),
            unit: advice.before.unit().to_owned(),
            text: advice.to_string(),
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
