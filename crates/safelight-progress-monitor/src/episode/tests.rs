use std::time::Duration;

use proptest::prelude::*;
use safelight_core::{Clock, ManualClock};

use super::{Episode, Turn, Zone};

fn zone() -> impl Strategy<Value = Zone> {
    prop_oneof![Just(Zone::Below), Just(Zone::Between), Just(Zone::Above)]
}

proptest! {
    /// A beginning needs an unbroken row of "above" as long as the hold, and beginnings and
    /// ends take turns.
    #[test]
    fn begins_after_an_unbroken_hold_and_ends_below(
        zones in prop::collection::vec(zone(), 0..60),
        hold in 0_u32..5,
    ) {
        let clock = ManualClock::new();
        let mut episode = Episode::default();
        let (mut is_open, mut n_above) = (false, 0);
        for zone in zones {
            n_above = if zone == Zone::Above { n_above + 1 } else { 0 };
            let turn = episode.step(zone, Duration::from_secs(hold.into()), clock.now());
            let expected = match zone {
                Zone::Above if !is_open && hold < n_above => Some(true),
                Zone::Below if is_open => Some(false),
                _ => None,
            };
            prop_assert_eq!(turn.map(|turn| turn == Turn::Begun), expected);
            is_open = expected.unwrap_or(is_open);
            prop_assert_eq!(matches!(episode, Episode::Open(_)), is_open);
            clock.advance(Duration::from_secs(1));
        }
    }
}

#[test]
fn a_value_at_the_threshold_is_not_above() {
    assert_eq!(Zone::of(100.0, 100.0, 0.1), Zone::Between);
    assert_eq!(Zone::of(100.1, 100.0, 0.1), Zone::Above);
    assert_eq!(Zone::of(90.0, 100.0, 0.1), Zone::Below);
    assert_eq!(Zone::of(100.0, 100.0, 0.0), Zone::Below);
}
