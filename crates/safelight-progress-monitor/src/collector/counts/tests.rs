use proptest::prelude::*;

use super::Counts;
use crate::Monitor;

proptest! {
    /// Whoever comes and goes, it is what the tracker says itself.
    #[test]
    fn g01_the_sum_without_a_lock_is_that_of_the_tracker(
        steps in prop::collection::vec((0_u32..5, 1_u64..100), 0..40),
    ) {
        let monitor = Monitor::new();
        let tracker = monitor.tracker("work");
        let mut locals = Vec::new();
        let mut counts = Counts::default();
        let (mut n_done, track) = (0, monitor.hub.tracks().0.remove(0));
        for (what, n) in steps {
            match what {
                0 => locals.push(tracker.local()),
                1 => drop(locals.pop()),
                2 => tracker.add(n),
                3 => track.add_late(n),
                _ => locals.iter().for_each(|local| local.add(n)),
            }
            n_done += match what {
                2 | 3 => n,
                4 => n * locals.len() as u64,
                _ => 0,
            };
            // Not at each step, so that several come at once.
            if n % 2 == 0 {
                prop_assert_eq!(counts.n_done(&track), n_done);
            }
        }
        prop_assert_eq!(counts.n_done(&track), n_done);
        prop_assert_eq!(track.n_done(), n_done);
    }
}
