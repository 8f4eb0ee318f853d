//! The machine's own limits as readings.

#![cfg(feature = "system")]

use std::{fs, sync::mpsc, time::Duration};

use safelight_core::{ByteSize, Pressure, Share};
use safelight_memory_manager::{Config, Control, Driver, Event, Permits, Reading};
use safelight_probe::{Binding, Headroom, Limit, Sampler};

fn limit(size: u64, used: u64) -> Limit {
    let bytes = ByteSize::from_bytes;
    Limit::new(Binding::Host, bytes(size), bytes(used))
}

fn reading(limits: &[Limit]) -> Option<Reading> {
    Headroom::of(limits).as_ref().and_then(Reading::of)
}

#[test]
fn m01_a_reading_is_that_of_the_limit_that_binds() {
    let bytes = ByteSize::from_bytes;
    let seen = reading(&[limit(1000, 300), limit(500, 450), limit(200, 100)]);
    assert_eq!(seen, Some(Reading { limit: bytes(500), used: bytes(450) }));
    assert_eq!(reading(&[]), None);
    // What is not known is not nothing.
    let mut unknown = limit(1000, 0);
    unknown.used = None;
    assert_eq!(reading(&[unknown]), None);
    // A limit that allows nothing is no unknown one.
    let seen = reading(&[limit(0, 5)]).unwrap();
    assert_eq!((seen.share(), seen.available()), (Share::ONE, ByteSize::ZERO));
}

fn control() -> Control {
    let interval = Duration::MAX;
    let config = Config { quiet: interval, alert: interval, ..Config::default() };
    Control::new(Permits::new(ByteSize::gib(1)), config)
}

#[test]
fn m11_it_reads_this_machine() {
    let driver = Driver::start_system(control()).unwrap();
    assert_eq!(driver.n_panics(), 0);
    // One look at most, as the next one never comes.
    assert!(driver.stop().journal().entries().len() <= 1);
}

#[cfg(target_os = "linux")]
#[test]
fn m11_it_steps_with_what_a_sampler_reads() {
    let root = tempfile::tempdir().unwrap();
    let start = |observer: mpsc::Sender<Event>| {
        let tell = move |event: &Event| observer.send(*event).unwrap_or_default();
        let control = control().with_observer(tell);
        Driver::start_sampler(control, Sampler::open_under(root.path()))
    };
    let (sender, receiver) = mpsc::channel();
    let error = start(sender.clone()).unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    fs::create_dir(root.path().join("proc")).unwrap();
    let meminfo = "MemTotal: 1000000 kB\nMemAvailable: 30000 kB\n";
    fs::write(root.path().join("proc/meminfo"), meminfo).unwrap();
    let driver = start(sender).unwrap();
    let Event::Changed { to, reading, .. } = receiver.recv().unwrap() else {
        panic!("a level begins first")
    };
    let expected =
        Reading { limit: ByteSize::kib(1_000_000), used: ByteSize::kib(970_000) };
    assert_eq!((to, reading), (Pressure::Critical, expected));
    assert_eq!(driver.stop().level(), Pressure::Critical);
}

#[cfg(target_os = "linux")]
#[test]
fn m01_permits_are_for_a_part_of_the_limit_less_what_is_used() {
    let root = tempfile::tempdir().unwrap();
    let mut sampler = Sampler::open_under(root.path());
    let part = Share::new(0.8);
    assert!(Permits::of_sampler(&mut sampler, part).unwrap_err().is_unavailable());
    fs::create_dir(root.path().join("proc")).unwrap();
    let text = "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 700 kB\n";
    fs::write(root.path().join("proc/meminfo"), text).unwrap();
    let permits = Permits::of_sampler(&mut Sampler::open_under(root.path()), part);
    assert_eq!(permits.unwrap().usage().capacity, ByteSize::kib(500));
    assert!(Permits::of_machine(part).is_ok());
}
