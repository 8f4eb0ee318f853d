//! What an update, a look and a sample cost, in turn with the peers.

use anyhow::Result;
use safelight_benches::{
    arm::Arm,
    duel::{Duel, N_PAIRS},
};

use super::super::{
    arms::Programs,
    rows::{Row, Target},
};
use crate::progress::Bar;

/// The program that has ours and the peers in it.
pub(super) const PROGRAM: &str = "arm_progress";

/// A comparison: its name, our workload, the peer's, pieces of work in one iteration, target.
type Comparison = (&'static str, &'static str, &'static str, f64, Target);

const COMPARISONS: [Comparison; 11] = [
    ("update", "tracked", "indicatif", 1.0, Target::Ratio(1.0 / 20.0)),
    ("update", "tracked", "prodash", 1.0, Target::Ratio(1.0 / 6.0)),
    ("update", "tracked", "kdam", 1.0, Target::None),
    ("update", "tracked", "atomic", 1.0, Target::None),
    ("update of a `Local`", "local", "atomic", 1.0, Target::None),
    (
        "update: 2 threads",
        "tracked_2_threads",
        "indicatif_2_threads",
        2.0,
        Target::Ratio(1.0 / 100.0),
    ),
    (
        "update: 2 threads",
        "tracked_2_threads",
        "prodash_2_threads",
        2.0,
        Target::Ratio(1.0 / 40.0),
    ),
    ("update: 2 threads", "tracked_2_threads", "atomic_2_threads", 2.0, Target::None),
    ("item of rayon: 2 threads", "rayon_tracked", "rayon_indicatif", 1.0, Target::None),
    (LOOK, "collect", "prodash_collect", 1.0, Target::None),
    ("own sample", "own_sample", "sysinfo", 1.0, Target::Ratio(1.0 / 15.0)),
];

/// So slow that 64 iterations of it take longer than a slice.
const LOOK: &str = "look at 10 000 trackers, after an update of each";

/// Compares with each peer.
pub(super) fn run(programs: &Programs, n_rounds: usize) -> Vec<Row> {
    let bar = Bar::new("costs", COMPARISONS.len() as u64);
    let compared = |comparison: Comparison| {
        let (name, _, peer, _, target) = comparison;
        bar.set_message(format!("{name}, beside {peer}"));
        let n_rounds = if name == LOOK { n_rounds.min(N_PAIRS) } else { n_rounds };
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
