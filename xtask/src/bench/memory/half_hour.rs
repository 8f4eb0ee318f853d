//! What a cache holds in a simulated half hour, and how long memory is scarce, by rule.

use comfy_table::CellAlignment;
use safelight_benches::half_hour::{
    AVAILABLE, Controller, GROWS_BACK, HEADROOM, ONLY_CUTS, Outcome,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::exact_verdict;
use crate::table::styled;

/// Half hours that are averaged.
const N_RUNS: u64 = 20;

/// What ours should keep at least, as a multiple of what the predecessor's rule keeps.
const MORE_CACHE: f64 = 2.5;

/// How much longer the predecessor's rule should be above 85 % at least.
const LESS_SCARCE: f64 = 5.0;

/// What a rule makes of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HalfHour")]
pub(in super::super) struct Row {
    rule: &'static str,
    n_runs: u64,
    /// What the cache held on average, in MiB.
    cache_mean_mib: f64,
    /// How long more than 85 % was used, where an empty cache would have helped.
    above_85_s: f64,
    /// The same for 95 %.
    above_95_s: f64,
    /// How often what the cache may hold turned from more to less or back.
    n_reversals: f64,
    /// The cache as a multiple of the first row's.
    cache_ratio: f64,
    target_cache_ratio: Option<f64>,
    target_above_85_s: Option<f64>,
    pub(super) verdict: &'static str,
}

/// Simulates each rule.
pub(super) fn run() -> Vec<Row> {
    let base = ONLY_CUTS.run(1..N_RUNS + 1);
    let row = |controller: Controller, has_target| {
        Row::new(controller, &controller.run(1..N_RUNS + 1), &base, has_target)
    };
    vec![
        row(ONLY_CUTS, None),
        row(GROWS_BACK, None),
        row(AVAILABLE, None),
        row(HEADROOM, Some(LESS_SCARCE)),
    ]
}

impl Row {
    fn new(
        rule: Controller,
        outcome: &Outcome,
        base: &Outcome,
        less_scarce: Option<f64>,
    ) -> Self {
        let cache_ratio = outcome.cache_mib / base.cache_mib;
        let most_scarce = less_scarce.map(|times| base.seconds_above_85 / times);
        let verdict = most_scarce.map_or("-", |most| {
            exact_verdict(MORE_CACHE <= cache_ratio && outcome.seconds_above_85 <= most)
        });
        Self {
            rule: rule.name,
            n_runs: N_RUNS,
            cache_mean_mib: outcome.cache_mib,
            above_85_s: outcome.seconds_above_85,
            above_95_s: outcome.seconds_above_95,
            n_reversals: outcome.n_reversals,
            cache_ratio,
            target_cache_ratio: most_scarce.map(|_| MORE_CACHE),
            target_above_85_s: most_scarce,
            verdict,
        }
    }
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "rule",
        "cache on average",
        "of the first",
        "above 85 %",
        "above 95 %",
        "reversals",
        "target",
        "verdict",
    ]);
    for row in rows {
        let target = row.target_cache_ratio.zip(row.target_above_85_s);
        table.add_row([
            row.rule.to_owned(),
            format!("{:.0} MiB", row.cache_mean_mib),
            format!("{:.2}x", row.cache_ratio),
            format!("{:.1} s", row.above_85_s),
            format!("{:.1} s", row.above_95_s),
            format!("{:.0}", row.n_reversals),
            target.map_or("-".to_owned(), |(cache, scarce)| {
                format!(">= {cache:.1}x, <= {scarce:.1} s")
            }),
            row.verdict.to_owned(),
        ]);
    }
    for idx in 1..=6 {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
