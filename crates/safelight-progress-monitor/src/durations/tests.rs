use std::time::Duration;

use super::Durations;

#[test]
fn quantiles_are_right_within_a_fifth() {
    for scale in [3_000_u64, 70_000, 1_000_000, 90_000_000] {
        let mut durations = Durations::default();
        (1..=1000).for_each(|n| durations.add(Duration::from_nanos(n * scale)));
        let p99 = durations.p99().unwrap().as_nanos() as f64;
        let truth = 990.0 * scale as f64;
        assert!((truth..truth * 1.25).contains(&p99), "{p99} of {truth}");
        assert_eq!(durations.longest(), Duration::from_nanos(1000 * scale));
    }
}

#[test]
fn fewer_than_a_hundred_have_no_p99() {
    let mut durations = Durations::default();
    (0..99).for_each(|_| durations.add(Duration::from_millis(1)));
    assert_eq!(durations.p99(), None);
    durations.add(Duration::MAX);
    assert_eq!(durations.n(), 100);
    assert!(durations.p99().unwrap() < Duration::from_micros(1250));
}
