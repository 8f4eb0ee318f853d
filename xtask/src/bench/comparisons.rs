//! Costs of ours and of peers, in turn.

use anyhow::Result;
use safelight_benches::{arm::Arm, duel::Duel};

use super::{
    arms::Programs,
    rows::{Row, Target},
};
use crate::progress::Bar;

/// A workload in a program.
pub(super) type Side = (&'static str, &'static str);

/// What is compared with what.
#[derive(Clone, Copy)]
pub(super) struct Comparison {
    /// What both do.
    pub(super) name: &'static str,
    /// The name of the peer.
    pub(super) peer: &'static str,
    pub(super) ours: Side,
    pub(super) theirs: Side,
    /// Pieces of work in one iteration.
    pub(super) n_pieces: f64,
    pub(super) target: Target,
    /// Rounds at most, where one takes long.
    pub(super) most_rounds: usize,
}

impl Comparison {
    /// Compares two workloads of one program that are named after what they are.
    pub(super) const fn within(
        program: &'static str,
        name: &'static str,
        (ours, theirs): (&'static str, &'static str),
        target: Target,
    ) -> Self {
        let (ours, peer, theirs) = ((program, ours), theirs, (program, theirs));
        Self { name, peer, ours, theirs, n_pieces: 1.0, target, most_rounds: usize::MAX }
    }

    /// An iteration does so many pieces of work.
    pub(super) const fn of_pieces(self, n_pieces: f64) -> Self {
        Self { n_pieces, ..self }
    }

    fn run(&self, programs: &Programs, n_rounds: usize) -> Result<Duel> {
        let (ours, theirs) = (programs.path(self.ours.0)?, programs.path(self.theirs.0)?);
        let start = || Ok((Arm::start(ours)?, Arm::start(theirs)?));
        let workloads = (self.ours.1, self.theirs.1);
        let duel = Duel::run_in_pairs(start, workloads, n_rounds.min(self.most_rounds))?;
        Ok(duel.divided_by(self.n_pieces))
    }
}

/// Compares one after the other, with a bar.
pub(super) fn run(
    programs: &Programs,
    comparisons: &[Comparison],
    n_rounds: usize,
) -> Vec<Row> {
    let bar = Bar::new("costs", comparisons.len() as u64);
    let compared = |comparison: &Comparison| {
        let Comparison { name, peer, target, .. } = *comparison;
        bar.set_message(format!("{name}, beside {peer}"));
        let row = match comparison.run(programs, n_rounds) {
            Ok(duel) => Row::of_duel(name, peer, &duel, target),
            Err(error) => Row::unresolved(name, peer, format!("{error:#}")),
        };
        bar.inc(1);
        row
    };
    let rows = comparisons.iter().map(compared).collect();
    bar.finish();
    rows
}
