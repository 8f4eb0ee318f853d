//! The production code under a scheduler that tries interleavings at random.
//!
//! `RUSTFLAGS="--cfg shuttle" cargo test -p safelight-progress-monitor --no-default-features
//! --release --lib shuttle_tests`

use std::time::Duration;

use safelight_core::{Clock, ManualClock};
use shuttle::{check_random, thread};

use crate::{Collector, Config, Monitor, Reading, Tracker, signal::Wait};

const N_SCHEDULES: usize = 20_000;

fn collector(monitor: &Monitor) -> Collector {
    Collector::new(monitor, Config::default()).expect("the defaults can be meant")
}

/// Does the work on threads of its own, and returns when all have ended.
fn at_once<const N: usize>(tracker: &Tracker, work: [fn(&Tracker); N]) {
    let threads = work.map(|work| {
        let tracker = tracker.clone();
        thread::spawn(move || work(&tracker))
    });
    for thread in threads {
        thread.join().expect("no assertion failed");
    }
}

#[test]
fn g01_counts_are_exact_also_when_threads_end_and_others_go_on_in_their_cells() {
    check_random(
        || {
            let tracker = Monitor::new().tracker("work");
            for _ in 0..2 {
                at_once(
                    &tracker,
                    [
                        |tracker| (0..3).for_each(|_| tracker.add(1)),
                        |tracker| {
                            let local = tracker.local();
                            tracker.add(10);
                            local.add(20);
                        },
                        |tracker| {
                            drop(tracker.child("part"));
                            tracker.add(100);
                        },
                    ],
                );
            }
            assert_eq!(tracker.n_done(), 266);
        },
        N_SCHEDULES,
    );
}

#[test]
fn g01_what_is_seen_on_the_way_never_goes_back_and_the_end_is_whole() {
    check_random(
        || {
            let clock = ManualClock::new();
            let monitor = Monitor::with_clock(clock.clone());
            let mut collector = collector(&monitor);
            let tracker = monitor.tracker("work");
            let worker = thread::spawn(move || {
                let update = tracker.start();
                tracker.add(2);
                update.finish();
                tracker.message("nearly done");
                tracker.add(4);
                // The tracker is dropped, and so it is finished.
            });
            let mut n_seen = 0;
            for _ in 0..3 {
                clock.advance(Duration::from_secs(1));
                collector.step(clock.now(), &Reading::default());
                assert!(n_seen <= collector.n_done());
                n_seen = collector.n_done();
                thread::yield_now();
            }
            worker.join().expect("no assertion failed");
            collector.step(clock.now(), &Reading::default());
            assert_eq!(collector.n_done(), 7);
            // It was shown as finished, with the whole count, and is gone now.
            collector.step(clock.now(), &Reading::default());
            assert_eq!((collector.n_done(), collector.frame().trackers.len()), (7, 0));
        },
        N_SCHEDULES,
    );
}

/// The mutant does not look once more after it armed the counts.
///
/// An update that comes just before that is then seen by nobody, and the wait, which ends
/// by a wake only, goes on for ever: the checker calls that a deadlock.
#[test]
fn g07_the_first_update_after_idleness_wakes_whenever_it_comes() {
    check_random(
        || {
            let clock = ManualClock::new();
            let monitor = Monitor::with_clock(clock.clone());
            let mut collector = collector(&monitor);
            let tracker = monitor.tracker("work");
            let worker = thread::spawn(move || {
                tracker.add(1);
                tracker.add(1);
                // What ends by itself would wake as well.
                std::mem::forget(tracker);
            });
            while collector.n_done() < 2 {
                collector.step(clock.now(), &Reading::default());
                if collector.n_done() < 2 && collector.arm() {
                    let signal = &collector.hub().signal;
                    assert_eq!(signal.wait(Duration::MAX), Wait::Woken);
                }
            }
            worker.join().expect("no assertion failed");
        },
        N_SCHEDULES,
    );
}

#[test]
fn g07_a_new_tracker_and_a_message_wake_too() {
    check_random(
        || {
            let clock = ManualClock::new();
            let monitor = Monitor::with_clock(clock.clone());
            let mut collector = collector(&monitor);
            let other = monitor.clone();
            let worker = thread::spawn(move || {
                other.tracker("work").message("hello");
            });
            let mut n_messages = 0;
            while n_messages < 1 {
                let frame = collector.step(clock.now(), &Reading::default());
                n_messages += frame.messages.len();
                if n_messages < 1 && collector.arm() {
                    let signal = &collector.hub().signal;
                    assert_eq!(signal.wait(Duration::MAX), Wait::Woken);
                }
            }
            worker.join().expect("no assertion failed");
        },
        N_SCHEDULES,
    );
}

/// A change of a queue is news, whenever it comes.
#[test]
fn g07_the_first_change_of_a_gauge_after_idleness_wakes_whenever_it_comes() {
    check_random(
        || {
            let clock = ManualClock::new();
            let monitor = Monitor::with_clock(clock.clone());
            let mut collector = collector(&monitor);
            let gauge = monitor.gauge("queue");
            let theirs = gauge.clone();
            let worker = thread::spawn(move || {
                theirs.add(1);
                theirs.add(1);
            });
            let depth = |collector: &Collector| {
                collector.frame().queues.first().map_or(0, |queue| queue.depth)
            };
            while depth(&collector) < 2 {
                collector.step(clock.now(), &Reading::default());
                if depth(&collector) < 2 && collector.arm() {
                    let signal = &collector.hub().signal;
                    assert_eq!(signal.wait(Duration::MAX), Wait::Woken);
                }
            }
            worker.join().expect("no assertion failed");
            drop(gauge);
        },
        N_SCHEDULES,
    );
}

/// A timed update that begins is news, though it counts nothing.
#[test]
fn g07_the_first_timed_update_after_idleness_wakes_whenever_it_comes() {
    check_random(
        || {
            let clock = ManualClock::new();
            let monitor = Monitor::with_clock(clock.clone());
            let mut collector = collector(&monitor);
            let tracker = monitor.tracker("work");
            let worker = thread::spawn(move || {
                let updates = [tracker.start(), tracker.start()];
                // What ends by itself would wake as well.
                std::mem::forget((updates, tracker));
            });
            while collector.frame().n_in_flight < 2 {
                collector.step(clock.now(), &Reading::default());
                if collector.frame().n_in_flight < 2 && collector.arm() {
                    let signal = &collector.hub().signal;
                    assert_eq!(signal.wait(Duration::MAX), Wait::Woken);
                }
            }
            worker.join().expect("no assertion failed");
        },
        N_SCHEDULES,
    );
}
