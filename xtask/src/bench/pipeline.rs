//! `cargo xtask bench pipeline`: what the whole stack costs around real image work.

use std::num::NonZeroUsize;

use anyhow::{Result, ensure};
use safelight::{Operation, Safelight};
use safelight_benches::{
    arm::Arm,
    duel::N_PAIRS,
    pipeline::{self, STACK},
};
use safelight_core::ByteSize;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Output,
    arms::Programs,
    comparisons::{self, Comparison},
    rows::{self, Target, print_heading},
};
use crate::{report_file, status::Status, units::parse_count};

/// What the whole stack costs around a pipeline of real image work.
///
/// The pipeline validates two generated photos in full, a JPEG and a PNG, and makes a
/// thumbnail of each as a JPEG file. It runs plainly, and with profiler, cache, permits and
/// monitor around each operation. CPU time is that of the whole process, so the threads that
/// watch count too. It takes about three minutes, once it is built. A missed target is no error.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Rounds of each comparison; a round runs the sides as A, B, B, A. They are spread over
    /// 18 fresh pairs of processes, each of which runs one at least.
    #[arg(long, value_name = "N", default_value = "60", value_parser = parse_count)]
    rounds: NonZeroUsize,
    /// End with exit code 4 where a target is inconclusive.
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
    /// The pipeline with the stack beside the plain one.
    Cost(rows::Row),
    /// What the stack itself holds.
    Memory(Memory),
}

/// What the stack itself holds.
#[derive(Serialize, JsonSchema)]
pub(super) struct Memory {
    /// Heap after the start and a thousand jobs of each of ten operations, with the cache
    /// empty, less the heap before.
    held_bytes: u64,
    target_bytes: u64,
    verdict: &'static str,
}

const PLAIN: &str = "arm_pipeline";

const fn of(
    name: &'static str,
    (ours, plain): (&'static str, &'static str),
    target: Target,
) -> Comparison {
    let (ours, theirs) = ((STACK, ours), (PLAIN, plain));
    let within = Comparison::within(PLAIN, name, ("", plain), target);
    Comparison { ours, theirs, ..within }
}

const COMPARISONS: [Comparison; 4] = [
    of("cold, 1 worker", ("cold", "plain"), Target::Ratio(1.01)),
    of("cold, 2 workers", ("cold_2_threads", "plain_2_threads"), Target::Ratio(1.01)),
    Comparison {
        most_rounds: N_PAIRS,
        ..of("warm, 1 worker", ("warm", "plain"), Target::None)
    },
    Comparison {
        most_rounds: N_PAIRS,
        ..of("warm, 2 workers", ("warm_2_threads", "plain_2_threads"), Target::None)
    },
];

/// Runs the suite.
pub(super) fn run(arguments: &Arguments) -> Result<Status> {
    if let Some(output) = &arguments.output.output {
        report_file::check(output)?;
    }
    let programs = Programs::build(&[STACK, PLAIN])?;
    // The photos are made before anything is measured.
    drop(pipeline::Photos::open()?);
    drop(Arm::start(programs.path(PLAIN)?)?);
    let costs = comparisons::run(&programs, &COMPARISONS, arguments.rounds.get());
    print_heading("Two photos validated and made into thumbnails: CPU time, in turn.");
    rows::print(&costs, arguments.output.markdown);
    let memory = Memory::measure()?;
    println!(
        "\nthe stack itself holds {} after 10 000 jobs (target: {} at most): {}",
        ByteSize::from_bytes(memory.held_bytes),
        ByteSize::from_bytes(memory.target_bytes),
        memory.verdict
    );
    let mut rows: Vec<Row> = costs.into_iter().map(Row::Cost).collect();
    rows.push(Row::Memory(memory));
    let ends = (&arguments.output, arguments.conclusive);
    rows::conclude("pipeline", &rows, Row::verdict, ends)
}

impl Memory {
    fn measure() -> Result<Self> {
        const OPERATIONS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        ensure!(
            safelight_alloc::is_installed(),
            "nobody counts the heap of this program"
        );
        let before = safelight_alloc::process().current_bytes;
        let safelight = Safelight::builder().start()?;
        for n in 0..1000_u32 {
            for name in OPERATIONS {
                safelight.run(Operation::new(name, 1), n, || n)?;
            }
        }
        if let Some(cache) = safelight.cache() {
            cache.clear();
        }
        let held = safelight_alloc::process().current_bytes.saturating_sub(before);
        safelight.stop();
        let target = ByteSize::mib(5).bytes();
        let verdict = if held <= target { "met" } else { "missed" };
        Ok(Self { held_bytes: held, target_bytes: target, verdict })
    }
}

impl Row {
    fn verdict(&self) -> &'static str {
        match self {
            Self::Cost(row) => row.verdict(),
            Self::Memory(row) => row.verdict,
        }
    }
}
