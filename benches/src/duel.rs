//! A comparison of two workloads that a busy machine cannot turn around.
//!
//! Each round runs the sides as A, B, B, A, so that a slow drift of the machine falls on both
//! alike, and CPU time is what is compared.
//! The verdict is on the median of the rounds' ratios (or differences), with a bootstrap
//! interval at 99 %.
//!
//! Processes of one program differ by where their memory lies and by their hash seeds, which
//! no number of rounds within one pair of them shows. [`Duel::run_in_pairs`] therefore starts
//! several pairs: the verdict is then on the median of the pairs, with the exact interval by
//! rank.

use std::{io, ops::RangeInclusive};

use safelight_stats::{Bootstrap, Interval, Sample};

use crate::arm::Arm;

#[cfg(test)]
mod tests;

/// How sure an interval is.
pub const LEVEL: f64 = 0.99;

/// Pairs of processes of [`Duel::run_in_pairs`]: with so many, the interval leaves out the
/// three pairs at either end, which other work on the machine may have disturbed.
pub const N_PAIRS: usize = 18;

/// CPU time that one side gets at a time, in nanoseconds.
const SLICE_NS: u64 = 10_000_000;

/// Every report from the same rounds shows the same interval.
const SEED: u64 = 0x00de_cade;

/// CPU nanoseconds of one iteration on both sides, for each round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Duel {
    /// The rounds of each pair of processes.
    pairs: Vec<Vec<(f64, f64)>>,
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
        Self { pairs: vec![rounds] }
    }

    /// Makes one of rounds that were measured already, in several pairs of processes.
    pub fn of_pairs(pairs: Vec<Vec<(f64, f64)>>) -> Self {
        Self { pairs }
    }

    /// Lets two workloads run in turn.
    ///
    /// # Errors
    ///
    /// When an arm fails.
    pub fn run(
        ours: (&mut Arm, &str),
        theirs: (&mut Arm, &str),
        n_rounds: usize,
    ) -> io::Result<Self> {
        Ok(Self::new(rounds(ours, theirs, n_rounds)?))
    }

    /// Lets two workloads run in turn, in [`N_PAIRS`] fresh pairs of processes.
    ///
    /// The rounds are spread over the pairs; each has one at least.
    ///
    /// # Errors
    ///
    /// When an arm does not start, or fails.
    pub fn run_in_pairs(
        mut start: impl FnMut() -> io::Result<(Arm, Arm)>,
        (our_workload, their_workload): (&str, &str),
        n_rounds: usize,
    ) -> io::Result<Self> {
        let n_rounds_each = n_rounds.div_ceil(N_PAIRS).max(1);
        let pair = |_| {
            let (mut ours, mut theirs) = start()?;
            let ours = (&mut ours, our_workload);
            rounds(ours, (&mut theirs, their_workload), n_rounds_each)
        };
        Ok(Self { pairs: (0..N_PAIRS).map(pair).collect::<io::Result<_>>()? })
    }

    /// Divides all costs, where one iteration does `n` pieces of the work that is compared.
    #[must_use]
    pub fn divided_by(mut self, n: f64) -> Self {
        for (ours, theirs) in self.pairs.iter_mut().flatten() {
            *ours /= n;
            *theirs /= n;
        }
        self
    }

    /// Returns the median cost of one iteration on our side and on theirs.
    pub fn medians(&self) -> Option<(f64, f64)> {
        let side = |pick: fn(&(f64, f64)) -> f64| {
            let costs: Vec<f64> = self.pairs.iter().flatten().map(pick).collect();
            Sample::new(&costs).map(|sample| sample.median())
        };
        Some((side(|round| round.0)?, side(|round| round.1)?))
    }

    /// Returns our cost, the median of the rounds.
    pub fn cost(&self) -> Option<(f64, Interval)> {
        self.compared(|(ours, _)| *ours)
    }

    /// Returns our cost as a multiple of theirs, the median of the rounds.
    pub fn ratio(&self) -> Option<(f64, Interval)> {
        self.compared(|(ours, theirs)| ours / theirs)
    }

    /// Returns our cost less theirs, the median of the rounds.
    pub fn difference(&self) -> Option<(f64, Interval)> {
        self.compared(|(ours, theirs)| ours - theirs)
    }

    fn compared(&self, compare: fn(&(f64, f64)) -> f64) -> Option<(f64, Interval)> {
        let median = |values: &[f64]| {
            Sample::new(values).map_or(f64::NAN, |sample| sample.median())
        };
        let mut pairs = self.pairs.iter().map(|rounds| rounds.iter().map(compare));
        if self.pairs.len() <= 1 {
            let rounds: Vec<f64> = pairs.next()?.collect();
            let interval = Bootstrap::new(SEED).interval(&rounds, LEVEL, median)?;
            return Some((median(&rounds), interval));
        }
        let medians: Vec<f64> =
            pairs.map(|rounds| median(&rounds.collect::<Vec<_>>())).collect();
        let sample = Sample::new(&medians)?;
        Some((sample.median(), sample.median_interval(LEVEL)?))
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

    /// Compares an interval with a range that it should lie in, ends included.
    pub fn within(interval: Interval, range: &RangeInclusive<f64>) -> Self {
        if range.contains(&interval.low) && range.contains(&interval.high) {
            Self::Met
        } else if interval.high < *range.start() || interval.clears(*range.end()) {
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

/// Lets two workloads run in turn, in one pair of processes.
fn rounds(
    (ours, our_workload): (&mut Arm, &str),
    (theirs, their_workload): (&mut Arm, &str),
    n_rounds: usize,
) -> io::Result<Vec<(f64, f64)>> {
    let our_n = iterations(ours, our_workload, SLICE_NS)?;
    let their_n = iterations(theirs, their_workload, SLICE_NS)?;
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
    Ok(rounds)
}

/// Finds how many iterations fill a slice of so many nanoseconds.
pub(crate) fn iterations(
    arm: &mut Arm,
    workload: &str,
    slice_ns: u64,
) -> io::Result<u64> {
    // What a workload sets up when it first runs is not what an iteration costs.
    arm.run(workload, 1)?;
    let mut n = 1;
    loop {
        let used = arm.run(workload, n)?;
        if slice_ns / 2 <= used || u64::MAX / 4 < n {
            return Ok(n);
        }
        let factor = slice_ns.checked_div(used).unwrap_or(16).clamp(2, 16);
        n *= factor;
    }
}
