use std::time::Duration;

use safelight_core::Share;
use safelight_profiler::Analysis;
use safelight_progress_monitor::report::Export;
#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{missing::List, nanos};
use crate::Safelight;

/// What all this itself costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Overhead {
    /// Measuring one run, without CPU readings; measured in this process.
    pub per_run_ns: Option<u64>,
    /// One pair of CPU readings.
    pub per_cpu_reading_ns: Option<u64>,
    /// Runs that were measured.
    pub n_runs: u64,
    /// Runs whose CPU time was read.
    pub n_cpu_readings: u64,
    /// All of the above as a part of the time that the operations took.
    pub profiling_share: Option<f64>,
    /// A hit of the cache, without the making of the caller's key; measured in this process.
    pub cache_hit_ns: Option<u64>,
    /// CPU use of the thread that watches progress, at its latest look.
    pub monitor_cpu_cores: Option<f64>,
    /// Memory of trackers, gauges and the history of looks.
    pub monitor_bytes: Option<u64>,
}

pub(super) fn read(
    safelight: &Safelight,
    analysis: Option<&Analysis>,
    progress: Option<&Export>,
    missing: &mut List,
) -> Overhead {
    let origin = &safelight.parts().origin;
    let costs = safelight.profiler().map(|profiler| origin.profiling(profiler));
    let (n_runs, n_cpu_readings) = analysis.map(count).unwrap_or_default();
    let summary = progress.map(|progress| &progress.summary);
    let share = costs.zip(analysis).and_then(|(costs, analysis)| {
        let spent = costs.per_run.as_nanos() as f64 * n_runs as f64
            + costs.per_cpu_reading.as_nanos() as f64 * n_cpu_readings as f64;
        let wall: Duration = analysis.operations.iter().map(|cost| cost.self_wall).sum();
        (!wall.is_zero()).then(|| Share::of(spent, wall.as_nanos() as f64).get())
    });
    let overhead = Overhead {
        per_run_ns: costs.map(|costs| nanos(costs.per_run)),
        per_cpu_reading_ns: costs
            .filter(|_| analysis.is_some_and(|analysis| analysis.has_cpu))
            .map(|costs| nanos(costs.per_cpu_reading)),
        n_runs,
        n_cpu_readings,
        profiling_share: share,
        cache_hit_ns: safelight.cache().map(|_| nanos(origin.hit())),
        monitor_cpu_cores: summary.and_then(|summary| summary.own_cpu_cores),
        monitor_bytes: summary.map(|summary| summary.footprint_bytes),
    };
    note_missing(&overhead, missing);
    overhead
}

fn count(analysis: &Analysis) -> (u64, u64) {
    let sizes = || analysis.operations.iter().flat_map(|operation| &operation.sizes);
    let n_readings = sizes().filter_map(|size| size.cpu).map(|cpu| cpu.n_runs).sum();
    (sizes().map(|size| size.n_runs).sum(), n_readings)
}

fn note_missing(overhead: &Overhead, missing: &mut List) {
    let profiling = overhead.per_run_ns.is_none();
    let off = |is_off: bool, otherwise: &'static str| {
        if is_off { "its part is off" } else { otherwise }
    };
    let nulls = [
        ("per_run_ns", profiling, "its part is off"),
        (
            "per_cpu_reading_ns",
            overhead.per_cpu_reading_ns.is_none(),
            off(profiling, "there is no clock for CPU time"),
        ),
        (
            "profiling_share",
            overhead.profiling_share.is_none(),
            off(profiling, "no run has ended"),
        ),
        ("cache_hit_ns", overhead.cache_hit_ns.is_none(), "there is no cache of its own"),
        (
            "monitor_cpu_cores",
            overhead.monitor_cpu_cores.is_none(),
            off(overhead.monitor_bytes.is_none(), "it takes two looks"),
        ),
        ("monitor_bytes", overhead.monitor_bytes.is_none(), "its part is off"),
    ];
    for (name, _, why) in nulls.into_iter().filter(|(_, is_null, _)| *is_null) {
        missing.note(&format!("overhead.{name}"), why);
    }
    missing
        .note("overhead of the thread that watches memory", "its CPU time is not read");
    missing.note("overhead of waiting and of permits", "it is in the time of the jobs");
}
