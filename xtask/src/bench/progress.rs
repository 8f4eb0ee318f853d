//! `cargo xtask bench progress`: what updates cost, and whether what is shown is true.

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
mod display;
mod incidents;
mod share;
mod time_left;

/// What updates cost, and whether what is shown is true.
///
/// Costs are CPU time, ours and the peers' in turn. Bursts, slow terminals and rare updates
/// are played in real time, incidents in simulated time. The time left is that of seeded jobs,
/// which indicatif can follow in real time only: in the background, for about five minutes,
/// and all parts together take hardly longer, once the peers are built. The other parts take
/// a minute or two each, incidents seconds. A missed target is no error.
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
    /// What an update, a look and a sample cost, in turn with the peers.
    Costs,
    /// What a million updates a second take of the processor, with bars on a terminal.
    Share,
    /// How soon the truth is shown, and how long a slow terminal holds workers up; takes one
    /// to two minutes.
    Display,
    /// How often each of many scripted incidents is told of.
    Incidents,
    /// How right and how steady the time left is; takes about five minutes.
    TimeLeft,
}

/// A line of the result.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Line")]
#[serde(tag = "part", rename_all = "snake_case")]
pub(super) enum Row {
    /// An update, a look or a sample beside that of a peer.
    Cost(rows::Row),
    /// What a million updates a second take of the processor.
    Share(share::Row),
    /// A time of what is shown.
    Display(display::Row),
    /// What was told of the incidents of a script.
    Incidents(incidents::Row),
    /// What was said of the time left of a kind of jobs.
    TimeLeft(time_left::Row),
}

/// Runs the suite.
pub(super) fn run(arguments: &Arguments) -> Result<Status> {
    if let Some(output) = &arguments.output.output {
        report_file::check(output)?;
    }
    let rows = arguments.run()?;
    let ends = (&arguments.output, arguments.conclusive);
    rows::conclude("progress", &rows, Row::verdict, ends)
}

impl Arguments {
    /// Runs the parts that are wanted.
    fn run(&self) -> Result<Vec<Row>> {
        let programs = if self.wants(Part::Costs) || self.wants(Part::Share) {
            Some(Programs::build(&[costs::PROGRAM])?)
        } else {
            None
        };
        let replay = self.wants(Part::TimeLeft).then(time_left::Replay::start);
        let mut all = Vec::new();
        if let Some(programs) = &programs {
            all.extend(self.run_programs(programs));
        }
        if self.wants(Part::Display) {
            let rows = display::run();
            print_heading(
                "How soon the truth is shown, and how long workers are held up: \
                 measured in real time.",
            );
            println!("{}", display::render(&rows, self.output.markdown));
            all.extend(rows.into_iter().map(Row::Display));
        }
        if self.wants(Part::Incidents) {
            let rows = incidents::run();
            print_heading(
                "How often each incident is told of: scripted incidents whose value \
                 wavers about its threshold, in simulated time.",
            );
            println!("{}", incidents::render(&rows, self.output.markdown));
            all.extend(rows.into_iter().map(Row::Incidents));
        }
        if let Some(replay) = replay {
            let rows = replay.wait()?;
            print_heading(
                "The time left, of 20 seeded jobs of each kind: by how much of the job's \
                 time the end is off (median), and how far it moves in a second (mean).",
            );
            println!("{}", time_left::render(&rows, self.output.markdown));
            all.extend(rows.into_iter().map(Row::TimeLeft));
        }
        Ok(all)
    }

    fn run_programs(&self, programs: &Programs) -> Vec<Row> {
        let markdown = self.output.markdown;
        let mut all = Vec::new();
        if self.wants(Part::Costs) {
            let rows = costs::run(programs, self.rounds.get());
            print_heading(
                "What an update, a look and a sample cost: CPU time, sides in turn.",
            );
            rows::print(&rows, markdown);
            all.extend(rows.into_iter().map(Row::Cost));
        }
        if self.wants(Part::Share) {
            let rows = share::run(programs);
            print_heading(
                "What a million updates a second take of one core, with bars drawn on a \
                 pseudo-terminal: CPU time beyond that of the loop around the updates.",
            );
            println!("{}", share::render(&rows, markdown));
            all.extend(rows.into_iter().map(Row::Share));
        }
        all
    }

    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

impl Row {
    fn verdict(&self) -> &'static str {
        match self {
            Self::Cost(row) => row.verdict(),
            Self::Share(row) => row.verdict,
            Self::Display(row) => row.verdict,
            Self::Incidents(row) => row.verdict,
            Self::TimeLeft(row) => row.verdict,
        }
    }
}

/// The verdict on a figure that has no noise, or on the worst of all figures.
fn exact_verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}
