//! Much of everything: memory stays bounded, and emergencies are undone.
//!
//! One test at a time: the heap is that of the whole process.

use std::{
    sync::{Barrier, Mutex, PoisonError},
    thread,
    time::Duration,
};

use safelight_alloc::{SLACK, TrackingAlloc, process};
use safelight_core::{Clock, ManualClock};
use safelight_progress_monitor::{
    AlertKind, Collector, Config, Local, Measure, Monitor, Reading, Reason, Step,
};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs a test while no other one does, on a thread whose cells are gone after it.
fn alone(test: fn()) {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    thread::spawn(test).join().expect("the test passes");
}

fn heap() -> u64 {
    process().current_bytes
}

#[test]
fn g09_a_million_alerts_stay_within_bounded_memory() {
    alone(|| {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let mut collector = Collector::new(&monitor, Config::default()).unwrap();
        let gauges: Vec<_> = (0..1000).map(|_| monitor.gauge("queue")).collect();
        let mut flip = |depth| {
            for gauge in &gauges {
                gauge.set(depth);
            }
            clock.advance(Duration::from_millis(100));
            let frame = collector.step(clock.now(), &Reading::default());
            assert!(frame.notices.len() <= 64);
            assert_eq!(frame.notices.len() as u64 + frame.n_more_notices, 1000);
            assert_eq!(frame.measures, [Measure::Coalesce]);
        };
        flip(101);
        flip(0);
        let before = heap();
        for _ in 1..1000 {
            flip(101);
            flip(0);
        }
        let grown = heap().saturating_sub(before);
        assert!(grown < 300_000, "{grown} bytes more");
        assert_eq!(collector.n_raised(AlertKind::Queue), 1_000_000);
        assert!(collector.notices().len() <= 256);
        assert!(collector.open_alerts().is_empty());
    });
}

#[test]
fn g09_measures_have_an_effect_are_journaled_and_undone() {
    alone(|| {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let mut collector = Collector::new(&monitor, Config::default()).unwrap();
        let tracker = monitor.tracker("work");
        let mut look = |cpu: f64| {
            clock.advance(Duration::from_millis(100));
            tracker.add(1);
            let before = Duration::from_secs_f64(cpu);
            let reading = Reading { cpu: Some(before), ..Reading::default() };
            let frame = collector.step(clock.now(), &reading);
            (frame.messages.len(), frame.n_more_messages, frame.interval)
        };
        for _ in 0..20 {
            look(0.0);
        }
        assert_eq!(look(0.0).2, Duration::from_millis(100));
        // Busy for three seconds: frames come once a second.
        for step in 1..=30 {
            look(f64::from(step) * 0.2);
        }
        assert_eq!(look(6.2).2, Duration::from_secs(1));
        (0..300).for_each(|n| tracker.message(format!("{n}")));
        assert_eq!((look(6.2).0, look(6.2).0), (64, 0));
        for _ in 0..10 {
            look(6.2);
        }
        assert_eq!(look(6.2).2, Duration::from_millis(100));
        let journal: Vec<_> = collector
            .journal()
            .map(|entry| (entry.measure, entry.step, entry.reason))
            .collect();
        let (widen, coalesce) = (Measure::WidenInterval, Measure::Coalesce);
        let cpu = Reason::Alert(AlertKind::Cpu);
        assert_eq!(
            journal,
            [
                (widen, Step::Taken, cpu),
                (widen, Step::Undone, cpu),
                (coalesce, Step::Taken, Reason::Storm),
                (coalesce, Step::Undone, Reason::Storm),
            ]
        );
    });
}

#[test]
fn g11_a_thousand_trackers_and_a_full_history_take_less_than_five_mib() {
    alone(|| {
        let _left = hold_what_is_left();
        let before = heap();
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let config = Config::default();
        let n_history = config.n_history;
        let mut collector = Collector::new(&monitor, config).unwrap();
        let trackers: Vec<_> = (0..1000)
            .map(|idx| monitor.tracker(&format!("images of folder {idx}")))
            .collect();
        let gauge = monitor.gauge("queue");
        for look_idx in 0..n_history {
            for tracker in &trackers {
                tracker.add(1);
                tracker.tracked(|| ());
            }
            gauge.set(if look_idx % 2 == 0 { 0 } else { 200 });
            trackers[0].message("a line of text");
            clock.advance(Duration::from_millis(100));
            collector.step(clock.now(), &Reading::default());
        }
        let real = heap() - before;
        let said = collector.footprint().bytes();
        println!("{real} bytes on the heap, {said} bytes by the footprint");
        assert_eq!(collector.history().len(), n_history);
        assert!(real < 5 << 20, "{real}");
        let off = said as f64 / real as f64;
        assert!((0.8..1.2).contains(&off), "the footprint says {said} of {real}");
    });
}

#[test]
fn g11_trackers_that_end_leave_nothing_behind() {
    alone(|| {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let mut collector = Collector::new(&monitor, Config::default()).unwrap();
        let mut round = |n: u64| {
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        for _ in 0..n {
                            let tracker = monitor.tracker("short");
                            tracker.add(1);
                            tracker.child("part").add(1);
                        }
                    });
                }
            });
            for _ in 0..n {
                monitor.tracker("short").add(1);
            }
            clock.advance(Duration::from_millis(100));
            collector.step(clock.now(), &Reading::default());
            collector.n_done()
        };
        for _ in 0..3 {
            round(200);
        }
        let before = heap();
        let n_done = (0..30).map(|_| round(200)).last();
        let grown = heap().saturating_sub(before);
        assert_eq!(n_done, Some(33 * 200 * 5));
        assert!(grown < 200_000, "{grown} bytes more");
    });
}

#[test]
fn g11_trackers_that_no_collector_sees_leave_but_their_counts() {
    alone(|| {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let mut collector = Collector::new(&monitor, Config::default()).unwrap();
        let long = monitor.tracker("long");
        collector.step(clock.now(), &Reading::default());
        let before = heap();
        for _ in 0..100_000 {
            long.add(1);
            monitor.tracker("short").add(2);
        }
        let grown = heap().saturating_sub(before);
        assert!(grown < 4 << 20, "{grown} bytes more");
        for _ in 0..2 {
            collector.step(clock.now(), &Reading::default());
            assert_eq!(collector.n_done(), 300_000);
        }
        let mut other = Collector::new(&monitor, Config::default()).unwrap();
        other.step(clock.now(), &Reading::default());
        assert!(100_000 <= other.n_done());
    });
}

/// Holds the cells that earlier tests left, so that later ones are new and counted.
fn hold_what_is_left() -> Vec<Local> {
    let tracker = Monitor::new().tracker("left");
    (0..50_000).map(|_| tracker.local()).collect()
}

#[test]
fn g11_a_further_thread_takes_less_than_half_a_kib_for_each_tracker() {
    alone(|| {
        let _left = hold_what_is_left();
        let monitor = Monitor::new();
        let collector = Collector::new(&monitor, Config::default()).unwrap();
        let trackers: Vec<_> = (0..1000).map(|_| monitor.tracker("t")).collect();
        let barrier = Barrier::new(9);
        let before = heap();
        let each = thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for tracker in &trackers {
                        tracker.add(1);
                    }
                    barrier.wait();
                    barrier.wait();
                });
            }
            barrier.wait();
            let grown = heap().saturating_sub(before);
            barrier.wait();
            grown / 8
        });
        println!("{each} bytes for each thread");
        // So much of each thread may not be counted yet.
        assert!(128_000 <= each + SLACK, "{each}");
        assert!(each + SLACK < 512_000, "{each}");
        drop(collector);
    });
}

#[test]
fn g11_the_footprint_knows_the_cells_of_all_threads() {
    alone(|| {
        let _left = hold_what_is_left();
        let before = heap();
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let mut collector = Collector::new(&monitor, Config::default()).unwrap();
        let trackers: Vec<_> = (0..1000).map(|_| monitor.tracker("t")).collect();
        let barrier = Barrier::new(17);
        let (real, said) = thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for tracker in &trackers {
                        tracker.add(1);
                    }
                    barrier.wait();
                    barrier.wait();
                });
            }
            barrier.wait();
            collector.step(clock.now(), &Reading::default());
            let (real, said) = (heap() - before, collector.footprint().bytes());
            barrier.wait();
            (real, said)
        });
        // What a thread allocated last may not be counted yet.
        let most = real + 16 * SLACK;
        let is_right = real / 5 * 4 <= said && said <= most / 5 * 6;
        assert!(is_right, "the footprint says {said} of {real} to {most}");
    });
}

#[test]
fn g09_storms_in_a_row_are_one_measure() {
    alone(|| {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let mut collector = Collector::new(&monitor, Config::default()).unwrap();
        let tracker = monitor.tracker("work");
        for look_idx in 0..100 {
            if look_idx % 3 == 0 {
                (0..100).for_each(|_| tracker.message("hello"));
            }
            clock.advance(Duration::from_millis(100));
            collector.step(clock.now(), &Reading::default());
        }
        let steps: Vec<_> = collector.journal().map(|entry| entry.step).collect();
        assert_eq!(steps, [Step::Taken]);
        for _ in 0..10 {
            clock.advance(Duration::from_millis(100));
            collector.step(clock.now(), &Reading::default());
        }
        let steps: Vec<_> = collector.journal().map(|entry| entry.step).collect();
        assert_eq!(steps, [Step::Taken, Step::Undone]);
    });
}
