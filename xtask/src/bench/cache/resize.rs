//! How long our cache takes to obey lower limits, and to give out what it let go.

use std::{num::NonZeroUsize, time::Duration};

use comfy_table::CellAlignment;
use safelight_benches::{
    cache_contest::{halve, weak_return},
    duel::{LEVEL, Verdict},
};
use safelight_core::{Clock, SystemClock};
use safelight_stats::Sample;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{progress::Bar, table::styled};

/// Runs of each measurement, each with a cache of its own.
const N_RUNS: u32 = 400;

/// What is measured.
type Measure = fn(NonZeroUsize, &dyn Clock) -> Duration;

/// A measurement: its name, entries, and the target in microseconds.
type Case = (&'static str, Measure, usize, f64);

const CASES: [Case; 4] = [
    ("halving the limits", halve, 50, 50.0),
    ("halving the limits", halve, 2000, 1000.0),
    ("return of a value that was let go", weak_return, 50, 1.0),
    ("return of a value that was let go", weak_return, 2000, 1.0),
];

/// One measurement.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Resize")]
pub(in super::super) struct Row {
    name: String,
    n_entries: u64,
    n_runs: u32,
    /// Wall time, the median of the runs.
    median_us: Option<f64>,
    low_us: Option<f64>,
    high_us: Option<f64>,
    target_us: f64,
    pub(super) verdict: &'static str,
}

/// Measures what has a target.
pub(super) fn run() -> Vec<Row> {
    let bar = Bar::new("resize", CASES.len() as u64 * u64::from(N_RUNS));
    let mut rows = Vec::new();
    for (name, measure, n_entries, target_us) in CASES {
        bar.set_message(format!("{name}, {n_entries} entries"));
        let n = NonZeroUsize::new(n_entries).expect("each case has entries");
        let one = |_| {
            bar.inc(1);
            measure(n, &SystemClock).as_secs_f64() * 1e6
        };
        let runs: Vec<f64> = (0..N_RUNS).map(one).collect();
        rows.push(Row::new(name, n_entries, &runs, target_us));
    }
    bar.finish();
    rows
}

impl Row {
    fn new(name: &str, n_entries: usize, runs_us: &[f64], target_us: f64) -> Self {
        let sample = Sample::new(runs_us);
        let interval = sample.as_ref().and_then(|sample| sample.median_interval(LEVEL));
        Self {
            name: name.to_owned(),
            n_entries: n_entries as u64,
            n_runs: runs_us.len() as u32,
            median_us: sample.map(|sample| sample.median()),
            low_us: interval.map(|interval| interval.low),
            high_us: interval.map(|interval| interval.high),
            target_us,
            verdict: interval
                .map_or("unresolved", |interval| Verdict::of(interval, target_us).name()),
        }
    }
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header(["what", "entries", "median", "99 % interval", "target", "verdict"]);
    let us = |us: Option<f64>| us.map_or("-".to_owned(), |us| format!("{us:.2} µs"));
    for row in rows {
        table.add_row([
            row.name.clone(),
            row.n_entries.to_string(),
            us(row.median_us),
            format!("{} to {}", us(row.low_us), us(row.high_us)),
            format!("<= {} µs", row.target_us),
            row.verdict.to_owned(),
        ]);
    }
    for idx in 1..=4 {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn a_verdict_needs_the_whole_interval_of_the_median() {
        let verdict = |target_us| {
            let runs: Vec<f64> = (1..=99).map(f64::from).collect();
            Row::new("test", 50, &runs, target_us).verdict
        };
        assert_eq!(verdict(70.0), "met");
        assert_eq!(verdict(50.0), "inconclusive");
        assert_eq!(verdict(30.0), "missed");
    }

    #[test]
    fn few_runs_leave_it_open() {
        assert_eq!(Row::new("test", 50, &[1.0, 2.0], 50.0).verdict, "unresolved");
    }
}
