//! A comparison of several sides in turn, as a [`Duel`] is of two.
//!
//! Each round starts a fresh process of each side and runs them forward and back: A, B, C,
//! C, B, A. A round gives one cost a side, and the interval of a ratio is the exact one by rank
//! over the rounds, so what differs between processes is in it.

use std::{io, time::Duration};

use safelight_stats::Sample;

use crate::{
    arm::Arm,
    duel::{Duel, iterations},
};

#[cfg(test)]
mod tests;

/// Rounds that an interval at [`LEVEL`](crate::duel::LEVEL) needs at least.
pub const FEWEST_ROUNDS: usize = 8;

/// Rounds after which a side may be out of the race.
const ROUNDS_OF_ALL: usize = 1;

/// Rounds of a side that is only shown.
pub const ROUNDS_TO_SHOW: usize = 3;

/// A call of less is repeated, in a process that ran it before.
const SHORT: Duration = Duration::from_millis(50);

/// A side that costs so many times what the fastest rival does is out: it is not the one to
/// beat, and its cost is known well enough.
const OUT_AT: f64 = 2.0;

/// The same for calls that are short, which are more alike and sooner over.
const OUT_AT_IF_SHORT: f64 = 4.0;

/// A side of a race.
pub struct Racer<'a> {
    /// Starts a fresh process.
    pub start: &'a dyn Fn() -> io::Result<Arm>,
    /// What it is to run.
    pub workload: &'a str,
    /// CPU time that it gets at a time.
    pub slice: Duration,
    /// What it is there for.
    pub role: Role,
}

/// What a side is there for, which says whether it runs in every round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ours, which runs in every round.
    Ours,
    /// One to beat: it runs on while it may be the fastest of those.
    Rival,
    /// One to show beside them, which needs no interval.
    Beside,
}

impl std::fmt::Debug for Racer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Racer").field("workload", &self.workload).finish_non_exhaustive()
    }
}

/// What a side came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// CPU nanoseconds of one iteration, for each round that it ran in.
    pub costs: Vec<f64>,
    /// Why it ran no further, where it failed.
    pub failure: Option<String>,
}

impl Standing {
    /// Returns the median cost of an iteration, in nanoseconds.
    pub fn median(&self) -> Option<f64> {
        Sample::new(&self.costs).map(|sample| sample.median())
    }
}

/// What each side came to, in the order of the sides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Race {
    /// One for each side.
    pub standings: Vec<Standing>,
}

impl Race {
    /// Lets sides run in turn, for so many rounds or until `is_over` says so.
    ///
    /// A side that fails runs no further; the others go on.
    pub fn run(
        racers: &[Racer<'_>],
        n_rounds: usize,
        mut is_over: impl FnMut() -> bool,
    ) -> Self {
        let mut race = Self { standings: vec![Standing::default(); racers.len()] };
        let mut counts = vec![None; racers.len()];
        for round in 0..n_rounds {
            if is_over() {
                break;
            }
            let idxs: Vec<usize> =
                (0..racers.len()).filter(|idx| race.is_in(racers, *idx, round)).collect();
            race.round(racers, &idxs, &mut counts);
        }
        race
    }

    /// Returns two sides as a duel, over the rounds that both ran in.
    pub fn duel(&self, ours: usize, theirs: usize) -> Duel {
        let side = |idx: usize| {
            self.standings.get(idx).into_iter().flat_map(|standing| &standing.costs)
        };
        let rounds = side(ours).copied().zip(side(theirs).copied());
        Duel::of_pairs(rounds.map(|round| vec![round]).collect())
    }

    /// Whether a side runs in a round.
    fn is_in(&self, racers: &[Racer<'_>], idx: usize, round: usize) -> bool {
        let standing = &self.standings[idx];
        if standing.failure.is_some() {
            return false;
        }
        if round < ROUNDS_OF_ALL || racers[idx].role == Role::Ours {
            return true;
        }
        if racers[idx].role == Role::Beside && ROUNDS_TO_SHOW <= round {
            return false;
        }
        let rivals = racers.iter().zip(&self.standings);
        let rivals = rivals.filter(|(racer, _)| racer.role == Role::Rival);
        let costs = rivals.filter_map(|(_, standing)| standing.median());
        let fastest = costs.fold(f64::INFINITY, f64::min);
        let own = standing.median().unwrap_or(f64::INFINITY);
        let is_short = own < SHORT.as_nanos() as f64;
        own <= if is_short { OUT_AT_IF_SHORT } else { OUT_AT } * fastest
    }

    /// Runs the sides in turn, forward and back.
    fn round(
        &mut self,
        racers: &[Racer<'_>],
        idxs: &[usize],
        counts: &mut [Option<u64>],
    ) {
        let mut arms: Vec<Option<Arm>> = racers.iter().map(|_| None).collect();
        let mut sums = vec![0.0; racers.len()];
        for &idx in idxs {
            match ready(&racers[idx], counts[idx]) {
                Ok((arm, n)) => (arms[idx], counts[idx]) = (Some(arm), Some(n)),
                Err(error) => self.standings[idx].failure = Some(error.to_string()),
            }
        }
        for &idx in idxs.iter().chain(idxs.iter().rev()) {
            let (Some(arm), Some(n)) = (&mut arms[idx], counts[idx]) else { continue };
            match arm.run(racers[idx].workload, n) {
                Ok(used) => sums[idx] += used as f64 / n as f64,
                Err(error) => {
                    self.standings[idx].failure = Some(error.to_string());
                    arms[idx] = None;
                }
            }
        }
        for &idx in idxs.iter().filter(|idx| arms[**idx].is_some()) {
            self.standings[idx].costs.push(sums[idx] / 2.0);
        }
    }
}

/// Starts a process and finds how many iterations fill its slice, unless that is known.
fn ready(racer: &Racer<'_>, count: Option<u64>) -> io::Result<(Arm, u64)> {
    let mut arm = (racer.start)()?;
    if let Some(n) = count {
        if 1 < n {
            arm.run(racer.workload, 1)?;
        }
        return Ok((arm, n));
    }
    let first = Duration::from_nanos(arm.run(racer.workload, 1)?);
    if SHORT <= first {
        return Ok((arm, 1));
    }
    let slice_ns = u64::try_from(racer.slice.as_nanos()).unwrap_or(u64::MAX);
    let n = iterations(&mut arm, racer.workload, slice_ns)?;
    Ok((arm, n))
}
