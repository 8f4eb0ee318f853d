use proptest::prelude::*;

use super::Interval;

#[test]
fn p04_value_at_the_threshold_does_not_clear_it() {
    assert!(!Interval::exact(100.0).clears(100.0));
    assert!(Interval::exact(100.0_f64.next_up()).clears(100.0));
    assert!(!Interval { low: 99.9, high: 500.0, level: 0.95 }.clears(100.0));
    assert!(Interval { low: 100.1, high: 500.0, level: 0.95 }.clears(100.0));
    assert!(!Interval::exact(f64::NAN).clears(100.0));
}

proptest! {
    #[test]
    fn clearing_a_value_is_not_containing_it(
        low in -1e9..1e9_f64,
        width in 0.0..1e9_f64,
        value in -1e9..1e9_f64,
    ) {
        let interval = Interval { low, high: low + width, level: 0.9 };
        prop_assert!(!(interval.contains(value) && interval.clears(value)));
        prop_assert!(interval.contains(low) && interval.contains(interval.high));
        prop_assert!(0.0 <= interval.width());
    }
}
