use std::time::Duration;

use proptest::prelude::*;
use safelight_core::{Clock, ManualClock};

use super::Worst;

proptest! {
    /// Never less than the longest of the window; exact but where more than fits is kept.
    #[test]
    fn knows_the_longest_of_the_window(
        times in prop::collection::vec((0_u64..5, 0_u64..6), 0..60),
    ) {
        let clock = ManualClock::new();
        let window = Duration::from_secs(10);
        let mut worst = Worst::default();
        let mut all = Vec::new();
        for (wait, time) in times {
            clock.advance(Duration::from_secs(wait));
            let (now, time) = (clock.now(), Duration::from_secs(time));
            worst.add(now, time);
            all.push((now, time));
            let recent = all.iter().filter(|(at, _)| now - *at <= window);
            prop_assert_eq!(worst.within(window, now), recent.map(|(_, t)| *t).max());
        }
    }
}

#[test]
fn it_is_bounded_and_errs_to_the_longer() {
    let clock = ManualClock::new();
    let mut worst = Worst::default();
    for ms in (1..=1000).rev() {
        worst.add(clock.now(), Duration::from_millis(ms));
        clock.advance(Duration::from_millis(1));
    }
    assert!(worst.times.len() <= super::MOST);
    let longest = worst.within(Duration::from_millis(500), clock.now());
    assert!(Some(Duration::from_millis(500)) <= longest);
}
