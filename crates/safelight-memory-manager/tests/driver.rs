//! The thread: it steps, stops at once, and is joined.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};

use safelight_core::{ByteSize, Consumer, ManualClock, Pressure, Traits};
use safelight_memory_manager::{Config, Control, Driver, Permits, Reading};

fn config(interval: Duration) -> Config {
    Config { quiet: interval, alert: interval, ..Config::default() }
}

fn control() -> Control {
    Control::new(Permits::new(ByteSize::gib(1)), Config::default())
}

fn reading(used_mib: u64) -> Reading {
    Reading { limit: ByteSize::mib(1000), used: ByteSize::mib(used_mib) }
}

struct Shelf(AtomicU64);

impl Consumer for Shelf {
    fn usage(&self) -> ByteSize {
        ByteSize::from_bytes(self.0.load(SeqCst))
    }

    fn set_budget(&self, budget: ByteSize) {
        self.0.fetch_min(budget.bytes(), SeqCst);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let freed = wanted.min(self.usage());
        self.0.fetch_sub(freed.bytes(), SeqCst);
        freed
    }
}

#[test]
fn m11_it_stops_at_once_whatever_the_interval_and_is_joined() {
    // The first reading comes at once, and the next one never would.
    for interval in [Duration::MAX, Duration::from_hours(1), Duration::ZERO] {
        for is_dropped in [false, true] {
            let (sender, receiver) = mpsc::channel();
            let owned = Arc::new(());
            let theirs = Arc::clone(&owned);
            let read = move || {
                let _ = (&theirs, sender.send(()));
                Some(reading(100))
            };
            let driver =
                Driver::start(control(), config(interval), ManualClock::new(), read);
            receiver.recv().unwrap();
            if is_dropped {
                drop(driver);
            } else {
                assert_eq!(driver.stop().level(), Pressure::Normal);
            }
            // What the thread owned is gone, so it has ended.
            assert_eq!(Arc::strong_count(&owned), 1);
        }
    }
}

#[test]
fn m11_it_stops_before_its_first_reading_and_without_any() {
    drop(Driver::start(control(), config(Duration::MAX), ManualClock::new(), || None));
    let driver =
        Driver::start(control(), config(Duration::ZERO), ManualClock::new(), || None);
    assert_eq!(driver.stop().level(), Pressure::Normal);
}

#[test]
fn m11_it_steps_with_the_time_of_its_clock() {
    let permits = Permits::new(ByteSize::gib(1));
    let shelf = Arc::new(Shelf(AtomicU64::new(ByteSize::mib(100).bytes())));
    let _registered =
        permits.register(Arc::clone(&shelf), Traits::default(), ByteSize::mib(100));
    let clock = ManualClock::new();
    let (sender, receiver) = mpsc::sync_channel(0);
    let (theirs, mut step) = (clock.clone(), 0);
    let read = move || {
        // After the first one, calm for longer than a level lasts.
        let used = [960, 100, 100, 100][step.min(3)];
        step += 1;
        theirs.advance(Duration::from_mins(1));
        (sender.send(()).is_ok()).then(|| reading(used))
    };
    let control = Control::new(permits, Config::default());
    let driver = Driver::start(control, config(Duration::ZERO), clock, read);
    for _ in 0..4 {
        receiver.recv().unwrap();
    }
    // Without a receiver nothing is read any more.
    drop(receiver);
    let control = driver.stop();
    assert_eq!((shelf.usage(), control.level()), (ByteSize::ZERO, Pressure::Normal));
    let levels: Vec<_> = control.journal().entries().map(|entry| entry.level).collect();
    assert_eq!(levels, [Pressure::Critical]);
}

#[test]
fn m11_it_looks_more_often_under_pressure() {
    // The longest interval never ends, so what comes after it tells which one was taken.
    for (quiet, alert, used, n_looks) in [
        (Duration::ZERO, Duration::MAX, [100, 960], 2),
        (Duration::MAX, Duration::ZERO, [960, 100], 3),
        (Duration::MAX, Duration::ZERO, [100, 960], 1),
    ] {
        let (sender, receiver) = mpsc::channel();
        let mut step = 0;
        let clock = ManualClock::new();
        let theirs = clock.clone();
        let read = move || {
            // It takes two calm readings to end a level.
            let used = used[step.min(1)];
            step += 1;
            theirs.advance(Duration::from_mins(1));
            sender.send(()).ok().map(|()| reading(used))
        };
        let config = Config { quiet, alert, ..Config::default() };
        let driver = Driver::start(control(), config, clock, read);
        for _ in 0..n_looks {
            receiver.recv().unwrap();
        }
        drop(driver);
        assert_eq!(receiver.try_iter().count(), 0);
    }
}

#[test]
fn m11_a_panic_is_handed_on_by_stop_and_not_by_drop() {
    let start = || {
        Driver::start(control(), config(Duration::ZERO), ManualClock::new(), || {
            panic!("it cannot be read")
        })
    };
    drop(start());
    let driver = start();
    let panic = catch_unwind(AssertUnwindSafe(|| driver.stop())).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"it cannot be read"));
}
