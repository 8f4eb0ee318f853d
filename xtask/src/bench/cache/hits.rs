//! What a hit costs, in turn with each peer.

use anyhow::Result;
use safelight_benches::{arm::Arm, duel::Duel};

use super::super::{
    arms::Programs,
    rows::{Row, Target},
};
use crate::progress::Bar;

/// The program that has all caches in it.
pub(super) const PROGRAM: &str = "arm_cache";

/// Keys that a cache holds, and threads that ask for them.
struct Case {
    name: &'static str,
    /// What stands behind the name of a cache in the name of a workload.
    workload: &'static str,
    hits_per_iteration: f64,
    /// What a hit may cost as a multiple of that in a peer.
    targets: &'static [(&'static str, f64)],
}

const CASES: [Case; 4] = [
    Case {
        name: "50 entries, 1 thread",
        workload: "hit_50",
        hits_per_iteration: 1.0,
        targets: &[("moka", 0.25), ("quick_cache", 0.8)],
    },
    Case {
        name: "10 000 entries, 1 thread",
        workload: "hit_10k",
        hits_per_iteration: 1.0,
        targets: &[("moka", 0.35), ("quick_cache", 1.2)],
    },
    Case {
        name: "50 entries, 2 threads",
        workload: "hit_50_2_threads",
        hits_per_iteration: 2.0,
        targets: &[],
    },
    Case {
        name: "10 000 entries, 2 threads",
        workload: "hit_10k_2_threads",
        hits_per_iteration: 2.0,
        targets: &[],
    },
];

const PEERS: [&str; 6] =
    ["moka", "quick_cache", "foyer_lru", "foyer_s3fifo", "dashmap", "mutex_lru"];

/// No cache: the loop around the hits, which is a part of every figure.
const LOOP: &str = "nothing";

/// Compares a hit with that of each peer.
pub(super) fn run(programs: &Programs, n_rounds: usize) -> Vec<Row> {
    let comparisons = CASES.iter().flat_map(|case| PEERS.map(|peer| (case, peer)));
    let comparisons: Vec<_> = comparisons.chain([(&CASES[0], LOOP)]).collect();
    let bar = Bar::new("hits", comparisons.len() as u64);
    let compared = |(case, peer): (&Case, &str)| {
        bar.set_message(format!("{}, beside {peer}", case.name));
        let row = match compare(programs, case, peer, n_rounds) {
            Ok(duel) => Row::of_duel(case.name, peer, &duel, case.target(peer)),
            Err(error) => Row::unresolved(case.name, peer, format!("{error:#}")),
        };
        bar.inc(1);
        row
    };
    let rows = comparisons.into_iter().map(compared).collect();
    bar.finish();
    rows
}

fn compare(
    programs: &Programs,
    case: &Case,
    peer: &str,
    n_rounds: usize,
) -> Result<Duel> {
    let program = programs.path(PROGRAM)?;
    let [ours, theirs] =
        ["safelight", peer].map(|cache| format!("{cache}_{}", case.workload));
    let start = || Ok((Arm::start(program)?, Arm::start(program)?));
    let duel = Duel::run_in_pairs(start, (&ours, &theirs), n_rounds)?;
    Ok(duel.divided_by(case.hits_per_iteration))
}

impl Case {
    fn target(&self, peer: &str) -> Target {
        let target = self.targets.iter().find(|(name, _)| *name == peer);
        target.map_or(Target::None, |(_, ratio)| Target::Ratio(*ratio))
    }
}
