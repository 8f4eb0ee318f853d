//! What a sample of the machine and a permit cost, in turn with the peers.

use anyhow::Result;
use safelight_benches::{arm::Arm, duel::Duel};

use super::super::{
    arms::Programs,
    rows::{Row, Target},
};
use crate::progress::Bar;

/// The program that has ours and the peers in it.
pub(super) const PROGRAM: &str = "arm_memory";

/// A comparison: its name, our workload, the peer's, pieces of work in one iteration, target.
type Comparison = (&'static str, &'static str, &'static str, f64, Target);

const COMPARISONS: [Comparison; 5] = [
    (
        "sample: host, cgroups, PSI, process",
        "sample",
        "sysinfo",
        1.0,
        Target::Cost(10_000.0),
    ),
    ("sample: beside the peer", "sample", "sysinfo", 1.0, Target::None),
    ("permit: taken and given back", "permit", "tokio_owned", 1.0, Target::Cost(50.0)),
    ("permit: taken and given back", "permit", "tokio", 1.0, Target::None),
    ("permit: 2 threads", "permit_2_threads", "tokio_owned_2_threads", 2.0, Target::None),
];

/// Compares with each peer.
pub(super) fn run(programs: &Programs, n_rounds: usize) -> Vec<Row> {
    let bar = Bar::new("costs", COMPARISONS.len() as u64);
    let compared = |comparison: Comparison| {
        let (name, _, peer, _, target) = comparison;
        bar.set_message(format!("{name}, beside {peer}"));
        let row = match compare(programs, comparison, n_rounds) {
            Ok(duel) => Row::of_duel(name, peer, &duel, target),
            Err(error) => Row::unresolved(name, peer, format!("{error:#}")),
        };
        bar.inc(1);
        row
    };
    let rows = COMPARISONS.into_iter().map(compared).collect();
    bar.finish();
    rows
}

fn compare(
    programs: &Programs,
    (_, ours, theirs, n_pieces, _): Comparison,
    n_rounds: usize,
) -> Result<Duel> {
    let program = programs.path(PROGRAM)?;
    let start = || Ok((Arm::start(program)?, Arm::start(program)?));
    let duel = Duel::run_in_pairs(start, (ours, theirs), n_rounds)?;
    Ok(duel.divided_by(n_pieces))
}
