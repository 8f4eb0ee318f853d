use std::{sync::Arc, time::Duration};

use super::{Clock, ManualClock, SystemClock};

#[test]
fn is_usable_as_a_trait_object_behind_references_and_arcs() {
    let clock = ManualClock::new();
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    clock.advance(Duration::from_secs(1));
    assert_eq!(shared.now(), (&&clock).now());
}

#[test]
fn system_clock_does_not_go_backwards() {
    let before = SystemClock.now();
    assert!(before <= SystemClock.now());
}
