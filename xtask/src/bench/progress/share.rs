//! What a million updates a second take of the processor, with bars on a terminal.

use anyhow::{Result, ensure};
use comfy_table::CellAlignment;
use safelight_benches::{arm::Arm, duel::LEVEL, pseudo_terminal::PseudoTerminal};
use safelight_stats::Sample;
use schemars::JsonSchema;
use serde::Serialize;

use super::{super::arms::Programs, costs::PROGRAM};
use crate::table::styled;

/// Rounds, each of which runs all of them.
const N_ROUNDS: usize = 10;

/// Updates in a round, of a second.
const N_UPDATES: u64 = 1_000_000;

/// The loop around the updates.
const LOOP: &str = "paced";

/// What one of them took.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Share")]
pub(in super::super) struct Row {
    name: &'static str,
    n_rounds: u64,
    /// CPU time of the process by the time that passed, less that of the loop alone.
    cpu_share: Option<f64>,
    low_share: Option<f64>,
    high_share: Option<f64>,
    /// Bytes that were drawn in a second.
    drawn_bytes: Option<f64>,
    pub(super) verdict: &'static str,
    /// Why there is no figure.
    reason: Option<String>,
}

/// Lets each of them draw.
pub(super) fn run(programs: &Programs) -> Vec<Row> {
    [("ours, with `Terminal`", "paced_terminal"), ("indicatif", "paced_indicatif")]
        .map(|(name, workload)| {
            measure(programs, workload).map_or_else(
                |error| Row { reason: Some(format!("{error:#}")), ..Row::new(name, &[]) },
                |rounds| Row::new(name, &rounds),
            )
        })
        .into()
}

/// Returns share and bytes of each round.
fn measure(programs: &Programs, workload: &str) -> Result<Vec<(f64, f64)>> {
    let program = programs.path(PROGRAM)?;
    let terminal = PseudoTerminal::open()?;
    let mut arm = Arm::start_on_terminal(program, terminal.far_end()?)?;
    let mut alone = Arm::start(program)?;
    // In the first two seconds it finds out how often to draw.
    arm.run(workload, 2 * N_UPDATES)?;
    let mut rounds = Vec::new();
    for _ in 0..N_ROUNDS {
        let before = terminal.n_drawn();
        let used = arm.run(workload, N_UPDATES)? as f64;
        let drawn = (terminal.n_drawn() - before) as f64;
        let loop_used = alone.run(LOOP, N_UPDATES)? as f64;
        rounds.push(((used - loop_used) / 1e9, drawn));
    }
    ensure!(rounds.iter().any(|(_, drawn)| 0.0 < *drawn), "nothing was drawn");
    Ok(rounds)
}

impl Row {
    fn new(name: &'static str, rounds: &[(f64, f64)]) -> Self {
        let shares: Vec<f64> = rounds.iter().map(|(share, _)| *share).collect();
        let drawn: Vec<f64> = rounds.iter().map(|(_, drawn)| *drawn).collect();
        let sample = Sample::new(&shares);
        let interval = sample.as_ref().and_then(|sample| sample.median_interval(LEVEL));
        Self {
            name,
            n_rounds: rounds.len() as u64,
            cpu_share: sample.map(|sample| sample.median()),
            low_share: interval.map(|interval| interval.low),
            high_share: interval.map(|interval| interval.high),
            drawn_bytes: Sample::new(&drawn).map(|drawn| drawn.median()),
            verdict: if rounds.is_empty() { "unresolved" } else { "-" },
            reason: None,
        }
    }
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header(["what", "of one core", "99 % interval", "drawn in a second"]);
    let percent = |share: Option<f64>| {
        share.map_or("-".to_owned(), |share| format!("{:.2} %", share * 100.0))
    };
    for row in rows {
        table.add_row([
            row.name.to_owned(),
            percent(row.cpu_share),
            format!("{} to {}", percent(row.low_share), percent(row.high_share)),
            row.drawn_bytes.map_or("-".to_owned(), |bytes| format!("{bytes:.0} bytes")),
        ]);
    }
    for idx in 1..=3 {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = table.to_string();
    for row in rows {
        if let Some(reason) = &row.reason {
            text.extend(["\nunresolved: ", row.name, ": ", reason]);
        }
    }
    text
}
