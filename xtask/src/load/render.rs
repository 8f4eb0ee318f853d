//! The result, for people.

use std::time::Duration;

use comfy_table::CellAlignment;
use safelight_core::{ByteSize, Share};

use super::document::{ArmRow, Document, Load, Outcome, PhaseRow, ScenarioRow};
use crate::table::styled;

#[cfg(test)]
mod tests;

const UNKNOWN: &str = "not known";

/// For whom the tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Terminal,
    Markdown,
}

/// Returns what was run, two tables, and the verdict.
pub(super) fn render(document: &Document, form: Form) -> String {
    let table = || styled(form == Form::Markdown);
    let ScenarioRow { limit_bytes, n_originals, n_addresses, .. } = document.scenario;
    let mut phases = table();
    phases.set_header([
        "arm",
        "load",
        "time",
        "200",
        "304",
        "503",
        "other",
        "broken",
        "200 a second",
        "p50",
        "p99",
    ]);
    for row in &document.phases {
        phases.add_row(phase(row, &document.scenario));
    }
    let mut arms = table();
    arms.set_header(["arm", "end", "peak", "kills"]);
    for row in &document.arms {
        arms.add_row(arm(row, limit_bytes));
    }
    for (table, columns) in [(&mut phases, 2..11), (&mut arms, 2..4)] {
        for idx in columns {
            if let Some(column) = table.column_mut(idx) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    format!(
        "A server in a group of {}, asked by {} for {n_addresses} thumbnails of {n_originals} \
         originals.\np50 and p99 are of all answers, those of 503 included.\n\n{phases}\n\n\
         {arms}\n\n{}",
        ByteSize::from_bytes(limit_bytes),
        document.scenario.driver,
        document.verdict
    )
}

fn phase(row: &PhaseRow, scenario: &ScenarioRow) -> [String; 11] {
    let answers = &row.answers;
    let n_connections = match row.load {
        Load::Light => 1,
        Load::Overload => scenario.n_connections,
    };
    [
        row.arm.to_string(),
        format!("{n_connections} at once"),
        time(row.elapsed_ns),
        answers.n_served.to_string(),
        answers.n_not_modified.to_string(),
        answers.n_shed.to_string(),
        answers.n_other.to_string(),
        answers.n_connection_errors.to_string(),
        or_unknown(answers.served_per_s.map(|rate| format!("{rate:.1}"))),
        or_unknown(answers.p50_ns.map(time)),
        or_unknown(answers.p99_ns.map(time)),
    ]
}

fn arm(row: &ArmRow, limit_bytes: u64) -> [String; 4] {
    let of_limit = |peak: u64| {
        let share = Share::of(peak as f64, limit_bytes as f64);
        format!("{:.1} %", share.get() * 100.0)
    };
    let end = match row.outcome {
        Outcome::Stopped => "stopped when told to",
        Outcome::Killed => "killed for memory",
        Outcome::Failed => "failed",
    };
    [
        row.arm.to_string(),
        end.to_owned(),
        or_unknown(row.peak_bytes.map(of_limit)),
        or_unknown(row.n_kills.map(|n| n.to_string())),
    ]
}

fn or_unknown(text: Option<String>) -> String {
    text.unwrap_or_else(|| UNKNOWN.to_owned())
}

fn time(ns: u64) -> String {
    let time = Duration::from_nanos(ns);
    if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}
