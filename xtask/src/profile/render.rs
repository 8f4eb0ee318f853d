//! The report as people read it.

use std::io::{self, Write};

use anyhow::{Context, Result};
use clap::ValueEnum;
use comfy_table::{CellAlignment, Table};
use safelight_core::{ByteSize, Cores, Share};
use safelight_profiler::{Quantity, report};

use super::document::{Caching, Document, RequestReplay, Trial};
use crate::{environment::Fact, table::styled};

mod memory;
#[cfg(test)]
mod tests;

/// What is printed on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Tables for a terminal.
    #[default]
    Table,
    /// The whole report.
    Json,
    /// Tables for a document.
    Markdown,
}

/// Prints a document; a closed pipe is no error.
pub(super) fn print(document: &Document, format: Format) -> Result<()> {
    let text = match format {
        Format::Json => serde_json::to_string_pretty(document)? + "\n",
        Format::Table | Format::Markdown => render(document, format),
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Returns the tables and lists, in the order in which they are read.
fn render(document: &Document, format: Format) -> String {
    let mut text = String::new();
    let mut section = |title: &str, body: String| {
        if !body.is_empty() {
            let mark = if format == Format::Markdown { "## " } else { "" };
            text.extend([mark, title, "\n\n", &body, "\n\n"]);
        }
    };
    let profile = &document.profile;
    section("Cost", costs(profile, format));
    section("Growth with the number of pixels", scaling(profile, format));
    section("Bottlenecks", list(profile.findings.iter().map(|f| f.text.clone())));
    section("Advice", list(profile.advice.iter().map(|advice| advice.text.clone())));
    if let Some(replay) = &document.replay {
        section(
            "Caching, on requests for the same files again",
            list(replay.advice.iter().map(|advice| advice.text.clone())),
        );
    }
    if let Some(caching) = &document.caching {
        let n_files = caching.operations.first().map_or(0, |row| row.n_files);
        section(
            &format!("Caching, operation by operation, on the {n_files} smallest files"),
            caching_rows(caching, format),
        );
        section("Requests replayed with and without a cache", replayed(caching));
    }
    if let Some(memory) = &document.memory {
        section("Memory", list(memory::lines(memory).into_iter()));
        section(
            "How many fit at once in 80 % of the limit, beside what was used at the start",
            memory::at_once(memory, format),
        );
    }
    if let Some(together) = &document.together {
        let lines = together.to_string();
        section(
            "All parts together, on the same files asked for twice",
            list(lines.lines().map(str::to_owned)),
        );
    }
    section("Advice that was followed", trials(&document.trials, format));
    section("Findings in files", list(file_findings(document)));
    section(
        "Left out",
        list(document.skipped.iter().map(|skipped| {
            let operation =
                skipped.operation.as_ref().map(|o| format!("{o} ")).unwrap_or_default();
            format!("{operation}{}: {}", skipped.path, skipped.reason)
        })),
    );
    section("About these figures", list(notes(document)));
    text
}

fn costs(profile: &report::Profile, format: Format) -> String {
    let mut table = table(
        format,
        [
            "operation",
            "image",
            "runs",
            "p50",
            "p95",
            "p99",
            "max",
            "CPU",
            "highest peak heap",
            "mean allocated",
            "of time",
        ],
    );
    for operation in &profile.operations {
        for (idx, size) in operation.sizes.iter().enumerate() {
            let wall = |of: fn(&report::Wall) -> Option<u64>| {
                size.wall.as_ref().and_then(of).map_or("-".to_owned(), time)
            };
            let cpu = size.cpu.as_ref().map(|cpu| Cores::new(cpu.mean_cores).get());
            let heap = |of: fn(&report::Heap) -> u64| {
                size.heap
                    .as_ref()
                    .map_or("not measured".to_owned(), |heap| bytes(of(heap)))
            };
            let failed = size.n_errors + size.n_panics;
            let failed =
                if failed == 0 { String::new() } else { format!(" ({failed} failed)") };
            table.add_row([
                if idx == 0 { operation.name.clone() } else { String::new() },
                size.dimensions.clone(),
                format!("{}{failed}", size.n_runs),
                wall(|wall| Some(wall.p50_ns)),
                wall(|wall| wall.p95_ns),
                wall(|wall| wall.p99_ns),
                wall(|wall| Some(wall.max_ns)),
                cpu.map_or("not measured".to_owned(), |c| format!("{:.0} %", c * 100.0)),
                heap(|heap| heap.max_peak_bytes),
                heap(|heap| heap.mean_allocated_bytes),
                if idx == 0 {
                    Share::new(operation.time_share).to_string()
                } else {
                    String::new()
                },
            ]);
        }
    }
    if profile.operations.is_empty() { String::new() } else { aligned(table, 2) }
}

fn scaling(profile: &report::Profile, format: Format) -> String {
    let mut table =
        table(format, ["operation", "time grows with", "95 % interval", "fixed part"]);
    for operation in &profile.operations {
        let row = match &operation.scaling {
            report::ScalingRow::Fitted { misfit_share, .. } if 0.25 < *misfit_share => [
                operation.name.clone(),
                format!("no power of them (off by {})", Share::new(*misfit_share)),
                String::new(),
                String::new(),
            ],
            report::ScalingRow::Fitted { exponent, fixed_ns, .. } => [
                operation.name.clone(),
                format!("pixels^{:.2}", exponent.value),
                format!("{:.2} to {:.2}", exponent.low, exponent.high),
                time(*fixed_ns),
            ],
            report::ScalingRow::Flat {} => [
                operation.name.clone(),
                "does not grow".to_owned(),
                String::new(),
                String::new(),
            ],
            report::ScalingRow::InsufficientData { n_sizes } => [
                operation.name.clone(),
                format!("insufficient data ({n_sizes} of 3 sizes with 5 runs)"),
                String::new(),
                String::new(),
            ],
        };
        table.add_row(row);
    }
    if profile.operations.is_empty() { String::new() } else { aligned(table, 1) }
}

fn caching_rows(caching: &Caching, format: Format) -> String {
    let mut table = table(
        format,
        [
            "operation",
            "work",
            "hit, key: identity",
            "speed-up",
            "pays from",
            "advice",
            "hit, key: content",
            "speed-up",
            "advice",
        ],
    );
    for row in &caching.operations {
        let factor = |speedup: f64| match speedup {
            large if 100.0 <= large => format!("{large:.0}x"),
            tiny if tiny < 0.01 => "under 0.01x".to_owned(),
            other => format!("{other:.2}x"),
        };
        let advice = |name: &str| name.replace('_', " ");
        table.add_row([
            row.operation.clone(),
            time(row.cold_ns),
            time(row.hit_by_identity_ns),
            factor(row.speedup_by_identity),
            row.needed_hit_share.map_or("never".to_owned(), |needed| {
                format!("{:.2} % hits", needed * 100.0)
            }),
            advice(&row.advice_by_identity),
            time(row.hit_by_content_ns),
            factor(row.speedup_by_content),
            advice(&row.advice_by_content),
        ]);
    }
    aligned(table, 1)
}

fn replayed(caching: &Caching) -> String {
    let lines = caching.replay.iter().map(|replay| {
        let RequestReplay { without_ns, with_ns, .. } = *replay;
        format!(
            "{} requests for {}s of {} files, {} entries held at most: {} without the cache, \
             {} with it ({:.1}x); {} of the requests hit; {} saved as the cache counts it, {} \
             as measured",
            replay.n_requests,
            replay.operation,
            replay.n_files,
            replay.max_entries,
            time(without_ns),
            time(with_ns),
            without_ns as f64 / with_ns.max(1) as f64,
            Share::new(replay.hit_share),
            time(replay.time_saved_ns),
            time(without_ns.saturating_sub(with_ns)),
        )
    });
    list(lines)
}

fn trials(trials: &[Trial], format: Format) -> String {
    let mut table = table(
        format,
        [
            "advice",
            "on",
            "change",
            "before",
            "predicted",
            "measured",
            "predicted gain",
            "measured gain",
        ],
    );
    for trial in trials {
        let show = |value: f64| {
            if trial.unit == "bytes" { bytes(value as u64) } else { time(value as u64) }
        };
        table.add_row([
            trial.kind.clone(),
            trial.subject.clone(),
            trial.change.clone(),
            show(trial.before),
            show(trial.predicted),
            show(trial.after),
            format!("{:.2}x", trial.before / trial.predicted),
            format!("{:.2}x", trial.before / trial.after),
        ]);
    }
    if trials.is_empty() { String::new() } else { aligned(table, 3) }
}

fn file_findings(document: &Document) -> impl Iterator<Item = String> {
    document.files.iter().flat_map(|file| {
        let findings = file.findings.iter().flatten();
        findings.map(move |finding| format!("{}: {}", file.path, finding.text))
    })
}

fn notes(document: &Document) -> impl Iterator<Item = String> {
    let overhead = &document.overhead;
    let run = &document.run;
    let profile = &document.profile;
    let share = overhead.time_share * 100.0;
    let is_debug = document.environment.build_profile == "debug";
    let environment = &document.environment;
    let known = |fact: &Fact<String>| match fact {
        Fact::Known(text) => text.clone(),
        Fact::Unknown(_) => "unknown".to_owned(),
    };
    let notes = [
        Some(format!(
            "{}, {} {}, Safelight {} ({}, commit {}), {}",
            known(&environment.cpu_model),
            environment.os,
            known(&environment.kernel),
            environment.version,
            environment.build_profile,
            known(&environment.commit),
            run.created_utc,
        )),
        (overhead.n_runs == 0).then(|| "nothing was measured".to_owned()),
        Some(
            "files within a factor of two in pixels share a row, whatever their content: \
             where they differ, so do the figures of a row"
                .to_owned(),
        ),
        Some("CPU is of one core: two busy threads show 200 %".to_owned()),
        Some(
            "CPU of runs under 40 µs is read for one in 64 only; \"not measured\" means \
             that none of them was"
                .to_owned(),
        ),
        Some(format!("heap {}", profile.heap_source)),
        Some(format!(
            "profiler's own cost: {} ns for each of {} runs, {} ns for each of {} CPU \
             readings, {share:.4} % of the time",
            overhead.per_run_ns,
            overhead.n_runs,
            overhead.per_cpu_reading_ns,
            overhead.n_cpu_readings,
        )),
        Some(format!("{} rounds in {}", run.n_rounds, time(run.measured_ns))),
        (0 < run.n_unmeasured_files).then(|| {
            format!(
                "{} of {} files were not measured: a longer --time-budget reaches them",
                run.n_unmeasured_files,
                document.files.len()
            )
        }),
        is_debug.then(|| "DEBUG BUILD: the times mean nothing".to_owned()),
    ];
    let incomplete = profile.incomplete.iter();
    let incomplete = incomplete
        .map(|open| format!("incomplete: {} x {}", open.n_open, open.operation));
    notes.into_iter().flatten().chain(incomplete)
}

fn table<const N: usize>(format: Format, header: [&str; N]) -> Table {
    let mut table = styled(format == Format::Markdown);
    table.set_header(header);
    table
}

/// Aligns the columns from this one on to the right, as numbers are.
fn aligned(mut table: Table, from: usize) -> String {
    for column in table.column_iter_mut().skip(from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn list(lines: impl Iterator<Item = String>) -> String {
    lines
        .map(|line| format!("- {}", line.replace('\n', "\n  ")))
        .collect::<Vec<_>>()
        .join("\n")
}

fn time(nanos: u64) -> String {
    Quantity::Time(std::time::Duration::from_nanos(nanos)).to_string()
}

fn bytes(bytes: u64) -> String {
    ByteSize::from_bytes(bytes).to_string()
}
