//! How soon caches let go under pressure, and have their memory back after it.

use std::time::Duration;

use comfy_table::CellAlignment;
use safelight_benches::{
    duel::{LEVEL, Verdict},
    relief::{first_relief, recovery},
};
use safelight_core::{Share, SystemClock};
use safelight_stats::Sample;
use schemars::JsonSchema;
use serde::Serialize;

use super::exact_verdict;
use crate::table::styled;

/// Runs of what is measured.
const N_RUNS: usize = 40;

/// Until a full cache has let go.
const RELIEF: Duration = Duration::from_millis(150);

/// Until budgets are back.
const RECOVERY: Duration = Duration::from_secs(20);

/// One time.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Relief")]
pub(in super::super) struct Row {
    name: String,
    /// `measured`, the median of 40 runs, or `simulated`, which has no noise.
    how: &'static str,
    time_s: Option<f64>,
    low_s: Option<f64>,
    high_s: Option<f64>,
    target_s: f64,
    pub(super) verdict: &'static str,
}

/// Measures and simulates.
pub(super) fn run() -> Vec<Row> {
    let mut rows: Vec<Row> = [50, 2000].into_iter().map(relief).collect();
    rows.extend([0.5, 0.69, 0.72, 0.749].into_iter().map(recovered));
    rows
}

fn relief(n_entries: usize) -> Row {
    let one = |_| first_relief(n_entries, &SystemClock).as_secs_f64();
    let runs: Vec<f64> = (0..N_RUNS).map(one).collect();
    let sample = Sample::new(&runs);
    let interval = sample.as_ref().and_then(|sample| sample.median_interval(LEVEL));
    let target_s = RELIEF.as_secs_f64();
    Row {
        name: format!("256 MiB in {n_entries} entries are let go, once 86 % is read"),
        how: "measured",
        time_s: sample.map(|sample| sample.median()),
        low_s: interval.map(|interval| interval.low),
        high_s: interval.map(|interval| interval.high),
        target_s,
        verdict: interval
            .map_or("unresolved", |interval| Verdict::of(interval, target_s).name()),
    }
}

fn recovered(end: f64) -> Row {
    let time = recovery(Share::new(end));
    let time_s = time.map(|time| time.as_secs_f64());
    Row {
        name: format!("budgets are back, once use falls from 97 % to {:.1} %", end * 1e2),
        how: "simulated",
        time_s,
        low_s: time_s,
        high_s: time_s,
        target_s: RECOVERY.as_secs_f64(),
        verdict: exact_verdict(time.is_some_and(|time| time <= RECOVERY)),
    }
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header(["what", "how", "time", "99 % interval", "target", "verdict"]);
    let time = |s: Option<f64>| match s {
        None => "-".to_owned(),
        Some(s) if s < 1.0 => format!("{:.2} ms", s * 1e3),
        Some(s) => format!("{s:.1} s"),
    };
    for row in rows {
        table.add_row([
            row.name.clone(),
            row.how.to_owned(),
            time(row.time_s),
            if row.how == "measured" {
                format!("{} to {}", time(row.low_s), time(row.high_s))
            } else {
                "-".to_owned()
            },
            format!("<= {}", time(Some(row.target_s))),
            row.verdict.to_owned(),
        ]);
    }
    for idx in 2..=4 {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
