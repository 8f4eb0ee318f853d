use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use safelight_profiler::{Analysis, Overhead, report};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{inputs::Inputs, nanos};
use crate::{environment::Environment, image_operation::ImageOperation};

mod memory;
#[cfg(test)]
mod tests;

pub(super) use self::memory::{AtOnce, Development, Memory, Span};

/// Version of the whole document; it goes up when a field changes its meaning or goes away.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// A profile of image operations, as `cargo xtask profile` writes it.
///
/// Names carry their units: `_ns`, `_bytes`, `_cores`, `_share`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// Always `safelight.image_performance_profile`.
    pub(super) kind: String,
    /// Version of this document.
    pub(super) schema_version: u32,
    /// The machine, the build and the time.
    pub(super) environment: Environment,
    /// What was asked for, and how far it went.
    pub(super) run: RunRow,
    /// The files that were to be measured.
    pub(super) files: Vec<FileRow>,
    /// Files and operations that were left out, and why.
    pub(super) skipped: Vec<Skipped>,
    /// What the operations cost.
    pub(super) profile: report::Profile,
    /// What caching would bring: the same few files asked for again and again.
    pub(super) replay: Option<report::Profile>,
    /// What a cache brings; absent where the time did not suffice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) caching: Option<Caching>,
    /// Memory while the operations were measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) memory: Option<Memory>,
    /// All parts together: the report of the facade on the same files asked for twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) together: Option<safelight::report::Report>,
    /// Advice that was followed, to see whether it keeps what it promises.
    pub(super) trials: Vec<Trial>,
    /// What the profiler itself cost.
    pub(super) overhead: OverheadRow,
}

/// The run of the command.
pub(super) struct Run {
    pub(super) created: Timestamp,
    pub(super) arguments: Vec<String>,
    pub(super) interrupted: bool,
    pub(super) n_rounds: u32,
    pub(super) n_unmeasured_files: usize,
    pub(super) measured: Duration,
}

/// What the document holds beside the analysis.
pub(super) struct Parts {
    pub(super) files: Vec<FileRow>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) replay: Option<report::Profile>,
    pub(super) caching: Option<Caching>,
    pub(super) memory: Option<Memory>,
    pub(super) together: Option<safelight::report::Report>,
    pub(super) trials: Vec<Trial>,
    pub(super) overhead: Overhead,
}

/// The run of the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RunRow {
    /// Start of the command, in UTC, as RFC 3339 has it.
    pub(super) created_utc: String,
    /// Arguments of the command.
    pub(super) arguments: Vec<String>,
    /// Whether Ctrl-C ended it early.
    pub(super) interrupted: bool,
    /// Complete rounds over all files.
    pub(super) n_rounds: u32,
    /// Files for which the time did not suffice.
    pub(super) n_unmeasured_files: u64,
    /// Wall time of the measuring.
    pub(super) measured_ns: u64,
}

/// An image file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRow {
    /// Its path.
    pub(super) path: String,
    /// `JPEG`, `PNG` or `WebP`.
    pub(super) format: String,
    /// Width as shown, in pixels.
    pub(super) width: u32,
    /// Height as shown, in pixels.
    pub(super) height: u32,
    /// Length of the file.
    pub(super) encoded_bytes: u64,
    /// Encoded bits for each pixel.
    pub(super) bits_per_pixel: f64,
    /// What a full validation found, or `null` where none ran.
    pub(super) findings: Option<Vec<FileFinding>>,
}

/// Something that validation found in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FileFinding {
    /// A stable name, such as `truncated`.
    pub(super) code: String,
    /// `warning` or `error`.
    pub(super) severity: String,
    /// The finding as a sentence, with the value, what was wanted, and the fix.
    pub(super) text: String,
}

/// Something that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Skipped {
    /// Path of the file.
    pub(super) path: String,
    /// The operation that failed, or `null` where the file was not measured at all.
    pub(super) operation: Option<String>,
    /// Why.
    pub(super) reason: String,
}

/// What a cache brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Caching {
    /// Each operation as work and as a hit.
    pub(super) operations: Vec<CachingRow>,
    /// Requests with and without a cache, or `null` where the time did not suffice.
    pub(super) replay: Option<RequestReplay>,
}

/// An operation as work and as a hit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CachingRow {
    /// The operation; `check attributes` compares a known header with the rules.
    pub(super) operation: String,
    /// Files over which the times are means.
    pub(super) n_files: u64,
    /// The work, without a cache.
    pub(super) cold_ns: u64,
    /// A hit whose key is the identity of the file, the making of the key included.
    pub(super) hit_by_identity_ns: u64,
    /// A hit whose key is a hash of the file's content, reading and hashing included.
    pub(super) hit_by_content_ns: u64,
    /// How many times faster a hit by identity is than the work; under 1 it is slower.
    pub(super) speedup_by_identity: f64,
    /// How many times faster a hit by content is than the work; under 1 it is slower.
    pub(super) speedup_by_content: f64,
    /// `cache` or `do_not_cache`.
    pub(super) advice_by_identity: String,
    /// `cache` or `do_not_cache`.
    pub(super) advice_by_content: String,
    /// The part of requests by identity that must hit for a cache to pay; `null`: none is
    /// enough.
    pub(super) needed_hit_share: Option<f64>,
}

/// Requests, some files wanted more often than others, with and without a cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestReplay {
    /// The operation that was asked for.
    pub(super) operation: String,
    /// Files that were asked for.
    pub(super) n_files: u64,
    /// Requests.
    pub(super) n_requests: u64,
    /// Entries that the cache might hold.
    pub(super) max_entries: u64,
    /// Bytes that the cache might hold.
    pub(super) max_bytes: u64,
    /// The part of the requests that hit.
    pub(super) hit_share: f64,
    /// Wall time of all requests without the cache.
    pub(super) without_ns: u64,
    /// Wall time of all requests with it, the making of keys included.
    pub(super) with_ns: u64,
    /// What the cache itself counted as saved.
    pub(super) time_saved_ns: u64,
}

/// Advice that was followed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trial {
    /// The kind of advice.
    pub(super) kind: String,
    /// The operation and the image size.
    pub(super) subject: String,
    /// What was changed.
    pub(super) change: String,
    /// `ns` or `bytes`.
    pub(super) unit: String,
    /// Measured without the change.
    pub(super) before: f64,
    /// What the advice predicted.
    pub(super) predicted: f64,
    /// Measured with the change.
    pub(super) after: f64,
}

/// What the profiler itself cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverheadRow {
    /// One empty operation without CPU readings, measured in this process.
    pub(super) per_run_ns: u64,
    /// One pair of CPU readings.
    pub(super) per_cpu_reading_ns: u64,
    /// Operations that ran.
    pub(super) n_runs: u64,
    /// Operations whose CPU time was read.
    pub(super) n_cpu_readings: u64,
    /// All of it as a part of the time that the operations took.
    pub(super) time_share: f64,
}

impl Document {
    pub(super) fn new(
        environment: Environment,
        analysis: &Analysis,
        run: Run,
        parts: Parts,
    ) -> Self {
        let Parts { files, skipped, replay, caching, memory, together, trials, overhead } =
            parts;
        Self {
            kind: "safelight.image_performance_profile".to_owned(),
            schema_version: SCHEMA_VERSION,
            environment,
            run: RunRow {
                created_utc: run.created.to_string(),
                arguments: run.arguments,
                interrupted: run.interrupted,
                n_rounds: run.n_rounds,
                n_unmeasured_files: run.n_unmeasured_files as u64,
                measured_ns: nanos(run.measured),
            },
            files,
            skipped,
            profile: report::Profile::from(analysis),
            replay,
            caching,
            memory,
            together,
            trials,
            overhead: OverheadRow::new(analysis, overhead),
        }
    }
}

impl OverheadRow {
    fn new(analysis: &Analysis, overhead: Overhead) -> Self {
        let sizes = || analysis.operations.iter().flat_map(|operation| &operation.sizes);
        let n_runs = sizes().map(|size| size.n_runs).sum();
        let n_cpu_readings =
            sizes().filter_map(|size| size.cpu).map(|cpu| cpu.n_runs).sum();
        let wall: Duration = analysis.operations.iter().map(|cost| cost.self_wall).sum();
        let spent = nanos(overhead.per_run) * n_runs
            + nanos(overhead.per_cpu_reading) * n_cpu_readings;
        let share = safelight_core::Share::of(spent as f64, wall.as_nanos() as f64);
        Self {
            per_run_ns: nanos(overhead.per_run),
            per_cpu_reading_ns: nanos(overhead.per_cpu_reading),
            n_runs,
            n_cpu_readings,
            time_share: share.get(),
        }
    }
}

impl Skipped {
    pub(super) fn file(path: &Path, reason: String) -> Self {
        Self { path: path.display().to_string(), operation: None, reason }
    }

    pub(super) fn operation(path: &Path, what: ImageOperation, reason: String) -> Self {
        Self { operation: Some(what.to_string()), ..Self::file(path, reason) }
    }
}

/// Returns a row for each file, with what was found in it.
pub(super) fn files(
    inputs: &Inputs,
    findings: &HashMap<PathBuf, Vec<safelight_imaging::Finding>>,
) -> Vec<FileRow> {
    let row_of = |finding: &safelight_imaging::Finding| FileFinding {
        code: finding.code.as_str().to_owned(),
        severity: finding.severity.to_string(),
        text: finding.to_string(),
    };
    let of_input = |input: &super::inputs::Input| {
        let (width, height) = input.size;
        let n_pixels = f64::from(width) * f64::from(height);
        FileRow {
            path: input.path.display().to_string(),
            format: input.format.to_string(),
            width,
            height,
            encoded_bytes: input.encoded_bytes,
            bits_per_pixel: input.encoded_bytes as f64 * 8.0 / n_pixels,
            findings: findings
                .get(&input.path)
                .map(|all| all.iter().map(row_of).collect()),
        }
    };
    inputs.files.iter().map(of_input).collect()
}
