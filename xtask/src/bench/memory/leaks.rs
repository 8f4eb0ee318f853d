//! How many leaks are found, and how many others are called one.

use comfy_table::CellAlignment;
use safelight_benches::leak::KINDS;
use schemars::JsonSchema;
use serde::Serialize;

use super::exact_verdict;
use crate::table::styled;

const N_SERIES: u64 = 300;

/// What part of the leaks should be found at least.
const FOUND: f64 = 0.95;

/// What part of the rest may be called a leak at most.
const FALSE: f64 = 0.06;

/// What was called a leak of one kind of series.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Leaks")]
pub(in super::super) struct Row {
    kind: &'static str,
    is_leak: bool,
    n_series: u64,
    /// By the median of slopes, with thirds and jumps looked at.
    called_leak_share: f64,
    /// By the slope of the line of least squares.
    called_leak_by_least_squares_share: f64,
    target_share: f64,
    pub(super) verdict: &'static str,
}

/// Asks for all verdicts.
pub(super) fn run() -> Vec<Row> {
    let row = |kind: &safelight_benches::leak::Kind| {
        let rates = kind.rates(N_SERIES);
        let target_share = if kind.is_leak { FOUND } else { FALSE };
        let is_met = if kind.is_leak { FOUND <= rates.ours } else { rates.ours <= FALSE };
        Row {
            kind: kind.name,
            is_leak: kind.is_leak,
            n_series: N_SERIES,
            called_leak_share: rates.ours,
            called_leak_by_least_squares_share: rates.least_squares,
            target_share,
            verdict: exact_verdict(is_met),
        }
    };
    KINDS.iter().map(row).collect()
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "series",
        "called a leak",
        "by least squares",
        "target",
        "verdict",
    ]);
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    for row in rows {
        let sign = if row.is_leak { ">=" } else { "<=" };
        table.add_row([
            row.kind.to_owned(),
            percent(row.called_leak_share),
            percent(row.called_leak_by_least_squares_share),
            format!("{sign} {}", percent(row.target_share)),
            row.verdict.to_owned(),
        ]);
    }
    for idx in 1..=3 {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
