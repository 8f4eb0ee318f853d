//! What ends a sleep, and what a pause does not mean.

use std::{sync::Arc, thread, time::Duration};

use safelight_core::{Clock, Cores, ManualClock};

use crate::{AlertKind, Cause, Collector, Config, Monitor, Reading};

const SECOND: Duration = Duration::from_secs(1);

fn watch(config: Config) -> (ManualClock, Monitor, Collector) {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let collector = Collector::new(&monitor, config).expect("the configuration is good");
    (clock, monitor, collector)
}

fn idle(clock: &ManualClock, collector: &mut Collector) {
    clock.advance(collector.interval());
    collector.look(clock.now(), &Reading::default());
}

#[test]
fn g07_after_a_timed_update_it_sleeps_as_before() {
    let (clock, monitor, mut collector) = watch(Config::default());
    let tracker = monitor.tracker("images");
    tracker.start().finish();
    for _ in 0..30 {
        idle(&clock, &mut collector);
        assert!(collector.had_news() || collector.arm(), "there is nothing new");
    }
    assert_eq!(collector.interval(), Config::default().longest);
    assert_eq!(collector.frame().cause, Cause::Due);
    // The next one ends the sleep.
    let update = tracker.start();
    assert!(collector.has_news());
    idle(&clock, &mut collector);
    assert_eq!(collector.frame().cause, Cause::Woken);
    update.finish();
}

#[test]
fn g07_what_is_set_to_what_it_is_ends_no_sleep() {
    let (clock, monitor, mut collector) = watch(Config::default());
    let (tracker, queue) = (monitor.tracker("images"), monitor.gauge("queue"));
    let set = || {
        tracker.set_total(100);
        tracker.set_phase("reading");
        queue.set(3);
    };
    set();
    (0..30).for_each(|_| idle(&clock, &mut collector));
    assert!(collector.arm());
    set();
    queue.add(0);
    idle(&clock, &mut collector);
    assert_eq!(collector.frame().cause, Cause::Due);
    assert!(collector.arm());
    queue.set(4);
    idle(&clock, &mut collector);
    assert_eq!(collector.frame().cause, Cause::Woken);
}

#[test]
fn g06_a_shorter_interval_is_no_late_frame() {
    let (clock, monitor, mut collector) = watch(Config::default());
    let tracker = monitor.tracker("images");
    (0..30).for_each(|_| idle(&clock, &mut collector));
    let promised = collector.interval();
    let shorter = Config { longest: SECOND, ..Config::default() };
    assert!(shorter.longest < promised);
    collector.set_config(shorter).unwrap();
    tracker.add(1);
    clock.advance(promised);
    collector.look(clock.now(), &Reading::default());
    assert!(collector.open_alerts().is_empty(), "{:?}", collector.open_alerts());
    assert!(collector.interval() <= SECOND);
    let bad = Config { shortest: 3 * SECOND, longest: SECOND, ..Config::default() };
    assert_eq!(collector.set_config(bad).unwrap_err().key(), "longest");
    assert_eq!(collector.config().longest, SECOND);
}

#[test]
fn g05_a_pause_is_no_busy_processor() {
    let (clock, _monitor, mut collector) = watch(Config::default());
    let (mut used, step) = (Duration::ZERO, Duration::from_millis(250));
    let mut look = |collector: &mut Collector, cores: f64| {
        used += step.mul_f64(cores);
        clock.advance(step);
        let reading = Reading { cpu: Some(used), ..Reading::default() };
        collector.look(clock.now(), &reading);
    };
    for _ in 0..3 {
        look(&mut collector, 1.0);
    }
    assert_eq!(collector.frame().cpu, Some(Cores::new(1.0)));
    clock.advance(Duration::from_hours(3));
    collector.resume();
    look(&mut collector, 1.0);
    assert_eq!((collector.frame().cpu, collector.n_raised(AlertKind::Cpu)), (None, 0));
    // It is one when it lasts.
    (0..60).for_each(|_| look(&mut collector, 1.0));
    assert_eq!(collector.n_raised(AlertKind::Cpu), 1);
    // One that is open stays so, for as long as nothing else is known.
    collector.resume();
    look(&mut collector, 1.0);
    assert_eq!(collector.open_alerts().len(), 1);
    (0..60).for_each(|_| look(&mut collector, 0.1));
    assert!(collector.open_alerts().is_empty());
}

#[test]
fn g04_stuck_updates_that_take_turns_are_one_alert() {
    let (clock, monitor, mut collector) = watch(Config::default());
    let tracker = monitor.tracker("images");
    // Of eight updates the oldest is 28 to 31 seconds old, once they have all begun.
    let mut updates = std::collections::VecDeque::new();
    for second in 0..300 {
        if second % 4 == 0 {
            updates.push_back(tracker.start());
        }
        if 8 < updates.len() {
            updates.pop_front().expect("it is there").finish();
        }
        clock.advance(SECOND);
        collector.look(clock.now(), &Reading::default());
    }
    assert_eq!(collector.n_raised(AlertKind::StuckUpdate), 1);
}

#[test]
fn g08_the_last_messages_are_those_that_are_kept() {
    let config = Config { n_notices: 2, ..Config::default() };
    let (clock, monitor, mut collector) = watch(config);
    let tracker = monitor.tracker("images");
    (0..5).for_each(|n| tracker.message(format!("message {n}")));
    collector.look(clock.now(), &Reading::default());
    let frame = collector.frame();
    let texts: Vec<String> = frame.messages.iter().map(ToString::to_string).collect();
    assert_eq!(frame.n_more_messages, 3);
    assert!(
        texts[0].contains("message 3") && texts[1].contains("message 4"),
        "{texts:?}"
    );
}

#[test]
fn g02_a_name_that_many_ask_for_at_once_is_one_tracker() {
    for _ in 0..200 {
        let (clock, monitor, mut collector) = watch(Config::default());
        let monitor = Arc::new(monitor);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| monitor.tracked("work", || ()));
            }
        });
        collector.look(clock.now(), &Reading::default());
        assert_eq!(collector.frame().trackers.len(), 1);
        assert_eq!(collector.frame().trackers[0].n_done, 2);
    }
}
