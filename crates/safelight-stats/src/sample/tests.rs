use proptest::{collection::vec, prelude::*};

use super::Sample;

#[test]
fn nearest_rank_of_hundred_is_the_percent() {
    let values: Vec<f64> = (1..=100).map(f64::from).collect();
    let sample = Sample::new(&values).unwrap();
    for percent in 1..=100 {
        let rank = sample.nearest_rank(f64::from(percent) / 100.0);
        assert!((rank - f64::from(percent)).abs() < 0.5, "p{percent} is {rank}");
    }
}

#[test]
fn no_number_is_no_sample() {
    assert_eq!(Sample::new(&[]), None);
    assert_eq!(Sample::new(&[1.0, f64::NAN]), None);
    assert_eq!(Sample::new(&[f64::INFINITY]), None);
}

#[test]
fn median_interval_takes_the_ranks() {
    let values: Vec<f64> = (1..=10).map(f64::from).collect();
    let interval = Sample::new(&values).unwrap().median_interval(0.95).unwrap();
    assert!(interval.contains(2.0) && interval.contains(9.0));
    assert!(!interval.contains(1.9) && !interval.contains(9.1));
}

proptest! {
    #[test]
    fn quantiles_rise_and_stay_within(
        values in vec(-1e9..1e9, 1..50),
        shares in vec(0.0_f64..=1.0, 2),
    ) {
        let sample = Sample::new(&values).unwrap();
        let (low, high) = (shares[0].min(shares[1]), shares[0].max(shares[1]));
        for quantile in [Sample::quantile, Sample::nearest_rank] {
            prop_assert!(sample.min() <= quantile(&sample, low));
            prop_assert!(quantile(&sample, low) <= quantile(&sample, high));
            prop_assert!(quantile(&sample, high) <= sample.max());
        }
        prop_assert!(values.contains(&sample.nearest_rank(low)));
        let under = values.iter().filter(|&&value| value <= sample.median()).count();
        prop_assert!(values.len() <= 2 * under);
    }

    #[test]
    fn wider_level_gives_a_wider_interval(
        values in vec(-1e9..1e9, 6..200),
        share in 0.05..0.95,
    ) {
        let sample = Sample::new(&values).unwrap();
        let narrow = sample.quantile_interval(share, 0.8);
        let wide = sample.quantile_interval(share, 0.99);
        if let (Some(narrow), Some(wide)) = (narrow, wide) {
            prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
        }
    }
}
