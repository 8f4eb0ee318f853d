//! The thread: it shows the truth, wakes for the first news, and stops at once.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};

use safelight_core::{ManualClock, SystemClock};
use safelight_progress_monitor::{
    Cause, Change, Collector, Config, Driver, Event, Frame, Monitor, Reading, Sink,
};

/// Frames come every five seconds, unless something wakes.
fn slowest() -> Config {
    let five = Duration::from_secs(5);
    Config { start: five, shortest: five, stressed: five, ..Config::default() }
}

fn collector(monitor: &Monitor, config: Config) -> Collector {
    Collector::new(monitor, config).expect("the configuration can be meant")
}

/// What a test wants to know of a frame.
struct Seen {
    cause: Cause,
    n_done: u64,
}

fn channel() -> (impl Sink, mpsc::Receiver<Seen>) {
    let (sender, receiver) = mpsc::channel();
    let sink = move |frame: &Frame| {
        let n_done = frame.trackers.iter().map(|tracker| tracker.n_done).sum();
        // Who does not listen any more has seen enough.
        drop(sender.send(Seen { cause: frame.cause, n_done }));
    };
    (sink, receiver)
}

#[test]
fn g07_the_first_update_after_idleness_is_shown_by_a_wake() {
    let monitor = Monitor::new();
    let tracker = monitor.tracker("work");
    let (sink, frames) = channel();
    let collector = collector(&monitor, Config::default());
    let driver = Driver::start(collector, SystemClock, Reading::default, sink);
    // On a busy machine the time may have come before this thread adds: then once more.
    let is_woken = (1..=20_u64).any(|n_done| {
        let mut n_before = n_done;
        let mut is_idle = false;
        while !is_idle {
            let seen = frames.recv().unwrap();
            is_idle = n_before == seen.n_done;
            n_before = seen.n_done;
        }
        tracker.add(1);
        loop {
            let seen = frames.recv().unwrap();
            if seen.n_done == n_done {
                break seen.cause == Cause::Woken;
            }
        }
    });
    assert!(is_woken);
    drop(driver);
}

#[test]
fn g08_a_sink_that_blocks_blocks_no_worker() {
    let monitor = Monitor::new();
    let tracker = monitor.tracker("work");
    let (begun, has_begun) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    let is_released = Mutex::new(is_released);
    let seen = Arc::new(AtomicU64::new(0));
    let shown = Arc::clone(&seen);
    let sink = move |frame: &Frame| {
        let _ = begun.send(());
        // It hangs until the test lets go of it.
        let _ = is_released.lock().unwrap().recv();
        shown.store(frame.trackers.iter().map(|tracker| tracker.n_done).sum(), SeqCst);
    };
    let config = Config::default();
    let driver =
        Driver::start(collector(&monitor, config), SystemClock, Reading::default, sink);
    has_begun.recv().unwrap();
    // The sink hangs now, and all of this goes on; else the test would hang.
    for _ in 0..200_000 {
        tracker.add(1);
    }
    tracker.tracked(|| tracker.message("all done"));
    tracker.set_total(1);
    assert_eq!(tracker.n_done(), 200_001);
    drop(release);
    assert_eq!(driver.stop().n_done(), 200_001);
    assert_eq!(seen.load(SeqCst), 200_001, "the last frame has the truth");
}

#[test]
fn it_stops_at_once_whatever_the_interval_and_is_joined() {
    for is_dropped in [false, true] {
        let monitor = Monitor::new();
        let owned = Arc::new(());
        let theirs = Arc::clone(&owned);
        let (sender, receiver) = mpsc::channel();
        let read = move || {
            let _ = (&theirs, sender.send(()));
            Reading::default()
        };
        // This clock stands still, so no interval ever passes for it.
        let clock = ManualClock::new();
        let driver = Driver::start(collector(&monitor, slowest()), clock, read, ());
        receiver.recv().unwrap();
        monitor.tracker("work").add(3);
        if is_dropped {
            drop(driver);
        } else {
            assert_eq!(driver.stop().n_done(), 3);
        }
        // What the thread owned is gone, so it has ended.
        assert_eq!(Arc::strong_count(&owned), 1);
    }
}

#[test]
fn a_sink_that_panics_is_counted_and_called_again() {
    let monitor = Monitor::new();
    let tracker = monitor.tracker("work");
    let (sender, frames) = mpsc::channel();
    let sink = move |frame: &Frame| {
        let _ = sender.send(frame.own.n_sink_panics);
        panic!("a sink of a test panics");
    };
    let driver = Driver::start(
        collector(&monitor, Config::default()),
        SystemClock,
        Reading::default,
        sink,
    );
    assert_eq!(frames.recv(), Ok(0));
    assert_eq!(frames.recv(), Ok(1));
    tracker.add(1);
    let collector = driver.stop();
    assert_eq!(collector.n_done(), 1);
    assert!(2 <= collector.frame().own.n_sink_panics);
}

#[test]
fn a_collector_can_be_driven_again() {
    let monitor = Monitor::new();
    let tracker = monitor.tracker("work");
    let mut collector = collector(&monitor, Config::default());
    for n in 1..=3 {
        let driver = Driver::start(collector, SystemClock, Reading::default, ());
        tracker.add(1);
        collector = driver.stop();
        assert_eq!(collector.n_done(), n);
    }
}

#[test]
fn panics_of_what_is_read_and_of_observers_are_counted_and_the_next_look_comes() {
    let monitor = Monitor::new();
    let gauge = monitor.gauge("queue");
    let (heard, notices) = mpsc::channel();
    let heard = Mutex::new(heard);
    let observer = move |event: &Event| {
        if let Event::Notice(notice) = event {
            let _ = heard.lock().unwrap().send(notice.change);
        }
        panic!("an observer of a test panics");
    };
    let collector = collector(&monitor, Config::default()).with_observer(observer);
    let mut n_reads = 0;
    let read = move || {
        n_reads += 1;
        assert!(n_reads != 1, "reading fails in a test");
        Reading::default()
    };
    gauge.set(101);
    let driver = Driver::start(collector, SystemClock, read, ());
    assert_eq!(notices.recv(), Ok(Change::Raised));
    gauge.set(0);
    assert_eq!(notices.recv(), Ok(Change::Cleared));
    let collector = driver.stop();
    assert_eq!(collector.n_panics(), 3);
    #[cfg(feature = "serde")]
    {
        let export = safelight_progress_monitor::report::Export::from(&collector);
        assert_eq!((export.summary.n_panics, export.summary.n_sink_panics), (3, 0));
    }
    assert_eq!(notices.try_iter().count(), 0);
}

#[test]
fn it_may_be_dropped_by_what_its_own_thread_calls() {
    let monitor = Monitor::new();
    let (sender, own) = mpsc::channel::<Driver>();
    let (ended, has_ended) = mpsc::channel::<()>();
    let own = Mutex::new(own);
    let sink = move |_: &Frame| {
        // Held until the thread lets go of the sink.
        let _ = &ended;
        drop(own.lock().unwrap().recv());
    };
    let collector = collector(&monitor, Config::default());
    let driver = Driver::start(collector, SystemClock, Reading::default, sink);
    sender.send(driver).unwrap();
    drop(sender);
    assert!(has_ended.recv().is_err(), "the thread has ended");
}

#[test]
fn what_it_sees_is_known_while_it_runs_also_to_what_it_calls() {
    let monitor = Monitor::new();
    let gauge = monitor.gauge("queue");
    gauge.set(101);
    let (sender, own) = mpsc::channel::<Arc<Driver>>();
    let (seen, n_open) = mpsc::channel();
    let (own, mut driver) = (Mutex::new(own), None);
    let sink = move |frame: &Frame| {
        let driver = driver.get_or_insert_with(|| own.lock().unwrap().recv().unwrap());
        let n_open = driver.with(|collector| collector.open_alerts().len());
        let _ = seen.send((n_open, frame.n_open_alerts));
    };
    let collector = collector(&monitor, Config::default());
    let driver = Driver::start(collector, SystemClock, Reading::default, sink);
    let driver = Arc::new(driver);
    sender.send(Arc::clone(&driver)).unwrap();
    assert_eq!(n_open.recv(), Ok((1, 1)));
    assert_eq!(driver.with(|collector| collector.frame().queues[0].depth), 101);
    assert_eq!(driver.n_panics(), 0);
    #[cfg(feature = "serde")]
    {
        use safelight_progress_monitor::report::Export;
        let export = driver.with(|collector| Export::from(collector));
        assert_eq!(export.open_alerts.len(), 1);
    }
}

#[test]
fn g07_a_change_of_a_queue_wakes() {
    let monitor = Monitor::new();
    let gauge = monitor.gauge("queue");
    let (sender, frames) = mpsc::channel();
    let sink = move |frame: &Frame| {
        let depth = frame.queues.first().map_or(0, |queue| queue.depth);
        let _ = sender.send((frame.cause, depth));
    };
    let collector = collector(&monitor, Config::default());
    let driver = Driver::start(collector, SystemClock, Reading::default, sink);
    let is_woken = (1..=20_u64).any(|depth| {
        // Looks without news come before the change.
        while frames.recv().unwrap().1 == depth {}
        gauge.set(depth);
        loop {
            let (cause, seen) = frames.recv().unwrap();
            if seen == depth {
                break cause == Cause::Woken;
            }
        }
    });
    assert!(is_woken);
    drop(driver);
}

#[test]
fn a_pause_between_two_drivers_is_no_lateness_no_silence_and_no_mean() {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let tracker = monitor.tracker("work");
    tracker.set_total(100);
    let mut collector = collector(&monitor, Config::default());
    let mut cpu = Duration::ZERO;
    for _ in 0..3 {
        let (sender, frames) = mpsc::channel();
        let sink = move |frame: &Frame| {
            let _ = sender.send(frame.cpu);
        };
        let used = cpu;
        let read = move || Reading { cpu: Some(used), ..Reading::default() };
        let driver = Driver::start(collector, clock.clone(), read, sink);
        frames.recv().unwrap();
        tracker.add(1);
        collector = driver.stop();
        // Some hours go by, in which the process is busy.
        clock.advance(Duration::from_hours(3));
        cpu += Duration::from_hours(2);
        tracker.add(1);
    }
    assert_eq!(collector.notices().len(), 0);
    assert_eq!(collector.frame().cpu, None, "it was never seen over some time");
}
