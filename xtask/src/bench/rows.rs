//! Results of comparisons, for people and for machines.

use anyhow::Result;
use comfy_table::CellAlignment;
use safelight_benches::duel::{Duel, LEVEL, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use super::Output;
use crate::{
    environment::Environment,
    report_file::{self, default_dir, file_stamp, now},
    say::say,
    status::Status,
    table::styled,
};

/// The document of a suite.
#[derive(Serialize, JsonSchema)]
pub(super) struct Document<'a, R> {
    /// Always `safelight.bench`.
    kind: String,
    /// Version of this document.
    schema_version: u32,
    /// The suite that was run.
    suite: String,
    /// When it ended, in UTC, as RFC 3339 has it.
    created_utc: String,
    /// The machine and the build.
    environment: Environment,
    /// How sure the intervals are.
    level_share: f64,
    /// The comparisons.
    rows: &'a [R],
}

/// One comparison.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Row {
    name: String,
    peer: String,
    unit: &'static str,
    ours: Option<f64>,
    theirs: Option<f64>,
    /// What is compared with the target: a ratio, or a difference or cost in `unit`.
    compared: &'static str,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    target: Option<f64>,
    verdict: &'static str,
    /// Why there is no figure.
    reason: Option<String>,
}

/// How a duel is judged.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// Our cost as a multiple of the peer's.
    Ratio(f64),
    /// Our cost less the peer's.
    Difference(f64),
    /// Our cost alone; the peer's stands beside it.
    Cost(f64),
    /// No target is set; the ratio is shown.
    None,
}

impl Row {
    pub(super) fn of_duel(name: &str, peer: &str, duel: &Duel, target: Target) -> Self {
        let (compared, estimate, limit) = match target {
            Target::Ratio(limit) => ("ratio", duel.ratio(), Some(limit)),
            Target::Difference(limit) => ("difference", duel.difference(), Some(limit)),
            Target::Cost(limit) => ("cost", duel.cost(), Some(limit)),
            Target::None => ("ratio", duel.ratio(), None),
        };
        let verdict = match (estimate, limit) {
            (Some((_, interval)), Some(limit)) => Verdict::of(interval, limit).name(),
            (None, _) => "unresolved",
            (_, None) => "-",
        };
        let medians = duel.medians();
        Self {
            name: name.to_owned(),
            peer: peer.to_owned(),
            unit: "ns",
            ours: medians.map(|(ours, _)| ours),
            theirs: medians.map(|(_, theirs)| theirs),
            compared,
            value: estimate.map(|(value, _)| value),
            low: estimate.map(|(_, interval)| interval.low),
            high: estimate.map(|(_, interval)| interval.high),
            target: limit,
            verdict,
            reason: None,
        }
    }

    /// A row whose peer could not be run.
    pub(super) fn unresolved(name: &str, peer: &str, reason: String) -> Self {
        let none = Duel::default();
        Self { reason: Some(reason), ..Self::of_duel(name, peer, &none, Target::None) }
    }

    /// Returns the word of the verdict, `-` where there is no target.
    pub(super) fn verdict(&self) -> &'static str {
        self.verdict
    }

    pub(super) fn is_inconclusive(&self) -> bool {
        is_inconclusive(self.verdict)
    }
}

/// Whether a verdict leaves open if a target is met.
pub(super) fn is_inconclusive(verdict: &str) -> bool {
    matches!(verdict, "inconclusive" | "unresolved")
}

pub(super) fn print_heading(text: &str) {
    println!("\n{text}\n");
}

/// Counts the targets by how they fared.
pub(super) fn summary(verdicts: &[&str]) -> String {
    let count =
        |wanted: &str| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    let n_targets = verdicts.len() - count("-");
    format!(
        "{} of {n_targets} targets met, {} missed, {} inconclusive, {} unresolved",
        count("met"),
        count("missed"),
        count("inconclusive"),
        count("unresolved"),
    )
}

/// Writes the document, and says how the targets fared.
pub(super) fn conclude<R: Serialize>(
    suite: &str,
    rows: &[R],
    verdict: fn(&R) -> &'static str,
    (output, conclusive): (&Output, bool),
) -> Result<Status> {
    write(suite, rows, output)?;
    let verdicts: Vec<&str> = rows.iter().map(verdict).collect();
    println!("\n{}", summary(&verdicts));
    let is_open = verdicts.iter().any(|verdict| is_inconclusive(verdict));
    Ok(if conclusive && is_open { Status::Inconclusive } else { Status::Ok })
}

/// Prints the rows and writes the document.
pub(super) fn finish(suite: &str, rows: &[Row], output: &Output) -> Result<()> {
    print(rows, output.markdown);
    write(suite, rows, output)
}

/// Prints the rows.
pub(super) fn print(rows: &[Row], markdown: bool) {
    println!("{}", render(rows, markdown));
    for row in rows {
        if let Some(reason) = &row.reason {
            println!("unresolved: {} beside {}: {reason}", row.name, row.peer);
        }
    }
}

/// Writes the document of a suite.
pub(super) fn write<R: Serialize>(
    suite: &str,
    rows: &[R],
    output: &Output,
) -> Result<()> {
    let created = now();
    let document = Document {
        kind: "safelight.bench".to_owned(),
        schema_version: 1,
        suite: suite.to_owned(),
        created_utc: created.to_string(),
        environment: Environment::read(),
        level_share: LEVEL,
        rows,
    };
    let name =
        || default_dir().join(format!("bench_{suite}_{}.json", file_stamp(created)));
    let path = output.output.clone().unwrap_or_else(name);
    report_file::write_json(&path, &document)?;
    say(format_args!("result: {}", path.display()));
    Ok(())
}

fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "workload",
        "ours",
        "peer",
        "theirs",
        "compared",
        "99 % interval",
        "target",
        "verdict",
    ]);
    for row in rows {
        let cost = |cost: Option<f64>| {
            cost.map_or("-".to_owned(), |cost| format!("{cost:.2} {}", row.unit))
        };
        let number = |number: Option<f64>| {
            let unit = if row.compared == "ratio" { "x" } else { " ns" };
            number.map_or("-".to_owned(), |number| format!("{number:.3}{unit}"))
        };
        table.add_row([
            row.name.clone(),
            cost(row.ours),
            row.peer.clone(),
            cost(row.theirs),
            number(row.value),
            format!("{} to {}", number(row.low), number(row.high)),
            row.target.map_or("-".to_owned(), |_| format!("<= {}", number(row.target))),
            row.verdict.to_owned(),
        ]);
    }
    for idx in [1, 3, 4, 5, 6] {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;

    use super::{
        super::{cache, imaging, memory, photos, pipeline, progress},
        Document, Row, summary,
    };

    #[test]
    fn the_summary_counts_targets_only() {
        let verdicts = ["met", "-", "missed", "met", "inconclusive", "unresolved", "-"];
        assert_eq!(
            summary(&verdicts),
            "2 of 5 targets met, 1 missed, 1 inconclusive, 1 unresolved"
        );
    }

    #[test]
    fn the_committed_schemas_are_those_of_the_code() {
        let check = |schema: schemars::Schema, path: expect_test::ExpectFile| {
            path.assert_eq(&(serde_json::to_string_pretty(&schema).unwrap() + "\n"));
        };
        let comparisons = schemars::schema_for!(Document<'_, Row>);
        check(comparisons, expect_file!["../../../docs/schema/bench.v1.json"]);
        let photos = schemars::schema_for!(Document<'_, photos::Row>);
        check(photos, expect_file!["../../../docs/schema/bench_photos.v1.json"]);
        let cache = schemars::schema_for!(Document<'_, cache::Row>);
        check(cache, expect_file!["../../../docs/schema/bench_cache.v1.json"]);
        let memory = schemars::schema_for!(Document<'_, memory::Row>);
        check(memory, expect_file!["../../../docs/schema/bench_memory.v1.json"]);
        let progress = schemars::schema_for!(Document<'_, progress::Row>);
        check(progress, expect_file!["../../../docs/schema/bench_progress.v1.json"]);
        let imaging = schemars::schema_for!(Document<'_, imaging::Row>);
        check(imaging, expect_file!["../../../docs/schema/bench_imaging.v1.json"]);
        let pipeline = schemars::schema_for!(Document<'_, pipeline::Row>);
        check(pipeline, expect_file!["../../../docs/schema/bench_pipeline.v1.json"]);
    }
}
