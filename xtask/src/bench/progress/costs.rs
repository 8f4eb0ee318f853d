//! What an update, a look and a sample cost, in turn with the peers.

use safelight_benches::duel::N_PAIRS;

use super::super::{
    arms::Programs,
    comparisons::{self, Comparison},
    rows::{Row, Target},
};

/// The program that has ours and the peers in it.
pub(super) const PROGRAM: &str = "arm_progress";

const fn of(
    name: &'static str,
    sides: (&'static str, &'static str),
    target: Target,
) -> Comparison {
    Comparison::within(PROGRAM, name, sides, target)
}

const COMPARISONS: [Comparison; 11] = [
    of("update", ("tracked", "indicatif"), Target::Ratio(1.0 / 20.0)),
    of("update", ("tracked", "prodash"), Target::Ratio(1.0 / 6.0)),
    of("update", ("tracked", "kdam"), Target::None),
    of("update", ("tracked", "atomic"), Target::None),
    of("update of a `Local`", ("local", "atomic"), Target::None),
    of(
        "update: 2 threads",
        ("tracked_2_threads", "indicatif_2_threads"),
        Target::Ratio(1.0 / 100.0),
    )
    .of_pieces(2.0),
    of(
        "update: 2 threads",
        ("tracked_2_threads", "prodash_2_threads"),
        Target::Ratio(1.0 / 40.0),
    )
    .of_pieces(2.0),
    of("update: 2 threads", ("tracked_2_threads", "atomic_2_threads"), Target::None)
        .of_pieces(2.0),
    of("item of rayon: 2 threads", ("rayon_tracked", "rayon_indicatif"), Target::None),
    // So slow that a few iterations of it fill a slice.
    Comparison {
        most_rounds: N_PAIRS,
        ..of(
            "look at 10 000 trackers, after an update of each",
            ("collect", "prodash_collect"),
            Target::None,
        )
    },
    of("own sample", ("own_sample", "sysinfo"), Target::Ratio(1.0 / 15.0)),
];

/// Compares with each peer.
pub(super) fn run(programs: &Programs, n_rounds: usize) -> Vec<Row> {
    comparisons::run(programs, &COMPARISONS, n_rounds)
}
