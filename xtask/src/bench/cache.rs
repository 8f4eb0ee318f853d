//! `cargo xtask bench cache`: what the cache costs and what it saves, beside its peers.

use std::{
    iter,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use anyhow::Result;
use clap::ValueEnum;
use comfy_table::Table;
use safelight_core::ByteSize;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Output,
    arms::Programs,
    rows::{self, print_heading},
};
use crate::{report_file, status::Status, units::parse_count};

mod hits;
mod replay;
mod resize;
mod scores;
mod traces;

use traces::UserTrace;

/// What the cache costs and what it saves, beside its peers.
///
/// All parts together take about three minutes, once the peers are built.
/// A target counts as met or missed only where the whole 99 % interval says so, and as
/// unresolved where a peer could not be run. A missed target is no error.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Run only these parts, with commas between them [default: every part].
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// Rounds of each comparison of hits; a round runs the sides as A, B, B, A. They are
    /// spread over 18 fresh pairs of processes, each of which runs one at least.
    #[arg(long, value_name = "N", default_value = "60", value_parser = parse_count)]
    rounds: NonZeroUsize,
    /// Print hit ratios and peaks too, of every contestant in every setting.
    #[arg(long)]
    detail: bool,
    /// Play this trace instead, and nothing else: a CSV file, one request a line, with the
    /// columns key (any text), bytes (1572864 or "1.5 MiB") and cost (3000, in µs, or "3 ms"),
    /// in this order; a first line with these names may be there. A key that comes again with
    /// other bytes is a changed object, and a miss. The peers are built first, which takes
    /// some minutes once.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["only", "rounds"])]
    trace: Option<PathBuf>,
    /// Bytes that a cache may hold while the trace of --trace is played.
    #[arg(long, value_name = "SIZE", default_value = "256 MiB", requires = "trace")]
    #[arg(value_parser = parse_limit)]
    limit_bytes: ByteSize,
    /// Entries that a cache may hold while the trace of --trace is played.
    #[arg(long, value_name = "N", default_value = "50", requires = "trace")]
    #[arg(value_parser = parse_count)]
    limit_entries: NonZeroUsize,
    /// End with exit code 4 where a target is inconclusive or a peer could not be run.
    #[arg(long)]
    conclusive: bool,
    #[command(flatten)]
    output: Output,
}

/// A part of the suite.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    /// What a hit costs in CPU time, in turn with each peer.
    Hits,
    /// How long lower limits and the return of a value take.
    Resize,
    /// What share of the cost of seeded traces each cache saves, under the same limits.
    Traces,
    /// Real thumbnails with and without the cache, beside what its statistics say it saves.
    Replay,
}

/// A line of the result.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Line")]
#[serde(tag = "part", rename_all = "snake_case")]
pub(super) enum Row {
    /// A hit in our cache beside one in a peer.
    Hit(rows::Row),
    /// Wall time of something that changes what is held.
    Resize(resize::Row),
    /// What a contestant made of a setting.
    Score(scores::Row),
    /// The time that ours saves, beside the best peer in the same setting.
    Gain(traces::Row),
    /// The saving that was measured, beside the one that the statistics tell.
    Replay(replay::Row),
}

/// Runs the suite.
pub(super) fn run(arguments: &Arguments) -> Result<Status> {
    if let Some(output) = &arguments.output.output {
        report_file::check(output)?;
    }
    let rows = match &arguments.trace {
        Some(path) => arguments.play(path)?,
        None => arguments.run()?,
    };
    let ends = (&arguments.output, arguments.conclusive);
    rows::conclude("cache", &rows, Row::verdict, ends)
}

impl Arguments {
    /// Runs the parts that are wanted.
    fn run(&self) -> Result<Vec<Row>> {
        let is_wanted = |part| self.only.is_empty() || self.only.contains(&part);
        let (hits, traces) = (is_wanted(Part::Hits), is_wanted(Part::Traces));
        let mut names = Vec::new();
        names.extend(hits.then_some(hits::PROGRAM));
        names.extend(traces.then_some(traces::PROGRAM));
        // Before anything is measured, for it may fail.
        let programs =
            if names.is_empty() { None } else { Some(Programs::build(&names)?) };
        let markdown = self.output.markdown;
        let mut all = Vec::new();
        if let Some(programs) = programs.as_ref().filter(|_| hits) {
            let rows = hits::run(programs, self.rounds.get());
            print_heading(
                "What a hit costs: CPU time, key to value and back, sides in turn.",
            );
            rows::print(&rows, markdown);
            all.extend(rows.into_iter().map(Row::Hit));
        }
        if is_wanted(Part::Resize) {
            let rows = resize::run();
            print_heading("Lower limits, and values that return: wall time.");
            println!("{}", resize::render(&rows, markdown));
            all.extend(rows.into_iter().map(Row::Resize));
        }
        if let Some(programs) = programs.as_ref().filter(|_| traces) {
            all.extend(self.contest(programs, None));
        }
        if is_wanted(Part::Replay) {
            let rows = replay::run();
            print_heading(
                "Thumbnails really made, with and without the cache in turn, beside what \
                 its statistics say.",
            );
            println!("{}", replay::render(&rows, markdown));
            all.extend(rows.into_iter().map(Row::Replay));
        }
        Ok(all)
    }

    /// Plays the trace of the user.
    fn play(&self, path: &Path) -> Result<Vec<Row>> {
        let trace = UserTrace::read(path, self.limit_bytes, self.limit_entries)?;
        Ok(self.contest(&Programs::build(&[traces::PROGRAM])?, Some(&trace)))
    }

    fn contest(&self, programs: &Programs, trace: Option<&UserTrace>) -> Vec<Row> {
        let contest = traces::run(programs, trace);
        let markdown = self.output.markdown;
        let scores: Vec<scores::Row> =
            contest.plays.iter().map(scores::Row::new).collect();
        if self.detail {
            print_heading("What each cache made of each setting.");
            println!("{}", scores::render_detail(&scores, markdown));
        }
        print_heading(
            "Saved time, as a share of what the trace costs without a cache. \"As it comes\" \
             exceeds the limits, and \"offline greedy\" knows the future.",
        );
        println!("{}", scores::render(&scores, markdown));
        let gains = traces::judge(&contest);
        print_heading(
            "Saved time, ours beside the best peer. Where --detail says that a peer exceeded \
             the limits, it freed late or kept a value that is too large, to its advantage.",
        );
        println!("{}", traces::render(&gains, markdown));
        let scores = scores.into_iter().map(Row::Score);
        scores.chain(gains.into_iter().map(Row::Gain)).collect()
    }
}

impl Row {
    fn verdict(&self) -> &'static str {
        match self {
            Self::Hit(row) => row.verdict(),
            Self::Resize(row) => row.verdict,
            Self::Score(_) => "-",
            Self::Gain(row) => row.verdict,
            Self::Replay(row) => row.verdict,
        }
    }
}

/// Adds to a table why lines in it are unresolved.
fn with_reasons<'a>(
    table: &Table,
    reasons: impl Iterator<Item = (&'a str, Option<&'a str>)>,
) -> String {
    let reasons = reasons
        .filter_map(|(name, reason)| Some(format!("unresolved: {name}: {}", reason?)));
    let lines: Vec<String> = iter::once(table.to_string()).chain(reasons).collect();
    lines.join("\n")
}

fn parse_limit(text: &str) -> Result<ByteSize, String> {
    let bytes: ByteSize = text.parse().map_err(|error| format!("{error}"))?;
    if bytes == ByteSize::ZERO {
        return Err("a cache of no bytes saves nothing".to_owned());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
