//! How far what can be had is from what a sample says of it, in a real control group.

use anyhow::Result;
use comfy_table::CellAlignment;
use safelight_benches::duel::{LEVEL, Verdict};
use safelight_core::ByteSize;
use safelight_stats::Sample;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    table::styled,
    test_oom::{Truth, truth, watch_for_ctrl_c},
};

/// Groups in which all memory is taken.
const N_RUNS: usize = 12;

/// By how much what is said may be off, to either side.
const TARGET: ByteSize = ByteSize::mib(2);

/// What was said and what was had.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Headroom")]
pub(in super::super) struct Row {
    /// Clean pages of files that were charged to the group before, as the sample has it.
    file_cache_bytes: Option<u64>,
    n_runs: u64,
    /// What the sample said, the median of the runs.
    said_bytes: Option<f64>,
    /// What was had before the kernel killed, the median of the runs.
    had_bytes: Option<f64>,
    /// By how much that is off, the median of the runs.
    off_bytes: Option<f64>,
    low_bytes: Option<f64>,
    high_bytes: Option<f64>,
    target_bytes: f64,
    pub(super) verdict: &'static str,
    /// Why there is no figure.
    reason: Option<String>,
}

/// Takes all memory of some groups.
pub(super) fn run() -> Vec<Row> {
    vec![match truths() {
        Ok(truths) if truths.len() < N_RUNS => {
            Row { reason: Some("interrupted".to_owned()), ..Row::new(&truths) }
        }
        Ok(truths) => Row::new(&truths),
        Err(error) => Row { reason: Some(format!("{error:#}")), ..Row::new(&[]) },
    }]
}

/// Fewer where it is interrupted.
fn truths() -> Result<Vec<Truth>> {
    let interrupted = watch_for_ctrl_c()?;
    let truths = (0..N_RUNS).map_while(|_| truth(&interrupted).transpose());
    truths.collect()
}

impl Row {
    fn new(truths: &[Truth]) -> Self {
        let median = |of: fn(&Truth) -> f64| {
            let values: Vec<f64> = truths.iter().map(of).collect();
            Sample::new(&values).map(|sample| sample.median())
        };
        let off = |truth: &Truth| truth.said.bytes().abs_diff(truth.had.bytes()) as f64;
        let offs: Vec<f64> = truths.iter().map(off).collect();
        let interval =
            Sample::new(&offs).and_then(|sample| sample.median_interval(LEVEL));
        let target_bytes = TARGET.bytes() as f64;
        let verdict = interval.map(|interval| Verdict::of(interval, target_bytes).name());
        Self {
            file_cache_bytes: truths
                .first()
                .and_then(|truth| truth.clean_cache)
                .map(ByteSize::bytes),
            n_runs: truths.len() as u64,
            said_bytes: median(|truth| truth.said.bytes() as f64),
            had_bytes: median(|truth| truth.had.bytes() as f64),
            off_bytes: median(|truth| {
                truth.said.bytes().abs_diff(truth.had.bytes()) as f64
            }),
            low_bytes: interval.map(|interval| interval.low),
            high_bytes: interval.map(|interval| interval.high),
            target_bytes,
            verdict: verdict.unwrap_or("unresolved"),
            reason: None,
        }
    }
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "beside file cache of",
        "said",
        "had",
        "off by",
        "99 % interval",
        "target",
        "verdict",
    ]);
    let mib = |bytes: Option<f64>| {
        bytes.map_or("-".to_owned(), |b| format!("{:.2} MiB", b / f64::from(1 << 20)))
    };
    for row in rows {
        table.add_row([
            mib(row.file_cache_bytes.map(|bytes| bytes as f64)),
            mib(row.said_bytes),
            mib(row.had_bytes),
            mib(row.off_bytes),
            format!("{} to {}", mib(row.low_bytes), mib(row.high_bytes)),
            format!("<= {}", mib(Some(row.target_bytes))),
            row.verdict.to_owned(),
        ]);
    }
    for idx in 0..=5 {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = table.to_string();
    for reason in rows.iter().filter_map(|row| row.reason.as_ref()) {
        text.extend(["\nunresolved: headroom: ", reason]);
    }
    text
}

#[cfg(test)]
mod tests {
    use safelight_core::ByteSize;

    use super::{Row, Truth, render};

    #[test]
    fn the_whole_interval_of_what_it_is_off_decides() {
        let verdict = |off_kib: u64| {
            let truth = |idx: u64| Truth {
                clean_cache: Some(ByteSize::mib(160)),
                said: ByteSize::mib(300),
                had: ByteSize::mib(300) + ByteSize::kib(off_kib + idx),
            };
            Row::new(&(0..12).map(truth).collect::<Vec<_>>()).verdict
        };
        assert_eq!((verdict(100), verdict(4000)), ("met", "missed"));
    }

    #[test]
    fn without_a_group_it_is_unresolved_and_says_why() {
        let row =
            Row { reason: Some("no group can be made".to_owned()), ..Row::new(&[]) };
        assert_eq!(row.verdict, "unresolved");
        assert!(render(&[row], false).ends_with("headroom: no group can be made"));
    }
}
