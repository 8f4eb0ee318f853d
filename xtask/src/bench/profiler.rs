//! `cargo xtask bench profiler`: what an operation and an allocation cost.

use std::num::NonZeroUsize;

use anyhow::Result;
use safelight_benches::duel::Duel;

use super::{
    Output,
    arms::Programs,
    rows::{self, Row, Target},
};
use crate::{progress::Bar, status::Status, units::parse_count};

/// What an operation and an allocation cost under a profiler, beside its peers.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Rounds of each comparison; a round runs the sides as A, B, B, A.
    #[arg(long, value_name = "N", default_value = "60", value_parser = parse_count)]
    rounds: NonZeroUsize,
    /// End with exit code 4 where a comparison is inconclusive or a peer could not be run.
    #[arg(long)]
    conclusive: bool,
    #[command(flatten)]
    output: Output,
}

/// A comparison: its name, our workload, the peer's arm and workload, and the target.
type Comparison = (&'static str, &'static str, (&'static str, &'static str), Target);

const OURS: &str = "safelight";

/// The programs; a process has one global allocator, so each has its own.
const ARMS: [&str; 4] =
    ["arm_safelight", "arm_plain", "arm_alloc_tracker", "arm_hotpath"];

const COMPARISONS: [Comparison; 13] = [
    (
        "operation: wall + heap",
        "operation",
        ("hotpath", "operation"),
        Target::Ratio(0.55),
    ),
    ("operation: wall + heap", "operation", ("plain", "puffin"), Target::Ratio(0.55)),
    ("operation: wall + heap", "operation", ("plain", "tracing_registry"), Target::None),
    (
        "operation: wall + heap",
        "operation",
        ("plain", "tracing_timing_layer"),
        Target::None,
    ),
    ("operation: wall + heap", "operation", ("plain", "fastrace"), Target::Ratio(0.35)),
    (
        "operation: wall + heap",
        "operation",
        ("alloc_tracker", "operation"),
        Target::Ratio(1.0),
    ),
    ("operation: wall + heap", "operation", ("plain", "instant_pair"), Target::None),
    (
        "operation: wall + heap + sampled CPU",
        "operation_with_cpu_sampled",
        ("hotpath", "operation"),
        Target::None,
    ),
    ("operation: off", "operation_off", ("plain", "empty"), Target::Difference(1.5)),
    ("span through our layer", "layer", ("plain", "tracing_timing_layer"), Target::None),
    ("64 B alloc + free", "alloc_pair", ("plain", "alloc_pair"), Target::Difference(2.5)),
    (
        "64 B alloc + free, 2 threads",
        "alloc_pair_2_threads",
        ("plain", "alloc_pair_2_threads"),
        // Two threads do n pairs each, so the difference is that of two pairs.
        Target::Difference(5.0),
    ),
    ("64 B alloc + free", "alloc_pair", ("alloc_tracker", "alloc_pair"), Target::None),
];

/// Runs the suite.
pub(super) fn run(arguments: &Arguments) -> Result<Status> {
    let programs = Programs::build(&ARMS)?;
    let bar = Bar::new("comparing", COMPARISONS.len() as u64);
    let mut rows = Vec::new();
    for comparison in COMPARISONS {
        let (name, _, (arm, workload), _) = comparison;
        bar.set_message(format!("{name} beside {arm} {workload}"));
        let peer = if arm == "plain" { workload } else { arm };
        rows.push(match compare(&programs, comparison, arguments.rounds.get()) {
            Ok(duel) => Row::of_duel(name, peer, &duel, comparison.3),
            Err(error) => Row::unresolved(name, peer, format!("{error:#}")),
        });
        bar.inc(1);
    }
    bar.finish();
    rows::finish("profiler", &rows, &arguments.output)?;
    let inconclusive = rows.iter().any(Row::is_inconclusive);
    Ok(if arguments.conclusive && inconclusive {
        Status::Inconclusive
    } else {
        Status::Ok
    })
}

fn compare(
    programs: &Programs,
    (_, ours, (arm, theirs), _): Comparison,
    n_rounds: usize,
) -> Result<Duel> {
    let start = |name: &str| programs.start(&format!("arm_{name}"));
    let (mut our_arm, mut their_arm) = (start(OURS)?, start(arm)?);
    Ok(Duel::run((&mut our_arm, ours), (&mut their_arm, theirs), n_rounds)?)
}
