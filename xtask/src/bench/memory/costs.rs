//! What a sample of the machine and a permit cost, in turn with the peers.

use super::super::{
    arms::Programs,
    comparisons::{self, Comparison},
    rows::{Row, Target},
};

/// The program that has ours and the peers in it.
pub(super) const PROGRAM: &str = "arm_memory";

const fn of(
    name: &'static str,
    sides: (&'static str, &'static str),
    target: Target,
) -> Comparison {
    Comparison::within(PROGRAM, name, sides, target)
}

const COMPARISONS: [Comparison; 5] = [
    of(
        "sample: host, cgroups, PSI, process",
        ("sample", "sysinfo"),
        Target::Cost(10_000.0),
    ),
    of("sample: beside the peer", ("sample", "sysinfo"), Target::None),
    of("permit: taken and given back", ("permit", "tokio_owned"), Target::Cost(50.0)),
    of("permit: taken and given back", ("permit", "tokio"), Target::None),
    of("permit: 2 threads", ("permit_2_threads", "tokio_owned_2_threads"), Target::None)
        .of_pieces(2.0),
];

/// Compares with each peer.
pub(super) fn run(programs: &Programs, n_rounds: usize) -> Vec<Row> {
    comparisons::run(programs, &COMPARISONS, n_rounds)
}
