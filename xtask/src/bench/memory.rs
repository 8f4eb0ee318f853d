//! `cargo xtask bench memory`: what looks and permits cost, and what budgets achieve.

use std::num::NonZeroUsize;

use anyhow::Result;
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Output,
    arms::Programs,
    rows::{self, print_heading},
};
use crate::{report_file, status::Status, units::parse_count};

mod costs;
mod half_hour;
mod headroom;
mod leaks;
mod relief;

/// What looks at the machine and permits cost, and what budgets achieve.
///
/// Costs are CPU time, ours and the peers' in turn. Half an hour of memory is simulated, with
/// our budgets and with rules of others. Verdicts on leaks are those on seeded series.
/// All parts together take about two minutes, once the peers are built. A missed target is no
/// error. What holds in a real control group is what `cargo xtask test-oom` shows.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Run only these parts, with commas between them [default: every part].
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// Rounds of each comparison of costs; a round runs the sides as A, B, B, A. They are
    /// spread over 18 fresh pairs of processes, each of which runs one at least.
    #[arg(long, value_name = "N", default_value = "60", value_parser = parse_count)]
    rounds: NonZeroUsize,
    /// End with exit code 4 where a target is inconclusive or a peer could not be run.
    #[arg(long)]
    conclusive: bool,
    #[command(flatten)]
    output: Output,
}

/// A part of the suite.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    /// What a sample of the machine and a permit cost, in turn with the peers.
    Costs,
    /// What a cache holds in half an hour, and how long memory is scarce, by rule.
    HalfHour,
    /// How soon caches let go under pressure, and have their memory back after it.
    Relief,
    /// How far a sample is from what can really be had in a control group; needs the rights
    /// to make one.
    Headroom,
    /// How many leaks are found, and how many others are called one.
    Leaks,
}

/// A line of the result.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Line")]
#[serde(tag = "part", rename_all = "snake_case")]
pub(super) enum Row {
    /// A sample or a permit beside that of a peer.
    Cost(rows::Row),
    /// What a rule makes of the half hour.
    HalfHour(half_hour::Row),
    /// How long relief and recovery take.
    Relief(relief::Row),
    /// What a sample said could be had, and what was.
    Headroom(headroom::Row),
    /// What was called a leak of one kind of series.
    Leaks(leaks::Row),
}

/// Runs the suite.
pub(super) fn run(arguments: &Arguments) -> Result<Status> {
    if let Some(output) = &arguments.output.output {
        report_file::check(output)?;
    }
    let rows = arguments.run()?;
    let ends = (&arguments.output, arguments.conclusive);
    rows::conclude("memory", &rows, Row::verdict, ends)
}

impl Arguments {
    /// Runs the parts that are wanted.
    fn run(&self) -> Result<Vec<Row>> {
        let is_wanted = |part| self.only.is_empty() || self.only.contains(&part);
        let markdown = self.output.markdown;
        let mut all = Vec::new();
        if is_wanted(Part::Costs) {
            let programs = Programs::build(&[costs::PROGRAM])?;
            let rows = costs::run(&programs, self.rounds.get());
            print_heading("What a look and a permit cost: CPU time, sides in turn.");
            rows::print(&rows, markdown);
            all.extend(rows.into_iter().map(Row::Cost));
        }
        if is_wanted(Part::HalfHour) {
            let rows = half_hour::run();
            print_heading(
                "Half an hour of 8 GiB, simulated: others use what they want in bursts, \
                 beside a cache of 4 GiB at most.",
            );
            println!("{}", half_hour::render(&rows, markdown));
            all.extend(rows.into_iter().map(Row::HalfHour));
        }
        if is_wanted(Part::Relief) {
            let rows = relief::run();
            print_heading("When memory gets scarce, and when that is over.");
            println!("{}", relief::render(&rows, markdown));
            all.extend(rows.into_iter().map(Row::Relief));
        }
        if is_wanted(Part::Headroom) {
            let rows = headroom::run();
            print_heading(
                "How much memory can be had in a control group of 512 MiB: what a sample \
                 says, and what a program had before it was killed.",
            );
            println!("{}", headroom::render(&rows, markdown));
            all.extend(rows.into_iter().map(Row::Headroom));
        }
        if is_wanted(Part::Leaks) {
            let rows = leaks::run();
            print_heading("What is called a leak, of 300 seeded series of each kind.");
            println!("{}", leaks::render(&rows, markdown));
            all.extend(rows.into_iter().map(Row::Leaks));
        }
        Ok(all)
    }
}

impl Row {
    fn verdict(&self) -> &'static str {
        match self {
            Self::Cost(row) => row.verdict(),
            Self::HalfHour(row) => row.verdict,
            Self::Relief(row) => row.verdict,
            Self::Headroom(row) => row.verdict,
            Self::Leaks(row) => row.verdict,
        }
    }
}

/// The verdict on a figure that has no noise.
fn exact_verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}
