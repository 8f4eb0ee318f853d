//! The result, for people.

use std::time::Duration;

use comfy_table::CellAlignment;
use safelight_core::{ByteSize, Share};

use super::document::{ArmRow, Document, ScenarioRow};
use crate::table::styled;

#[cfg(test)]
mod tests;

const UNKNOWN: &str = "not known";

/// Returns what was run, a table, and the verdict.
pub(super) fn render(document: &Document, markdown: bool) -> String {
    let scenario = &document.scenario;
    let mut table = styled(markdown);
    table.set_header([
        "arm",
        "runs",
        "killed",
        "jobs done",
        "peak",
        "cache kept",
        "mean wait",
        "time",
    ]);
    for arm in &document.arms {
        table.add_row(cells(arm, scenario));
    }
    for idx in 1..8 {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let ScenarioRow { n_jobs, cgroup_version, .. } = scenario;
    let limit = ByteSize::from_bytes(scenario.limit_bytes);
    let cache = ByteSize::from_bytes(scenario.cache_limit_bytes);
    format!(
        "Runs of {n_jobs} image jobs in a group of {limit} (control groups version \
         {cgroup_version}), beside a cache of at most {cache}.\n\n{table}\n\n{}",
        document.verdict
    )
}

fn cells(arm: &ArmRow, scenario: &ScenarioRow) -> [String; 8] {
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    let of_limit = |peak: u64| {
        let share = Share::of(peak as f64, scenario.limit_bytes as f64);
        format!("{:.1} %", share.get() * 100.0)
    };
    let whole_mib = |bytes: u64| format!("{} MiB", bytes >> 20);
    [
        arm.arm.to_string(),
        arm.n_runs.to_string(),
        arm.n_killed.to_string(),
        format!("{} of {}", arm.n_done, arm.n_jobs),
        or_unknown(arm.peak_bytes.map(of_limit)),
        or_unknown(arm.cache_mean_bytes.map(whole_mib)),
        or_unknown(arm.wait_mean_ns.map(time)),
        time(arm.elapsed_mean_ns),
    ]
}

fn time(ns: u64) -> String {
    format!("{:.2} s", Duration::from_nanos(ns).as_secs_f64())
}
