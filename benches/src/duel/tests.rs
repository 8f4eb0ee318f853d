use safelight_stats::Interval;

use super::{Duel, LEVEL, N_PAIRS, Verdict};

/// Rounds of a side that costs `factor` times the other, on a machine that drifts.
fn rounds(factor: f64) -> Vec<(f64, f64)> {
    let drift = |round: u32| 1.0 + 0.3 * f64::from(round % 7) / 7.0;
    let noise = |round: u32| 1.0 + 0.01 * (f64::from(round * 37 % 11) / 11.0 - 0.5);
    (0..40)
        .map(|round| (factor * 100.0 * drift(round) * noise(round), 100.0 * drift(round)))
        .collect()
}

#[test]
fn drift_of_the_machine_falls_out_of_the_ratio() {
    let (ratio, interval) = Duel::new(rounds(1.05)).ratio().unwrap();
    assert!((ratio - 1.05).abs() < 0.01, "{ratio}");
    assert!(interval.contains(1.05) && interval.clears(1.0), "{interval:?}");
}

#[test]
fn verdicts_need_the_whole_interval() {
    let (_, interval) = Duel::new(rounds(1.0)).ratio().unwrap();
    assert_eq!(Verdict::of(interval, 1.1), Verdict::Met);
    assert_eq!(Verdict::of(interval, 0.9), Verdict::Missed);
    assert_eq!(Verdict::of(interval, 1.0), Verdict::Inconclusive);
}

#[test]
fn a_range_holds_the_whole_interval_or_none_of_it() {
    let verdict = |low, high| {
        Verdict::within(Interval { low, high, level: LEVEL }, &(0.9..=1.1)).name()
    };
    assert_eq!(verdict(0.9, 1.1), "met");
    assert_eq!(verdict(0.95, 1.0), "met");
    assert_eq!(verdict(0.8, 0.89), "missed");
    assert_eq!(verdict(1.11, 1.2), "missed");
    assert_eq!(verdict(0.89, 1.0), "inconclusive");
    assert_eq!(verdict(0.8, 1.2), "inconclusive");
}

#[test]
fn pairs_of_processes_that_differ_widen_the_interval() {
    let with = |factors: [f64; N_PAIRS]| {
        let pairs = factors.map(|factor| rounds(factor).split_off(30));
        Duel::of_pairs(pairs.into()).ratio().unwrap()
    };
    let (_, alike) = with([1.0; N_PAIRS]);
    assert!(alike.width() < 0.01, "{alike:?}");
    // As a bad seed of a hash makes one process in so many.
    let mut factors = [1.0; N_PAIRS];
    factors[3..6].fill(1.2);
    let (ratio, interval) = with(factors);
    assert!((ratio - 1.0).abs() < 0.01 && interval.width() < 0.01, "three are left out");
    factors[8] = 1.2;
    let (ratio, interval) = with(factors);
    assert!((ratio - 1.0).abs() < 0.01 && interval.contains(1.19), "{interval:?}");
}

#[test]
fn too_few_pairs_give_no_answer() {
    assert_eq!(Duel::of_pairs(vec![rounds(1.0); 3]).ratio(), None);
    assert!(Duel::of_pairs(vec![rounds(1.0); 8]).ratio().is_some());
}

#[test]
fn an_iteration_may_do_several_pieces_of_work() {
    let duel = Duel::new(vec![(10.0, 20.0), (12.0, 22.0)]).divided_by(2.0);
    assert_eq!(duel, Duel::new(vec![(5.0, 10.0), (6.0, 11.0)]));
}

#[test]
fn differences_are_absolute() {
    let rounds =
        (0..20).map(|round| (12.0 + f64::from(round % 3), 10.0 + f64::from(round % 3)));
    let (gap, interval) = Duel::new(rounds.collect()).difference().unwrap();
    assert!((gap - 2.0).abs() < 1e-9 && interval.contains(2.0));
}

#[test]
fn without_a_round_there_is_no_answer() {
    let none = Duel::default();
    assert_eq!((none.ratio(), none.medians()), (None, None));
}
