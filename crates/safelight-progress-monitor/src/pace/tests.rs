use std::time::Duration;

use proptest::prelude::*;

use super::{Load, Pace};
use crate::Config;

const QUIET: Load = Load { has_news: false, is_stressed: false, floor: Duration::ZERO };

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

proptest! {
    #[test]
    fn g07_whatever_comes_the_interval_is_within_its_bounds(
        loads in prop::collection::vec((any::<bool>(), any::<bool>(), 0_u64..20_000), 0..50),
        start in 100_u64..=5000,
    ) {
        let mut pace = Pace::new(&Config { start: ms(start), ..Config::default() });
        prop_assert_eq!(pace.interval(), ms(start));
        for (has_news, is_stressed, floor) in loads {
            pace.step(Load { has_news, is_stressed, floor: ms(floor) });
            prop_assert!((ms(100)..=ms(5000)).contains(&pace.interval()));
        }
    }
}

#[test]
fn g07_it_grows_while_idle_and_shrinks_with_news() {
    let mut pace = Pace::new(&Config::default());
    (0..10).for_each(|_| pace.step(QUIET));
    assert_eq!(pace.interval(), ms(5000));
    (0..10).for_each(|_| pace.step(Load { has_news: true, ..QUIET }));
    assert_eq!(pace.interval(), ms(100));
}

#[test]
fn g07_it_grows_under_stress_and_with_its_own_cost() {
    let mut pace = Pace::new(&Config::default());
    let busy = Load { has_news: true, ..QUIET };
    (0..10).for_each(|_| pace.step(Load { is_stressed: true, ..busy }));
    assert_eq!(pace.interval(), ms(1000));
    pace.step(busy);
    assert_eq!(pace.interval(), ms(100), "undone at once");
    pace.step(Load { floor: ms(700), ..busy });
    assert_eq!(pace.interval(), ms(700));
}
