use super::{Duel, Verdict};

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
