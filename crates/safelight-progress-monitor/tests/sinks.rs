//! What the sinks write.

use std::io;

use expect_test::{Expect, expect};
use safelight_core::{Clock, ManualClock};
use safelight_progress_monitor::{
    Collector, Config, Lines, Monitor, Reading, Sink, Tracker,
};

/// A job of some seconds, shown on a sink.
fn show(
    sink: &mut dyn Sink,
    seconds: u64,
    mut work: impl FnMut(u64, &Monitor, &Tracker),
) {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector =
        Collector::new(&monitor, Config::default()).expect("the defaults can be meant");
    let tracker = monitor.tracker("images");
    tracker.set_total(100);
    sink.show(collector.step(clock.now(), &Reading::default()));
    let mut second = 0;
    let begun = clock.now();
    while second < seconds {
        clock.advance(collector.interval());
        let now = (clock.now() - begun).as_secs();
        (second..now).for_each(|second| work(second, &monitor, &tracker));
        second = now;
        sink.show(collector.step(clock.now(), &Reading::default()));
    }
    drop(tracker);
    clock.advance(collector.interval());
    sink.show(collector.step(clock.now(), &Reading::default()));
}

fn check_lines(
    seconds: u64,
    work: impl FnMut(u64, &Monitor, &Tracker),
    expected: &Expect,
) {
    let mut lines = Lines::new(Vec::new());
    show(&mut lines, seconds, work);
    let text = String::from_utf8(lines.into_inner()).expect("lines are text");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "no control characters");
    expected.assert_eq(&text);
}

#[test]
fn lines_become_rarer_and_the_end_is_written() {
    check_lines(
        60,
        |second, _, tracker| {
            if second == 3 {
                tracker.set_phase("resize");
            }
            tracker.add(1);
        },
        &expect![[r"
            images: 0 of 100 (0 %)
            images: 1 of 100 (1 %), 0.9/s, 2 min 2 s left
            images: 2 of 100 (2 %), 0.6/s, 2 min 21 s left
            images: 6 of 100 (6 %), 1.2/s, 1 min 34 s left, resize
            images: 12 of 100 (12 %), 1.0/s, 1 min 28 s left, resize
            images: 25 of 100 (25 %), 1.1/s, 1 min 17 s left, resize
            images: 50 of 100 (50 %), 0.9/s, 51 s left, resize
            images: 60 of 100 (60 %), 1.0/s, resize, finished
        "]],
    );
}

#[test]
fn messages_and_notices_are_written_at_once() {
    let mut gauge = None;
    check_lines(
        20,
        |second, monitor, tracker| {
            let gauge = gauge.get_or_insert_with(|| monitor.gauge("decoder"));
            if !(5..=15).contains(&second) {
                tracker.add(5);
            }
            if second == 2 {
                tracker.message("sea.jpg has no profile");
                gauge.set(500);
            }
        },
        &expect![[r"
            images: 0 of 100 (0 %)
            images: 5 of 100 (5 %), 4.5/s, 23 s left
            images: 10 of 100 (10 %), 3.2/s, 26 s left
            images: sea.jpg has no profile
            warning: decoder: 500 wait (threshold 100): add workers, or take in less
            images: 25 of 100 (25 %), 3.7/s, 18 s left
            critical: images: nothing counted for 3.5 s (at least 0.5/s wanted): find out what the workers wait for
            images: 25 of 100 (25 %), 0.07/s, 53 s left
            over: stall of images, after 9.6 s
            images: 45 of 100 (45 %), 2.0/s, finished
        "]],
    );
}

#[test]
fn a_sink_that_cannot_write_counts_it_and_goes_on() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut lines = Lines::new(Full);
    show(&mut lines, 3, |_, _, tracker| tracker.add(1));
    assert!(2 <= lines.n_failed(), "{}", lines.n_failed());
}

#[test]
fn sinks_are_objects_and_can_be_combined() {
    let mut n = 0;
    let mut both =
        (|_: &safelight_progress_monitor::Frame| n += 1, Box::new(()) as Box<dyn Sink>);
    show(&mut both, 2, |_, _, _| ());
    assert!(3 <= n);
    let mut many: Vec<Box<dyn Sink>> =
        vec![Box::new(()), Box::new(Lines::new(io::sink()))];
    show(&mut many, 1, |_, _, _| ());
}

#[cfg(feature = "serde")]
#[test]
fn json_lines_read_back_as_what_was_shown() {
    use safelight_progress_monitor::{JsonLines, report::FrameRow};

    let mut lines = JsonLines::new(Vec::new());
    show(&mut lines, 10, |second, monitor, tracker| {
        tracker.add(10);
        monitor.tracked("check", || ());
        if second == 4 {
            tracker.message("half");
        }
    });
    let text = String::from_utf8(lines.into_inner()).unwrap();
    let rows: Vec<FrameRow> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = rows.last().unwrap();
    assert_eq!((last.trackers[0].n_done, last.trackers[0].is_finished), (100, true));
    assert_eq!(last.trackers[1].name, "check");
    let messages: Vec<_> = rows.iter().flat_map(|row| &row.messages).collect();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].text, "half");
    assert!(rows.is_sorted_by_key(|row| row.elapsed_ns));
}

#[cfg(feature = "tracing")]
#[test]
fn events_carry_the_level_of_the_alert() {
    use std::sync::{Arc, Mutex};

    use safelight_progress_monitor::Events;
    use tracing::{Event, Level, Subscriber};
    use tracing_subscriber::{Layer, layer::Context, prelude::*};

    struct Levels(Arc<Mutex<Vec<Level>>>);
    impl<S: Subscriber> Layer<S> for Levels {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            assert_eq!(event.metadata().target(), "safelight_progress_monitor");
            self.0.lock().unwrap().push(*event.metadata().level());
        }
    }
    let levels = Arc::new(Mutex::new(Vec::new()));
    let subscriber = tracing_subscriber::registry().with(Levels(Arc::clone(&levels)));
    let mut gauge = None;
    tracing::subscriber::with_default(subscriber, || {
        show(&mut Events, 30, |second, monitor, tracker| {
            match second {
                0..10 => tracker.add(1),
                10 => tracker.message("a line"),
                11 => gauge = Some(monitor.gauge("queue")),
                _ => {}
            }
            if let Some(gauge) = &gauge {
                gauge.set(200);
            }
        });
    });
    let levels = levels.lock().unwrap();
    let n = |level| levels.iter().filter(|other| **other == level).count();
    // The stall; the queue; the message, and the end of the stall.
    assert_eq!((n(Level::ERROR), n(Level::WARN), n(Level::INFO)), (1, 1, 2));
    assert!(20 < n(Level::TRACE));
}

#[test]
fn a_day_of_lines_is_some_forty() {
    let mut lines = Lines::new(Vec::new());
    show(&mut lines, 24 * 3600, |_, _, _| ());
    let n_lines = String::from_utf8(lines.into_inner()).unwrap().lines().count();
    assert!((30..50).contains(&n_lines), "{n_lines}");
}

#[test]
fn g08_the_last_lines_are_those_of_all_trackers_without_control_characters() {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, Config::default()).unwrap();
    let mut lines = (Lines::new(Vec::new()), ());
    let tracker = monitor.tracker("a\u{1b}[2Jb");
    lines.show(collector.step(clock.now(), &Reading::default()));
    tracker.add(2);
    tracker.set_phase("to\rend");
    tracker.message("one\ntwo");
    clock.advance(std::time::Duration::from_millis(50));
    lines.show(collector.step(clock.now(), &Reading::default()));
    lines.finish(collector.frame());
    tracker.set_phase("");
    lines.finish(collector.step(clock.now(), &Reading::default()));
    let text = String::from_utf8(lines.0.into_inner()).unwrap();
    expect![[r"
        a\u{1b}[2Jb: 0
        a\u{1b}[2Jb: one\ntwo
        a\u{1b}[2Jb: one\ntwo
        a\u{1b}[2Jb: 2, to\rend
        a\u{1b}[2Jb: 2
    "]]
    .assert_eq(&text);
}

/// What a tracker looks like in a line after some work.
fn check_line(work: impl FnOnce(&Tracker, &ManualClock), expected: &Expect) {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector =
        Collector::new(&monitor, Config::default()).expect("the defaults can be meant");
    let tracker = monitor.tracker("images");
    collector.step(clock.now(), &Reading::default());
    work(&tracker, &clock);
    let mut lines = Lines::new(Vec::new());
    lines.finish(collector.step(clock.now(), &Reading::default()));
    let text = String::from_utf8(lines.into_inner()).expect("lines are text");
    expected.assert_eq(&text);
}

#[test]
fn more_than_all_has_no_percentage_and_no_time_left() {
    let of_three = |n_done: u64| {
        move |tracker: &Tracker, clock: &ManualClock| {
            tracker.set_total(3);
            tracker.add(n_done);
            clock.advance(std::time::Duration::from_millis(500));
        }
    };
    check_line(
        of_three(2),
        &expect![[r"
        images: 2 of 3 (67 %), 4.0/s, 0 s left
    "]],
    );
    check_line(
        of_three(5),
        &expect![[r"
        images: 5 of 3, 10.0/s
    "]],
    );
    check_line(
        |tracker, _| {
            tracker.set_total(0);
            tracker.add(6);
        },
        &expect!["images: 6 of 0\n"],
    );
}

#[test]
fn updates_that_were_abandoned_are_told() {
    check_line(
        |tracker, _| {
            tracker.set_total(5);
            tracker.tracked(|| ());
            (0..3).for_each(|_| drop(tracker.start()));
        },
        &expect!["images: 1 of 5 (20 %), 3 abandoned\n"],
    );
}

#[test]
fn g08_what_turns_the_direction_of_a_text_is_escaped() {
    check_line(
        |tracker, _| {
            tracker.set_phase("gpj.\u{202e}exe\u{2066}\u{200f}\u{61c} é \u{5d0}");
        },
        &expect!["images: 0, gpj.\\u{202e}exe\\u{2066}\\u{200f}\\u{61c} é א\n"],
    );
}

#[test]
fn a_rate_that_is_not_known_is_none() {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, Config::default()).unwrap();
    let tracker = monitor.tracker("images");
    tracker.add(7);
    let mut rate = |clock: &ManualClock| {
        collector.step(clock.now(), &Reading::default()).trackers[0].rate
    };
    assert_eq!(rate(&clock), None);
    clock.advance(std::time::Duration::from_secs(1));
    // Now it is known that nothing came.
    assert_eq!(rate(&clock).map(safelight_progress_monitor::Rate::get), Some(0.0));
}
