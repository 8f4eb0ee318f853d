//! How often each of many scripted incidents is told of.

use comfy_table::CellAlignment;
use safelight_benches::progress::incidents::{SCRIPTS, Script, Told, play};
use schemars::JsonSchema;
use serde::Serialize;

use super::exact_verdict;
use crate::table::styled;

/// How often an incident may be told of, on average.
const MOST: f64 = 1.05;

/// The script of an incident.
const SEED: u64 = 7;

/// What was told of the incidents of a script.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Incidents")]
pub(in super::super) struct Row {
    incident: &'static str,
    n_incidents: u64,
    /// Notifications that something began, of whatever kind.
    n_notified: u64,
    n_missed: u64,
    notified_per_incident: f64,
    /// How often a threshold without memory would have told of one.
    crossings_per_incident: Option<f64>,
    target_per_incident: f64,
    pub(super) verdict: &'static str,
    /// Why there is no figure.
    reason: Option<String>,
}

/// Plays each script.
pub(super) fn run() -> Vec<Row> {
    let row = |script: Script| match play(script, SEED) {
        Ok(told) => Row::new(&told),
        Err(error) => Row::unresolved(script.name, error.to_string()),
    };
    SCRIPTS.into_iter().map(row).collect()
}

impl Row {
    fn new(told: &Told) -> Self {
        let n_incidents = told.n_incidents as f64;
        let notified_per_incident = told.n_notified as f64 / n_incidents;
        Self {
            incident: told.name,
            n_incidents: told.n_incidents,
            n_notified: told.n_notified,
            n_missed: told.n_missed,
            notified_per_incident,
            crossings_per_incident: told.n_crossings.map(|n| n as f64 / n_incidents),
            target_per_incident: MOST,
            verdict: exact_verdict(told.n_missed == 0 && notified_per_incident <= MOST),
            reason: None,
        }
    }

    fn unresolved(name: &'static str, reason: String) -> Self {
        let none =
            Told { name, n_incidents: 0, n_notified: 0, n_missed: 0, n_crossings: None };
        Self { verdict: "unresolved", reason: Some(reason), ..Self::new(&none) }
    }
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "incident",
        "played",
        "notifications",
        "of each",
        "missed",
        "threshold without memory",
        "target",
        "verdict",
    ]);
    for row in rows {
        let crossings = row.crossings_per_incident;
        table.add_row([
            row.incident.to_owned(),
            row.n_incidents.to_string(),
            row.n_notified.to_string(),
            format!("{:.2}", row.notified_per_incident),
            row.n_missed.to_string(),
            crossings.map_or("-".to_owned(), |crossings| format!("{crossings:.1}")),
            format!("<= {:.2}, 0 missed", row.target_per_incident),
            row.verdict.to_owned(),
        ]);
    }
    for idx in 1..=6 {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = table.to_string();
    for row in rows {
        if let Some(reason) = &row.reason {
            text.extend(["\nunresolved: ", row.incident, ": ", reason]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Row, Told};

    #[test]
    fn a_missed_incident_is_not_made_up_for_by_a_doubled_one() {
        let verdict = |n_notified, n_missed| {
            let told = Told {
                name: "a queue",
                n_incidents: 100,
                n_notified,
                n_missed,
                n_crossings: None,
            };
            Row::new(&told).verdict
        };
        assert_eq!((verdict(100, 0), verdict(105, 0)), ("met", "met"));
        assert_eq!((verdict(106, 0), verdict(100, 1)), ("missed", "missed"));
    }
}
