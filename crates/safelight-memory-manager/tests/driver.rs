//! The thread: it steps, stops at once, and is joined.

use std::{
    panic::resume_unwind,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};

use safelight_core::{ByteSize, Consumer, ManualClock, Pressure, Share, Traits};
use safelight_memory_manager::{Config, Control, Driver, Event, Permits, Reading};

fn config(interval: Duration) -> Config {
    Config { quiet: interval, alert: interval, ..Config::default() }
}

fn control(config: Config) -> Control {
    Control::new(Permits::new(ByteSize::gib(1)), config)
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
            let control = control(config(interval));
            let driver = Driver::start(control, ManualClock::new(), read);
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
    let start =
        |interval| Driver::start(control(config(interval)), ManualClock::new(), || None);
    drop(start(Duration::MAX));
    let driver = start(Duration::ZERO);
    assert_eq!((driver.last_reading(), driver.level()), (None, Pressure::Normal));
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
    let control = Control::new(permits, config(Duration::ZERO));
    let driver = Driver::start(control, clock, read);
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
        let driver = Driver::start(control(config), clock, read);
        for _ in 0..n_looks {
            receiver.recv().unwrap();
        }
        drop(driver);
        assert_eq!(receiver.try_iter().count(), 0);
    }
}

/// What panics when it is dropped.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        // Without the message that a panic prints.
        resume_unwind(Box::new("it panics as it is dropped"));
    }
}

#[test]
fn m11_a_panic_ends_one_look_and_is_counted() {
    let (sender, receiver) = mpsc::sync_channel(0);
    let mut look = 0;
    let read = move || {
        look += 1;
        let is_awaited = sender.send(()).is_ok();
        match look {
            1 => resume_unwind(Box::new("it cannot be read")),
            2 => resume_unwind(Box::new(Grenade)),
            3 => Some(reading(960)),
            _ if is_awaited => Some(reading(970)),
            _ => None,
        }
    };
    // The third and the fourth look read something, and an observer panics in the third.
    let control = control(config(Duration::ZERO)).with_observer(|event: &Event| {
        if matches!(event, Event::Changed { .. }) {
            resume_unwind(Box::new("the observer fails"));
        }
    });
    let driver = Driver::start(control, ManualClock::new(), read);
    assert_eq!(driver.n_panics(), 0);
    for _ in 0..5 {
        receiver.recv().unwrap();
    }
    drop(receiver);
    // The fifth began, so the fourth is published.
    assert_eq!(driver.n_panics(), 3);
    assert_eq!(driver.last_reading(), Some(reading(970)));
    // The entry was written before the observer was called.
    assert_eq!(driver.journal().entries().len(), 1);
    // It is not handed on.
    let control = driver.stop();
    assert_eq!(
        (control.level(), control.journal().entries().len()),
        (Pressure::Critical, 1)
    );
}

#[test]
fn m11_what_was_seen_is_told_while_an_observer_is_called() {
    let driver: Arc<OnceLock<Driver>> = Arc::default();
    let (asking, asked) = mpsc::channel();
    let (telling, told) = mpsc::sync_channel(0);
    let theirs = Arc::downgrade(&driver);
    let observer = move |event: &Event| {
        let held = theirs.upgrade().expect("it is held below");
        let driver = held.wait();
        let seen = (driver.level(), driver.last_reading(), driver.journal());
        drop(held);
        asking.send((*event, seen)).unwrap();
        // It goes on only once another thread has asked as well.
        telling.send(()).unwrap();
    };
    let mut look = 0;
    let read = move || {
        look += 1;
        Some(reading([100, 960][usize::from(look == 2)]))
    };
    let config = Config { alert: Duration::MAX, ..config(Duration::ZERO) };
    let control = control(config).with_observer(observer);
    let set = driver.set(Driver::start(control, ManualClock::new(), read));
    assert!(set.is_ok());
    let driver_now = driver.get().expect("it was just set");
    for is_acted in [false, true] {
        let (event, (level, seen, journal)) = asked.recv().unwrap();
        assert_eq!(matches!(event, Event::Acted(_)), is_acted, "{event:?}");
        // The look goes on, so the one before is what is told.
        assert_eq!((level, seen), (Pressure::Normal, Some(reading(100))));
        assert_eq!((journal.entries().len(), driver_now.level()), (0, level));
        assert_eq!((driver_now.last_reading(), driver_now.n_panics()), (seen, 0));
        told.recv().unwrap();
    }
    let driver = Arc::into_inner(driver).and_then(OnceLock::into_inner);
    let control = driver.expect("the observer is done with it").stop();
    assert_eq!(control.journal().entries().len(), 1);
}

#[test]
fn m11_it_is_asked_from_any_thread() {
    fn check<T: Send + Sync>(_: &T) {}
    let driver =
        Driver::start(control(config(Duration::MAX)), ManualClock::new(), || None);
    check(&driver);
    let text = format!("{driver:?}");
    assert!(text.contains("level: Normal"), "{text}");
}

#[test]
fn m11_it_may_be_dropped_by_what_it_calls() {
    let driver: Arc<Mutex<Option<Driver>>> = Arc::default();
    let (theirs, (sender, receiver)) = (Arc::clone(&driver), mpsc::channel());
    let read = move || {
        // As long as it is not there yet, the next look finds it.
        if theirs.lock().unwrap().take().is_some() {
            sender.send(()).unwrap();
        }
        None
    };
    let mut driver = driver.lock().unwrap();
    let control = control(config(Duration::ZERO));
    *driver = Some(Driver::start(control, ManualClock::new(), read));
    drop(driver);
    // It came, and nothing after it: the thread has ended, and what it owned is gone.
    assert_eq!(receiver.iter().count(), 1);
}

#[test]
fn x03_new_settings_are_looked_at_once() {
    let (sender, receiver) = mpsc::channel();
    let observer = move |event: &Event| {
        if let Event::Changed { to, .. } = event {
            let _ = sender.send(*to);
        }
    };
    // After its first look it would sleep for ever.
    let control = control(config(Duration::MAX)).with_observer(observer);
    let driver = Driver::start(control, ManualClock::new(), || Some(reading(800)));
    assert_eq!(receiver.recv(), Ok(Pressure::Elevated));
    driver.set_config(Config { high: Share::new(0.78), ..config(Duration::MAX) });
    assert_eq!(receiver.recv(), Ok(Pressure::High));
    assert_eq!(driver.stop().config().high, Share::new(0.78));
}
