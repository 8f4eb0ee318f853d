use std::{cell::Cell, io, process::Command, time::Duration};

use super::{Race, Racer, Role};
use crate::{
    arm::Arm,
    duel::{LEVEL, Verdict},
};

/// A process that says that an iteration took so many nanoseconds.
fn side(nanoseconds: u64) -> impl Fn() -> io::Result<Arm> {
    let script = format!("while read name n; do echo $((n * {nanoseconds})); done");
    move || Arm::spawn(Command::new("sh").args(["-c", &script]))
}

/// Runs sides of these costs, ours first; returns the race.
fn race(costs: &[u64], n_rounds: usize) -> Race {
    let starts: Vec<_> = costs.iter().map(|cost| side(*cost)).collect();
    let racers: Vec<Racer<'_>> = starts
        .iter()
        .enumerate()
        .map(|(idx, start)| Racer {
            start,
            workload: "work",
            slice: Duration::from_millis(20),
            role: if idx == 0 { Role::Ours } else { Role::Rival },
        })
        .collect();
    Race::run(&racers, n_rounds, || false)
}

fn n_rounds(race: &Race) -> Vec<usize> {
    race.standings.iter().map(|standing| standing.costs.len()).collect()
}

#[test]
fn costs_are_those_of_one_iteration() {
    let race = race(&[3_000_000, 6_000_000, 9_000_000], 8);
    assert_eq!(n_rounds(&race), [8, 8, 8]);
    let medians = race.standings.iter().map(|standing| standing.median().unwrap());
    assert_eq!(medians.collect::<Vec<_>>(), [3e6, 6e6, 9e6]);
    let (ratio, interval) = race.duel(0, 1).ratio().unwrap();
    assert_eq!((ratio, interval.low, interval.high), (0.5, 0.5, 0.5));
    assert!(LEVEL <= interval.level, "eight rounds are enough: {}", interval.level);
    assert_eq!(Verdict::of(interval, 0.5), Verdict::Met);
}

#[test]
fn too_few_rounds_have_no_interval() {
    assert_eq!(race(&[3_000_000, 6_000_000], 7).duel(0, 1).ratio(), None);
}

#[test]
fn a_slow_rival_is_out_after_one_round_and_ours_never_is() {
    // Ours is slower than any, and stays; one at twice the fastest stays, over it goes.
    let race = race(&[900_000_000, 60_000_000, 120_000_000, 121_000_000], 5);
    assert_eq!(n_rounds(&race), [5, 5, 5, 1]);
}

#[test]
fn one_beside_the_rivals_puts_none_of_them_out() {
    let (ours, quick, rival, slow) =
        (side(60_000_000), side(60_000_000), side(200_000_000), side(500_000_000));
    let racer = |start, role| Racer {
        start,
        workload: "work",
        slice: Duration::from_millis(20),
        role,
    };
    let racers = [
        racer(&ours as &dyn Fn() -> io::Result<Arm>, Role::Ours),
        racer(&quick, Role::Beside),
        racer(&rival, Role::Rival),
        racer(&slow, Role::Beside),
    ];
    assert_eq!(n_rounds(&Race::run(&racers, 5, || false)), [5, 3, 5, 1]);
}

#[test]
fn short_calls_may_take_four_times_as_long() {
    assert_eq!(n_rounds(&race(&[9_000_000, 10_000_000, 40_000_000], 3)), [3, 3, 3]);
    assert_eq!(n_rounds(&race(&[9_000_000, 10_000_000, 41_000_000], 3)), [3, 3, 1]);
}

#[test]
fn a_side_that_fails_leaves_the_others_alone() {
    let good = side(60_000_000);
    let bad = || {
        Arm::spawn(
            Command::new("sh").args(["-c", "read line; echo error: no such codec"]),
        )
    };
    let missing = || Arm::spawn(&mut Command::new("/no/such/program"));
    let racer = |start| Racer {
        start,
        workload: "work",
        slice: Duration::from_millis(20),
        role: Role::Rival,
    };
    let race = Race::run(&[racer(&good), racer(&bad), racer(&missing)], 3, || false);
    assert_eq!(n_rounds(&race), [3, 0, 0]);
    let failure = |idx: usize| race.standings[idx].failure.clone().unwrap_or_default();
    assert_eq!(failure(0), "");
    assert_eq!(failure(1), "no such codec");
    assert!(failure(2).contains("No such file"), "{}", failure(2));
    assert_eq!(race.duel(0, 1).ratio(), None);
}

#[test]
fn it_ends_between_rounds_when_told() {
    let start = side(60_000_000);
    let racer = Racer {
        start: &start,
        workload: "work",
        slice: Duration::from_millis(20),
        role: Role::Ours,
    };
    let n_asked = Cell::new(0);
    let race = Race::run(&[racer], 9, || n_asked.replace(n_asked.get() + 1) == 2);
    assert_eq!(n_rounds(&race), [2]);
}
