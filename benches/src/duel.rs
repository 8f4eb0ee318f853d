//! A comparison of two workloads that a busy machine cannot turn around.
//!
//! Each round runs the sides as A, B, B, A, so that a slow drift of the machine falls on both
//! alike, and CPU time is what is compared.
//! The verdict is on the median of the rounds' ratios (or differences), with a bootstrap
//! interval at 99 %.

use std::io;

use safelight_stats::{Bootstrap, Interval, Sample};

use crate::arm::Arm;

#[cfg(test)]
mod tests;

/// How sure an interval is.
pub const LEVEL: f64 = 0.99;

/// CPU time that one side gets at a time, in nanoseconds.
const SLICE_NS: u64 = 10_000_000;

/// Every report from the same rounds shows the same interval.
const SEED: u64 = 0x00de_cade;

/// CPU nanoseconds of one iteration on both sides, for each round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Duel {
    rounds: Vec<(f64, f64)>,
}

/// What a comparison with a target says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval is at or under the target.
    Met,
    /// The whole interval is over the target.
    Missed,
    /// The interval holds the target.
    Inconclusive,
}

impl Duel {
    /// Makes one of rounds that were measured already.
    pub fn new(rounds: Vec<(f64, f64)>) -> Self {
        Self { rounds }
    }

    /// Lets two workloads run in turn.
    ///
    /// # Errors
    ///
    /// When an arm fails.
    pub fn run(
        (ours, our_workload): (&mut Arm, &str),
        (theirs, their_workload): (&mut Arm, &str),
        n_rounds: usize,
    ) -> io::Result<Self> {
        let our_n = iterations(ours, our_workload)?;
        let their_n = iterations(theirs, their_workload)?;
        let one = |arm: &mut Arm, workload, n| {
            arm.run(workload, n).map(|used| used as f64 / n as f64)
        };
        let mut rounds = Vec::with_capacity(n_rounds);
        for _ in 0..n_rounds {
            let first = one(ours, our_workload, our_n)?;
            let between = one(theirs, their_workload, their_n)?;
            let between = f64::midpoint(between, one(theirs, their_workload, their_n)?);
            let last = one(ours, our_workload, our_n)?;
            rounds.push((f64::midpoint(first, last), between));
        }
        Ok(Self { rounds })
    }

    /// Returns the median cost of one iteration on our side and on theirs.
    pub fn medians(&self) -> Option<(f64, f64)> {
        let side = |pick: fn(&(f64, f64)) -> f64| {
            let costs: Vec<f64> = self.rounds.iter().map(pick).collect();
            Sample::new(&costs).map(|sample| sample.median())
        };
        Some((side(|round| round.0)?, side(|round| round.1)?))
    }

    /// Returns our cost as a multiple of theirs, the median of the rounds.
    pub fn ratio(&self) -> Option<(f64, Interval)> {
        let ratios: Vec<f64> =
            self.rounds.iter().map(|(ours, theirs)| ours / theirs).collect();
        let interval = Bootstrap::new(SEED).median_ratio(&self.rounds, LEVEL)?;
        Some((Sample::new(&ratios)?.median(), interval))
    }

    /// Returns our cost less theirs, the median of the rounds.
    pub fn difference(&self) -> Option<(f64, Interval)> {
        let gaps: Vec<f64> =
            self.rounds.iter().map(|(ours, theirs)| ours - theirs).collect();
        let median =
            |gaps: &[f64]| Sample::new(gaps).map_or(f64::NAN, |gaps| gaps.median());
        let interval = Bootstrap::new(SEED).interval(&gaps, LEVEL, median)?;
        Some((median(&gaps), interval))
    }
}

impl Verdict {
    /// Compares an interval with what it should not exceed.
    pub fn of(interval: Interval, target: f64) -> Self {
        if interval.high <= target {
            Self::Met
        } else if interval.clears(target) {
            Self::Missed
        } else {
            Self::Inconclusive
        }
    }

    /// Returns the word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// Finds how many iterations fill a slice.
fn iterations(arm: &mut Arm, workload: &str) -> io::Result<u64> {
    let mut n = 64;
    loop {
        let used = arm.run(workload, n)?;
        if SLICE_NS / 2 <= used || u64::MAX / 4 < n {
            return Ok(n);
        }
        let factor = SLICE_NS.checked_div(used).unwrap_or(16).clamp(2, 16);
        n *= factor;
    }
}
