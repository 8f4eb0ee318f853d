//! What is wrong, and what was for a moment.

use std::time::{Duration, Instant};

use safelight_core::{Clock, ManualClock, Pressure};
use safelight_progress_monitor::{
    AlertKind, Change, Collector, Config, Monitor, Notice, Reading,
};

use super::{Signs, Wake};
use crate::actions::Cause;

/// Returns a real notice: of a queue that is too long.
fn notice() -> Notice {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, Config::default()).unwrap();
    let queue = monitor.gauge("queue");
    queue.set(10_000);
    let look = |_| {
        clock.advance(Duration::from_millis(500));
        let now: Instant = clock.now();
        collector.step(now, &Reading::default()).notices.first().cloned()
    };
    (0..100).find_map(look).expect("a long queue is told of")
}

#[test]
fn x02_an_alert_that_is_over_before_the_look_counts_once() {
    let (signs, mut notice) = (Signs::default(), notice());
    assert_eq!((notice.alert.kind, notice.change), (AlertKind::Queue, Change::Raised));
    let cause = Cause::Alert(AlertKind::Queue);
    signs.note_alert(&notice);
    assert_eq!(signs.take_causes(), [cause]);
    // It lasts.
    assert_eq!(signs.take_causes(), [cause]);
    signs.note_alert(&notice);
    notice.change = Change::Cleared;
    signs.note_alert(&notice);
    signs.note_alert(&notice);
    assert_eq!(signs.take_causes(), [cause]);
    assert_eq!(signs.take_causes(), []);
}

#[test]
fn x03_news_end_a_wait_and_are_told_once() {
    let signs = Signs::default();
    signs.note_pressure(Pressure::High);
    assert_eq!(signs.wait(Duration::MAX), Wake::Look);
    assert_eq!(signs.take_causes(), [Cause::Pressure(Pressure::High)]);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| signs.wait(Duration::MAX));
        signs.stop();
        assert_eq!(waiting.join().unwrap(), Wake::Stop);
    });
    signs.forget();
    assert_eq!(signs.take_causes(), []);
}
