//! What is done about a cause that lasts.

use std::time::Duration;

use safelight::{
    Config,
    actions::{Actions, Cause, Knob},
    progress_monitor::AlertKind,
};
use safelight_core::{Clock, ManualClock};

pub(crate) fn turns(config: &Config) -> String {
    let clock = ManualClock::new();
    let mut actions = Actions::new(config.actions);
    actions.set_base(Knob::CacheBytes, 1000);
    let mut turns = Vec::new();
    for second in 0..8 {
        for change in actions.step(&[Cause::Alert(AlertKind::Memory)], clock.now()) {
            turns.push(format!("{second} s {} -> {}", change.before, change.after));
        }
        clock.advance(Duration::from_secs(1));
    }
    let (value, n_known) = (actions.value(Knob::CacheBytes), actions.journal().len());
    let value = value.expect("the knob has a base");
    format!("{}; it is {value}; {n_known} remembered", turns.join(", "))
}
