//! The traits are usable as objects, behind `Arc`, and with closures.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use safelight_core::{
    ByteSize, Clock, Consumer, Cores, CpuClock, Observer, Pressure, Share, SystemClock,
};

struct Buffer(Mutex<ByteSize>);

impl Consumer for Buffer {
    fn usage(&self) -> ByteSize {
        *self.0.lock().expect("no test thread panics")
    }

    fn set_budget(&self, budget: ByteSize) {
        let mut held = self.0.lock().expect("no test thread panics");
        *held = budget.min(*held);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let mut held = self.0.lock().expect("no test thread panics");
        let freed = wanted.min(*held);
        *held -= freed;
        freed
    }
}

#[test]
fn every_trait_is_dyn_compatible() {
    let clock: &dyn Clock = &SystemClock;
    let cpu: &dyn CpuClock = &|| Some(Duration::ZERO);
    let observer: &dyn Observer<Pressure> = &();
    let consumer: &dyn Consumer = &Arc::new(Buffer(Mutex::new(ByteSize::mib(3))));

    assert!(clock.now() <= clock.now());
    assert_eq!(cpu.thread_cpu(), Some(Duration::ZERO));
    observer.observe(&Pressure::High);
    assert_eq!(consumer.reclaim(ByteSize::mib(1)), ByteSize::mib(1));
    consumer.set_budget(ByteSize::kib(1));
    assert_eq!(consumer.usage(), ByteSize::kib(1));
}

#[test]
fn a_pair_of_observers_hears_events_in_order() {
    let heard = Mutex::new(Vec::new());
    let hear = |name: &'static str, event: &u8| {
        heard.lock().expect("no test thread panics").push((name, *event));
    };
    let first = |event: &u8| hear("first", event);
    let second = |event: &u8| hear("second", event);
    (first, (second, ())).observe(&1);
    assert_eq!(
        *heard.lock().expect("no test thread panics"),
        [("first", 1), ("second", 1)]
    );
}

#[test]
fn shares_and_cores_hold_their_ranges() {
    assert_eq!([Share::new(-1.0), Share::new(f64::NAN)], [Share::ZERO; 2]);
    assert_eq!(Share::new(7.0), Share::ONE);
    assert_eq!(
        Cores::from_times(Duration::from_secs(1), Duration::ZERO),
        Cores::default()
    );
    assert!(Pressure::Elevated < Pressure::High);
}
