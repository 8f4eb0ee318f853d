//! `cargo xtask bench imaging`: what image operations cost, beside other libraries.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use anyhow::Result;
use safelight_benches::race::FEWEST_ROUNDS;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Output,
    arms::Programs,
    rows::{self, print_heading},
};
use crate::{
    progress::Bar, report_file, say::say, status::Status, test_oom::watch_for_ctrl_c,
    units::parse_count,
};

mod inputs;
mod measure;
mod operation;
mod peers;
mod render;
mod row;
#[cfg(test)]
mod tests;

use self::{
    inputs::{Inputs, Photo, Skipped},
    measure::Stage,
    operation::{Codecs, Operation},
    peers::Peer,
    row::Measured,
};

/// What image operations cost, beside `image`, libvips and Pillow.
///
/// Every file is worked on by each of them in turn (A, B, C, D, D, C, B, A), a round in fresh
/// processes, and CPU time is compared, net of what the start of a process takes: ours, `image`
/// and Pillow repeat the operation in one process; of the programs of libvips, the same
/// command on a tiny image is measured after each and taken off. All use one thread.
/// A target is for our cost beside that of the faster of libvips and Pillow in this run; a row
/// is met only where what we make is also like the reference (a full decode, shrunk with a
/// Lanczos filter), and where memory has a target, within it.
/// It takes about six minutes, once the peers are built. A missed target is no error.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask bench imaging
  cargo xtask bench imaging --input ~/Pictures --only thumbnail,header
  cargo xtask bench imaging --native
  cargo xtask bench imaging --python venv/bin/python --markdown")]
pub(super) struct Arguments {
    /// Work on these files and folders instead of generated images; may be repeated.
    /// Folders are searched to the bottom; what is broken, unsupported or no plain photo is
    /// listed and skipped.
    #[arg(long, short, value_name = "DIR|FILE", num_args = 1..)]
    input: Vec<PathBuf>,
    /// Run only these rows, with commas between them [default: every row].
    #[arg(long, value_name = "ROW", value_delimiter = ',')]
    only: Vec<Operation>,
    /// Rounds of each row that has a target, 8 at least: fewer have no 99 % interval. The
    /// others, and `image`, run in three; a peer that is far behind runs in one.
    #[arg(long, value_name = "N", default_value = "8", value_parser = parse_rounds)]
    rounds: usize,
    /// Build ours with its feature `native`, and judge it by the targets of that. It takes a
    /// C compiler, cmake and nasm.
    #[arg(long)]
    native: bool,
    /// The Python that has Pillow.
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
    /// End with exit code 4 where a target is inconclusive or a peer could not be run.
    #[arg(long)]
    conclusive: bool,
    #[command(flatten)]
    output: Output,
}

/// A line of the result.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Line")]
#[serde(tag = "part", rename_all = "snake_case")]
pub(super) enum Row {
    /// A side: what it is, and how it is measured.
    Side(Peer),
    /// A file that was not worked on.
    Skipped(Skipped),
    /// An operation on a file, by every side.
    Operation(Box<Measured>),
}

/// Runs the suite.
pub(super) fn run(arguments: &Arguments) -> Result<Status> {
    if let Some(output) = &arguments.output.output {
        report_file::check(output)?;
    }
    let interrupted = watch_for_ctrl_c()?;
    let inputs = Inputs::collect(&arguments.input, &interrupted)?;
    let codecs = if arguments.native { Codecs::Native } else { Codecs::Rust };
    let programs = Programs::build_with(codecs.features(), &peers::PROGRAMS)?;
    let peers = Peer::find_all(&programs, codecs, &arguments.python)?;
    for peer in &peers {
        say(peer);
    }
    let measured = arguments.measure(&inputs, (&peers, codecs), &interrupted)?;
    let markdown = arguments.output.markdown;
    print_heading("What image operations cost: CPU time of a call, sides in turn.");
    println!("{}", render::costs(&measured, markdown));
    print_heading(
        "What a call adds to the peak of resident memory, and how like the reference (a \
         full decode, shrunk with a Lanczos filter) is what it makes: SSIM.",
    );
    println!("{}", render::products(&measured, markdown));
    for line in render::reasons(&peers, &measured) {
        println!("{line}");
    }
    let mut rows: Vec<Row> = peers.into_iter().map(Row::Side).collect();
    rows.extend(inputs.skipped.into_iter().map(Row::Skipped));
    rows.extend(measured.into_iter().map(Box::new).map(Row::Operation));
    let ends = (&arguments.output, arguments.conclusive);
    let status = rows::conclude("imaging", &rows, Row::verdict, ends)?;
    Ok(if interrupted.load(Relaxed) { Status::Interrupted } else { status })
}

impl Arguments {
    /// Runs every row that is wanted; a row that is interrupted is left out.
    fn measure(
        &self,
        inputs: &Inputs,
        peers: (&[Peer], Codecs),
        interrupted: &AtomicBool,
    ) -> Result<Vec<Measured>> {
        let rows = self.rows(&inputs.photos);
        let bar = Bar::new("rows", rows.len() as u64);
        let stage = Stage::new(peers, self.rounds, interrupted)?;
        let mut measured = Vec::new();
        for (operation, photo) in rows {
            bar.set_message(format!("{operation} of {}", photo.name));
            measured.extend(stage.measure(operation, photo)?);
            if interrupted.load(Relaxed) {
                break;
            }
            bar.inc(1);
        }
        bar.finish();
        Ok(measured)
    }

    /// Returns what is to be done, operation by operation.
    fn rows<'a>(&self, photos: &'a [Photo]) -> Vec<(Operation, &'a Photo)> {
        let is_wanted = |of: &Operation| self.only.is_empty() || self.only.contains(of);
        let operations = Operation::ALL.into_iter().filter(is_wanted);
        let of = |operation: Operation| {
            let is_for = move |photo: &&Photo| operation.is_for(photo.format);
            photos.iter().filter(is_for).map(move |photo| (operation, photo))
        };
        operations.flat_map(of).collect()
    }
}

impl Row {
    fn verdict(&self) -> &'static str {
        match self {
            Self::Operation(row) => row.verdict,
            Self::Side(_) | Self::Skipped(_) => "-",
        }
    }
}

fn parse_rounds(text: &str) -> Result<usize, String> {
    let rounds = parse_count(text)?.get();
    if FEWEST_ROUNDS <= rounds {
        return Ok(rounds);
    }
    Err(format!("{rounds} rounds have no interval of 99 %: it takes {FEWEST_ROUNDS}"))
}
