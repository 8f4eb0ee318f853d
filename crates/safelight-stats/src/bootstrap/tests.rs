use std::num::NonZeroUsize;

use proptest::{collection::vec, prelude::*};

use super::Bootstrap;
use crate::rng::Rng;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn mean_of_normal_samples_is_covered() {
    let mut rng = Rng::new(3);
    let few = NonZeroUsize::new(399).unwrap();
    let covered = (0..200)
        .filter(|&seed| {
            let values: Vec<f64> = (0..30).map(|_| rng.normal()).collect();
            let bootstrap = Bootstrap::new(seed).with_resamples(few);
            bootstrap.interval(&values, 0.95, mean).unwrap().contains(0.0)
        })
        .count();
    println!("covered {covered} of 200");
    assert!((180..=197).contains(&covered), "{covered} of 200");
}

#[test]
fn median_ratio_finds_three_percent_in_shared_noise() {
    let mut rng = Rng::new(4);
    let pairs: Vec<(f64, f64)> = (0..40)
        .map(|_| {
            // The noise of both sides is a hundred times that between them.
            let noise = 1.0 + 0.5 * rng.unit();
            (1.03 * noise * (1.0 + 0.005 * rng.normal()), noise)
        })
        .collect();
    let ratio = Bootstrap::new(5).median_ratio(&pairs, 0.99).unwrap();
    assert!(ratio.contains(1.03) && ratio.clears(1.02), "{ratio:?}");
}

#[test]
fn groups_are_resampled_by_themselves() {
    let (low, high) = ([1.0, 1.0, 1.0], [5.0, 5.0]);
    let difference = |groups: &[Vec<f64>]| mean(&groups[1]) - mean(&groups[0]);
    let interval =
        Bootstrap::new(1).groups(&[&low[..], &high[..]], 0.9, difference).unwrap();
    assert!(interval.width().abs() < 1e-12 && interval.contains(4.0));
}

#[test]
fn nothing_to_resample_has_no_interval() {
    let bootstrap = Bootstrap::new(1);
    assert_eq!(bootstrap.interval(&[1.0], 0.95, mean), None);
    assert_eq!(bootstrap.interval(&[1.0, 2.0], 1.0, mean), None);
    assert_eq!(bootstrap.interval(&[1.0, 2.0], 0.95, |_| f64::NAN), None);
    assert_eq!(bootstrap.median_ratio(&[(1.0, 0.0), (1.0, 1.0)], 0.95), None);
    assert_eq!(bootstrap.groups::<f64>(&[], 0.95, |_| 1.0), None);
}

proptest! {
    #[test]
    fn seed_decides_and_the_interval_stays_within(
        values in vec(-1e6..1e6, 2..20),
        seed: u64,
    ) {
        let bootstrap = Bootstrap::new(seed).with_resamples(NonZeroUsize::new(99).unwrap());
        let interval = bootstrap.interval(&values, 0.9, mean).unwrap();
        prop_assert_eq!(Some(interval), bootstrap.interval(&values, 0.9, mean));
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        prop_assert!(lowest - 1e-6 <= interval.low && interval.low <= interval.high);
        prop_assert!(interval.high <= highest + 1e-6);
    }
}
