use proptest::prelude::*;

use super::{RankInterval, binomial};

#[test]
fn too_few_samples_have_no_interval() {
    assert_eq!(RankInterval::of(5, 0.5, 0.95), None);
    // The upper end of a p99 at 95 % needs 0.99^n at most 0.025: 368 samples.
    assert_eq!(RankInterval::of(367, 0.99, 0.95), None);
    assert!(RankInterval::of(368, 0.99, 0.95).is_some());
    for bad in [0.0, 1.0, -1.0, f64::NAN] {
        assert_eq!(RankInterval::of(100, bad, 0.95), None);
        assert_eq!(RankInterval::of(100, 0.5, bad), None);
    }
}

#[test]
fn large_samples_do_not_underflow() {
    let ranks = RankInterval::of(1_000_000, 0.5, 0.95).unwrap();
    // 1.96 standard deviations of 500 around the middle.
    assert!(ranks.low.abs_diff(499_020) <= 1 && ranks.high.abs_diff(500_981) <= 1);
}

proptest! {
    #[test]
    fn ranks_equal_the_naive_sum(n in 1_i32..60, p in 0.01_f64..0.99, level in 0.5..0.999) {
        let mass = |i: i32| {
            let ways: f64 = (0..i).map(|j| f64::from(n - j) / f64::from(j + 1)).product();
            ways * p.powi(i) * (1.0 - p).powi(n - i)
        };
        let naive = |from: usize, to: usize| -> f64 {
            (from..to).map(|i| mass(i32::try_from(i).unwrap())).sum()
        };
        let n = n as usize;
        let (first, masses) = binomial(n, p);
        for (offset, found) in masses.iter().enumerate() {
            prop_assert!((found - naive(first + offset, first + offset + 1)).abs() < 1e-12);
        }
        if let Some(ranks) = RankInterval::of(n, p, level) {
            let coverage = naive(ranks.low, ranks.high);
            prop_assert!((coverage - ranks.coverage).abs() < 1e-10);
            prop_assert!(level <= ranks.coverage + 1e-12);
            let tail = (1.0 - level) / 2.0;
            // One rank further in would leave too much outside.
            prop_assert!(tail < naive(0, ranks.low + 1) + 1e-12);
            prop_assert!(tail < naive(ranks.high - 1, n + 1) + 1e-12);
        }
    }
}
