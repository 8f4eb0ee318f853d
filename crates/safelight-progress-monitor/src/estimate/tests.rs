use std::time::Duration;

use proptest::prelude::*;

use super::{Estimate, Passed};

const TOTAL: u64 = 1_000_000;

/// Counts steadily for some time, in looks of that length; returns what is done.
fn work(estimate: &mut Estimate, rate: u64, look: Duration, time: Duration) -> u64 {
    let mut n_done = 0;
    let n_looks = (time.as_secs_f64() / look.as_secs_f64()) as u32;
    for look_idx in 1..=n_looks {
        let n = (rate as f64 * (look * look_idx).as_secs_f64()) as u64 - n_done;
        n_done += n;
        estimate.step(n, &Passed::new(look), Some(TOTAL - n_done));
    }
    n_done
}

proptest! {
    /// Steady work is foretold, however the time is cut into looks.
    #[test]
    fn the_time_left_of_steady_work_is_right_at_any_pace_of_looks(
        rate in 10_u64..1000,
        millis in 100_u64..5000,
        secs in 10_u64..300,
    ) {
        let mut estimate = Estimate::default();
        let look = Duration::from_millis(millis);
        let n_done = work(&mut estimate, rate, look, Duration::from_secs(secs));
        let left = estimate.left().expect("some is done").as_secs_f64();
        let exact = (TOTAL - n_done) as f64 / rate as f64;
        prop_assert!((left / exact - 1.0).abs() < 0.05, "{} for {}", left, exact);
        prop_assert!((estimate.rate() / rate as f64 - 1.0).abs() < 0.11);
    }

    /// Looks are taken together, but not those.
    #[test]
    fn the_first_ones_and_a_total_that_changed_show_at_once(
        secs in 1_u64..300,
        n_more in 10_000_u64..100_000,
    ) {
        let mut estimate = Estimate::default();
        let look = Passed::new(Duration::from_millis(100));
        // Nothing for a while, and so the experts would not learn at each look.
        for _ in 0..10 * secs {
            estimate.step(0, &look, Some(TOTAL));
            prop_assert_eq!(estimate.left(), None);
        }
        estimate.step(10, &look, Some(TOTAL - 10));
        prop_assert!(estimate.left().is_some());
        let mut estimate = Estimate::default();
        let rate = 100;
        let n_done = work(&mut estimate, rate, look.time(), Duration::from_secs(secs));
        let before = estimate.left().expect("some is done").as_secs_f64();
        estimate.step(10, &look, Some(TOTAL + n_more - n_done - 10));
        let grown = estimate.left().expect("some is done").as_secs_f64() - before;
        let exact = n_more as f64 / rate as f64;
        prop_assert!((grown / exact - 1.0).abs() < 0.05, "{} for {}", grown, exact);
    }
}
