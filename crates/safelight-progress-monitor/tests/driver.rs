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
    Cause, Collector, Config, Driver, Frame, Monitor, Reading, Sink,
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

#[cfg(feature = "system")]
#[test]
fn g05_on_the_real_machine_a_spinner_is_read_in_cpu_time() {
    use safelight_progress_monitor::Process;

    let mut process = Process::open();
    // The counts of the process and of this thread, from the same moments.
    let before = process.read();
    let mut sum = 0_u64;
    let spent = loop {
        for n in 0..1_000_000_u64 {
            sum = std::hint::black_box(sum.wrapping_add(n));
        }
        let now = process.read();
        if let (Some(now), Some(before)) = (now.own_cpu, before.own_cpu)
            && Duration::from_millis(300) < now.saturating_sub(before)
        {
            break now.saturating_sub(before);
        }
    };
    let after = process.read();
    let (Some(after_cpu), Some(before_cpu)) = (after.cpu, before.cpu) else {
        eprintln!("skipped: the CPU time of the process is not known here");
        return;
    };
    // Other tests run in this process too, so it has used at least as much.
    let used = after_cpu.saturating_sub(before_cpu);
    assert!(spent.mul_f64(0.95) <= used, "{spent:?} spun, {used:?} read");
    assert!(after.rss.is_some_and(|rss| 500_000 < rss.bytes()));
}
