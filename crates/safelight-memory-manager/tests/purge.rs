//! What consumers let go of is handed back to the system, and what is retained is told.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use safelight_core::{ByteSize, Clock, Consumer, ManualClock, Pressure, Traits};
use safelight_memory_manager::{Config, Control, Event, Permits, Reading};

const SECOND: Duration = Duration::from_secs(1);

fn mib(n: u64) -> ByteSize {
    ByteSize::mib(n)
}

/// A reading with so many per cent used.
fn used(percent: u64) -> Reading {
    Reading { limit: mib(1000), used: mib(10 * percent) }
}

/// Keeps what it has, up to its budget.
struct Shelf(AtomicU64);

impl Shelf {
    fn new(held_mib: u64) -> Arc<Self> {
        Arc::new(Self(mib(held_mib).bytes().into()))
    }

    fn fill(&self, held_mib: u64) {
        self.0.store(mib(held_mib).bytes(), SeqCst);
    }
}

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

type Told = Arc<Mutex<Vec<Event>>>;

/// Makes a control that tells, and one that counts its purges.
fn control(permits: &Permits) -> (Control, Told, Arc<AtomicU64>) {
    let (told, n_purges) = (Told::default(), Arc::new(AtomicU64::new(0)));
    let (seen, counted) = (Arc::clone(&told), Arc::clone(&n_purges));
    let control = Control::new(permits.clone(), Config::default())
        .with_observer(move |event: &Event| {
            seen.lock().expect("nobody panics").push(*event);
        })
        .with_purge(move || {
            counted.fetch_add(1, SeqCst);
        });
    (control, told, n_purges)
}

#[test]
fn m03_the_purge_is_called_after_requests_and_at_most_once_in_a_cool_down() {
    let permits = Permits::new(mib(100));
    let shelf = Shelf::new(90);
    let _registered = permits.register(Arc::clone(&shelf), Traits::default(), mib(90));
    let (mut control, told, n_purges) = control(&permits);
    let clock = ManualClock::new();
    let mut step = |reading: Reading| {
        clock.advance(SECOND);
        control.step(&reading, clock.now());
        n_purges.load(SeqCst)
    };
    // Nothing was let go of.
    assert_eq!((0..10).map(|_| step(used(10))).max(), Some(0));
    // A request has the consumer let go; it is not the one that purges.
    drop(permits.try_reserve("decode", mib(40)).unwrap());
    assert_eq!(told.lock().unwrap().len(), 0);
    assert_eq!(step(used(10)), 1);
    assert_eq!(*told.lock().unwrap(), [Event::Purged { let_go: mib(30) }]);
    assert_eq!((0..10).map(|_| step(used(10))).max(), Some(1));
    // Request after request: the next purge is for all of them.
    let purges: Vec<u64> = (0..11)
        .map(|_| {
            shelf.fill(90);
            drop(permits.try_reserve("decode", mib(20)).unwrap());
            step(used(10))
        })
        .collect();
    assert_eq!(purges, [2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4]);
    let told = told.lock().unwrap();
    let let_go = told.iter().map(|event| match event {
        Event::Purged { let_go } => *let_go,
        other => panic!("{other:?}"),
    });
    assert_eq!(let_go.collect::<Vec<_>>(), [mib(30), mib(10), mib(50), mib(50)]);
}

#[test]
fn m03_the_purge_is_called_after_lower_budgets_and_at_once_after_an_action() {
    let permits = Permits::new(mib(1000));
    let shelf = Shelf::new(100);
    let _registered = permits.register(Arc::clone(&shelf), Traits::default(), mib(100));
    let (mut control, told, n_purges) = control(&permits);
    let clock = ManualClock::new();
    // A fifth of the 300 MiB that are available and the 100 MiB held; no level begins.
    control.step(&used(70), clock.now());
    assert_eq!((control.level(), n_purges.load(SeqCst)), (Pressure::Normal, 1));
    clock.advance(SECOND);
    control.step(&used(96), clock.now());
    assert_eq!(n_purges.load(SeqCst), 2);
    let let_go: Vec<_> = told.lock().unwrap().iter().filter_map(purged).collect();
    assert_eq!(let_go, [mib(20), mib(80)]);
    // An action that brings nothing is no reason.
    clock.advance(Duration::from_mins(1));
    control.step(&used(96), clock.now());
    assert_eq!((control.journal().entries().len(), n_purges.load(SeqCst)), (2, 2));
}

fn purged(event: &Event) -> Option<ByteSize> {
    let Event::Purged { let_go } = event else { return None };
    Some(*let_go)
}

#[test]
fn m03_what_is_retained_is_told_once_by_the_next_reading() {
    let permits = Permits::new(mib(1000));
    let _registered = permits.register(Shelf::new(100), Traits::default(), mib(100));
    let (mut control, told, _) = control(&permits);
    let clock = ManualClock::new();
    for percent in [96, 92, 91] {
        control.step(&used(percent), clock.now());
        clock.advance(SECOND);
    }
    let told = told.lock().unwrap();
    let settled = told.iter().filter_map(|event| match event {
        Event::Settled(entry) => Some(entry),
        _ => None,
    });
    let settled: Vec<_> = settled.collect();
    assert_eq!(settled, control.journal().entries().collect::<Vec<_>>());
    assert_eq!((settled[0].receipt, settled[0].retained()), (mib(100), Some(mib(60))));
}

#[test]
fn m03_a_panic_loses_no_entry_and_no_purge() {
    let permits = Permits::new(mib(1000));
    let shelf = Shelf::new(100);
    let _registered = permits.register(Arc::clone(&shelf), Traits::default(), mib(100));
    let n_purges = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&n_purges);
    let mut control = Control::new(permits, Config::default())
        .with_observer(|event: &Event| {
            assert!(!matches!(event, Event::Changed { .. }), "the observer fails");
        })
        .with_purge(move || {
            counted.fetch_add(1, SeqCst);
            panic!("so does the purge");
        });
    let clock = ManualClock::new();
    let mut step = |percent| {
        let step = || control.step(&used(percent), clock.now());
        let outcome = catch_unwind(AssertUnwindSafe(step));
        clock.advance(SECOND);
        let entries: Vec<_> = control.journal().entries().map(|e| e.receipt).collect();
        (outcome.is_err(), entries, n_purges.load(SeqCst))
    };
    // The level changes, and the observer panics.
    assert_eq!(step(96), (true, vec![mib(100)], 0));
    // What was let go of is not forgotten, and a purge that panics is not called each time.
    assert_eq!(step(96), (true, vec![mib(100)], 1));
    for _ in 0..3 {
        assert_eq!(step(96), (false, vec![mib(100)], 1));
    }
    assert_eq!(step(96), (false, vec![mib(100), ByteSize::ZERO], 1));
}
