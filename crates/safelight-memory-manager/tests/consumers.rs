//! Room for permits that consumers make.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
    thread,
};

use safelight_core::{ByteSize, Consumer, Cost, Traits};
use safelight_memory_manager::{Permit, Permits, Reserve, ReserveError};

fn mib(n: u64) -> ByteSize {
    ByteSize::mib(n)
}

fn poll(reserve: &mut Reserve, waker: &Waker) -> Poll<Result<Permit, ReserveError>> {
    std::pin::Pin::new(reserve).poll(&mut Context::from_waker(waker))
}

/// A consumer that writes down what it is told; one that is stubborn keeps what it has.
struct Shelf {
    name: &'static str,
    held: AtomicU64,
    is_stubborn: AtomicBool,
    told: Arc<Mutex<Vec<String>>>,
}

impl Shelf {
    fn new(name: &'static str, held_mib: u64, told: &Arc<Mutex<Vec<String>>>) -> Self {
        let held = AtomicU64::new(mib(held_mib).bytes());
        Self { name, held, is_stubborn: AtomicBool::new(false), told: Arc::clone(told) }
    }

    fn tell(&self, text: &str) {
        let told = self.told.lock();
        told.unwrap_or_else(PoisonError::into_inner)
            .push(format!("{} {text}", self.name));
    }
}

impl Consumer for Shelf {
    fn usage(&self) -> ByteSize {
        ByteSize::from_bytes(self.held.load(SeqCst))
    }

    fn set_budget(&self, budget: ByteSize) {
        self.tell(&format!("may hold {budget}"));
        if !self.is_stubborn.load(SeqCst) {
            self.held.fetch_min(budget.bytes(), SeqCst);
        }
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        self.tell(&format!("gives {wanted}"));
        if self.is_stubborn.load(SeqCst) {
            return ByteSize::ZERO;
        }
        self.held.fetch_sub(wanted.bytes(), SeqCst);
        wanted
    }
}

fn traits(cost: Cost, priority: u8, floor_mib: u64) -> Traits {
    Traits { cost, priority, floor: mib(floor_mib), ..Traits::default() }
}

#[test]
fn m05_what_consumers_keep_in_any_case_can_never_be_granted() {
    let permits = Permits::new(mib(100));
    let told = Arc::default();
    let floor = traits(Cost::Free, 0, 30);
    let registration = permits.register(Shelf::new("a", 0, &told), floor, mib(50));
    let error = permits.try_reserve("panorama", mib(80)).unwrap_err();
    assert!(error.is_never_fits());
    assert!(
        error
            .to_string()
            .contains("the capacity is 100 MiB, of which consumers keep 30 MiB"),
        "{error}"
    );
    drop(registration);
    assert!(permits.try_reserve("panorama", mib(80)).is_ok());
}

#[test]
fn m05_consumers_give_the_cheapest_first_and_never_below_the_floor() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let permits = Permits::new(mib(100));
    let shelf = |name| Shelf::new(name, 20, &told);
    let _registered = [
        permits.register(shelf("reload"), traits(Cost::Reload, 0, 5), mib(30)),
        permits.register(shelf("high"), traits(Cost::Recompute, 9, 5), mib(20)),
        permits.register(shelf("low"), traits(Cost::Recompute, 1, 5), mib(20)),
        permits.register(shelf("free"), traits(Cost::Free, 9, 0), mib(20)),
    ];
    let ask = |n| {
        told.lock().unwrap().clear();
        let outcome = permits.try_reserve("job", mib(n));
        (outcome, told.lock().unwrap().join(", "))
    };
    // Ten are free, and ten more are not used by anybody.
    let (_first, text) = ask(10);
    assert_eq!(text, "");
    let (_second, text) = ask(10);
    assert_eq!(text, "reload may hold 20 MiB");
    let (_third, text) = ask(30);
    assert_eq!(
        text,
        "free gives 20 MiB, free may hold 0 B, low gives 10 MiB, low may hold 10 MiB"
    );
    // It would not be enough, so nobody is asked.
    let (failed, text) = ask(36);
    assert!(failed.unwrap_err().is_busy() && text.is_empty());
    let (_fourth, text) = ask(35);
    assert!(text.ends_with("reload gives 15 MiB, reload may hold 5 MiB"), "{text}");
    assert_eq!((permits.held(), permits.usage().free()), (mib(15), mib(0)));
    assert_eq!(permits.usage().reclaimed, mib(65));
}

#[test]
fn m05_a_consumer_that_keeps_what_it_has_is_not_counted_as_room() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let permits = Permits::new(mib(100));
    let shelf = Arc::new(Shelf::new("stubborn", 40, &told));
    shelf.is_stubborn.store(true, SeqCst);
    let registration = permits.register(shelf, Traits::default(), mib(40));
    assert!(permits.try_reserve("job", mib(80)).unwrap_err().is_busy());
    assert_eq!(registration.budget(), mib(40));
    // A wait ends where it leaves the list.
    let mut reserve = permits.reserve_async("job", mib(80));
    assert!(poll(&mut reserve, Waker::noop()).is_pending());
    drop(registration);
    assert!(matches!(poll(&mut reserve, Waker::noop()), Poll::Ready(Ok(_))));
}

#[test]
fn m05_a_consumer_that_kept_too_much_is_asked_again_when_something_is_given_back() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let permits = Permits::new(mib(100));
    let shelf = Arc::new(Shelf::new("a", 40, &told));
    shelf.is_stubborn.store(true, SeqCst);
    let _registered = permits.register(Arc::clone(&shelf), Traits::default(), mib(40));
    let job = permits.try_reserve("job", mib(10)).unwrap();
    let waker = Waker::noop();
    let mut second = permits.reserve_async("second", mib(80));
    assert!(poll(&mut second, waker).is_pending());
    let mut third = permits.reserve_async("third", mib(70));
    assert!(poll(&mut third, waker).is_pending());
    shelf.is_stubborn.store(false, SeqCst);
    // Giving back is not enough by itself: the consumer has to be asked.
    drop(job);
    let Poll::Ready(Ok(second)) = poll(&mut second, waker) else {
        panic!("there is room for it")
    };
    assert_eq!(permits.held(), mib(20));
    drop(second);
    assert!(matches!(poll(&mut third, waker), Poll::Ready(Ok(_))));
}

#[test]
fn m05_a_consumer_that_kept_too_much_is_told_more_again() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let permits = Permits::new(mib(100));
    let shelf = Arc::new(Shelf::new("a", 40, &told));
    shelf.is_stubborn.store(true, SeqCst);
    let _registered = permits.register(Arc::clone(&shelf), Traits::default(), mib(40));
    let busy = permits.try_reserve("job", mib(90)).unwrap_err();
    assert!(busy.is_busy());
    assert_eq!(told.lock().unwrap().last().unwrap(), "a may hold 10 MiB");
    permits.set_budgets(mib(40));
    assert_eq!(told.lock().unwrap().last().unwrap(), "a may hold 40 MiB");
}

#[test]
fn m05_budgets_come_back_when_the_work_is_done() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let permits = Permits::new(mib(100));
    let registration =
        permits.register(Shelf::new("a", 0, &told), traits(Cost::Free, 0, 10), mib(80));
    assert_eq!(registration.budget(), mib(80));
    let job = permits.try_reserve("job", mib(90)).unwrap();
    assert_eq!(registration.budget(), mib(10));
    permits.set_budgets(mib(80));
    assert_eq!(registration.budget(), mib(10));
    drop(job);
    permits.set_budgets(mib(50));
    assert_eq!(registration.budget(), mib(50));
    permits.set_budgets(ByteSize::MAX);
    assert_eq!(registration.budget(), mib(80));
    permits.set_capacity(mib(60));
    assert_eq!(registration.budget(), mib(60));
}

#[test]
fn m05_a_consumer_may_call_back() {
    struct Calls(Permits, Mutex<Option<Permit>>);
    impl Consumer for Calls {
        fn usage(&self) -> ByteSize {
            self.1.lock().unwrap().as_ref().map_or(ByteSize::ZERO, Permit::bytes)
        }
        fn set_budget(&self, _: ByteSize) {
            assert!(self.0.try_reserve("own", mib(99)).is_err());
            // Its values are held by a permit of the same capacity.
            self.1.lock().unwrap().take();
        }
        fn reclaim(&self, _: ByteSize) -> ByteSize {
            ByteSize::ZERO
        }
    }
    let permits = Permits::new(mib(100));
    let own = permits.try_reserve("own", mib(10)).unwrap();
    let calls = Calls(permits.clone(), Mutex::new(Some(own)));
    let _registered = permits.register(calls, Traits::default(), mib(20));
    assert!(permits.try_reserve("job", mib(90)).is_ok());
}

#[test]
fn m05_a_consumer_that_panics_stops_nobody_else() {
    struct Panics;
    impl Consumer for Panics {
        fn usage(&self) -> ByteSize {
            mib(50)
        }
        fn set_budget(&self, budget: ByteSize) {
            assert!(mib(50) <= budget, "it panics");
        }
        fn reclaim(&self, _: ByteSize) -> ByteSize {
            ByteSize::ZERO
        }
    }
    let permits = Permits::new(mib(100));
    let registered = permits.register(Panics, Traits::default(), mib(60));
    let pool = permits.clone();
    let job = thread::spawn(move || pool.try_reserve("job", mib(80)).is_ok());
    assert!(job.join().is_err());
    // Nothing is granted on what it did not give, and the others go on.
    let usage = permits.usage();
    assert_eq!((usage.allotted, usage.granted, usage.n_waiting), (mib(60), mib(0), 0));
    assert!(permits.try_reserve("job", mib(45)).is_ok());
    drop(registered);
    let told = Arc::default();
    let shelf = permits.register(Shelf::new("a", 0, &told), Traits::default(), mib(50));
    assert_eq!(shelf.budget(), mib(50));
    assert!(permits.try_reserve("job", mib(100)).is_ok());
}

/// A shelf of which the calls panic while it is broken.
struct Breaks(Shelf, AtomicBool);

impl Consumer for Breaks {
    fn usage(&self) -> ByteSize {
        self.0.usage()
    }

    fn set_budget(&self, budget: ByteSize) {
        assert!(!self.1.load(SeqCst), "it is broken");
        self.0.set_budget(budget);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        self.0.reclaim(wanted)
    }
}

#[test]
fn m05_after_a_panic_all_are_told_what_they_should_have_been() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let permits = Permits::new(mib(200));
    let breaks = Breaks(Shelf::new("breaks", 40, &told), AtomicBool::new(false));
    let breaks = Arc::new(breaks);
    let _registered = [
        permits.register(Shelf::new("before", 40, &told), Traits::default(), mib(50)),
        permits.register(Arc::clone(&breaks), Traits::default(), mib(50)),
        permits.register(Shelf::new("after", 40, &told), Traits::default(), mib(50)),
    ];
    breaks.1.store(true, SeqCst);
    let pool = permits.clone();
    assert!(thread::spawn(move || pool.set_budgets(mib(30))).join().is_err());
    // The one that broke counts with what it had, and the others were told all the same.
    assert_eq!(permits.usage().allotted, mib(10 + 50 + 10));
    // A new one is not left on the list by a panic that it does not know of.
    let pool = permits.clone();
    let late = Shelf::new("late", 0, &told);
    let late = move || drop(pool.register(late, Traits::default(), mib(50)));
    assert!(thread::spawn(late).join().is_err());
    assert_eq!(permits.usage().configured, mib(150));
    // An action reaches those after it too, and what they gave is counted.
    let (pool, before) = (permits.clone(), permits.usage().reclaimed);
    assert_eq!(pool.reclaim(mib(200)), mib(10 + 10 + 10));
    assert_eq!(permits.usage().reclaimed, before + mib(30));
    breaks.1.store(false, SeqCst);
    permits.set_budgets(mib(30));
    assert_eq!(permits.usage().allotted, mib(30));
    told.lock().unwrap().clear();
    permits.set_budgets(mib(150));
    assert_eq!(
        told.lock().unwrap().join(", "),
        "after may hold 50 MiB, breaks may hold 50 MiB, before may hold 50 MiB"
    );
}

/// Gives nothing, and gives up a wait each time it is asked.
struct GivesUp(Permits);

impl Consumer for GivesUp {
    fn usage(&self) -> ByteSize {
        mib(40)
    }

    fn set_budget(&self, _: ByteSize) {}

    fn reclaim(&self, _: ByteSize) -> ByteSize {
        let mut reserve = self.0.reserve_async("spill", mib(1));
        assert!(poll(&mut reserve, Waker::noop()).is_pending());
        ByteSize::ZERO
    }
}

#[test]
fn m05_consumers_that_give_up_waits_as_they_are_asked_are_not_asked_for_ever() {
    let permits = Permits::new(mib(100));
    let _registered = [0, 1]
        .map(|_| permits.register(GivesUp(permits.clone()), Traits::default(), mib(50)));
    let mut reserve = permits.reserve_async("job", mib(80));
    assert!(poll(&mut reserve, Waker::noop()).is_pending());
}

#[test]
fn m04_less_when_there_is_plenty_is_no_more_when_there_is_not() {
    let told = Arc::default();
    let permits = Permits::new(mib(1000));
    let shelf = Shelf::new("a", 0, &told);
    let registration = permits.register(shelf, Traits::default(), mib(80));
    permits.set_budgets(mib(20));
    registration.set_configured(mib(60));
    assert_eq!(registration.budget(), mib(20));
    registration.set_configured(mib(10));
    assert_eq!(registration.budget(), mib(10));
    registration.set_configured(mib(90));
    assert_eq!(registration.budget(), mib(90));
}

/// The same capacity again is no reason to ask one that kept too much: this one would be asked
/// for ever by whoever sets what it wanted, as the facade does.
#[test]
fn m05_the_same_capacity_asks_nobody() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let permits = Permits::new(mib(100));
    let shelf = Arc::new(Shelf::new("a", 90, &told));
    shelf.is_stubborn.store(true, SeqCst);
    let _registered = permits.register(Arc::clone(&shelf), Traits::default(), mib(90));
    permits.set_capacity(mib(60));
    let n_told = told.lock().unwrap().len();
    assert_eq!(told.lock().unwrap().last().unwrap(), "a may hold 60 MiB");
    permits.set_capacity(mib(60));
    assert_eq!(told.lock().unwrap().len(), n_told);
    // A lower one is.
    permits.set_capacity(mib(50));
    assert_eq!(told.lock().unwrap().last().unwrap(), "a may hold 50 MiB");
}

#[test]
fn m07_a_consumer_that_comes_or_goes_leaves_the_others_what_they_may_have() {
    let told = Arc::default();
    let permits = Permits::new(mib(1000));
    let first =
        permits.register(Shelf::new("first", 0, &told), Traits::default(), mib(100));
    permits.set_budgets(mib(50));
    for _ in 0..3 {
        let shelf = Shelf::new("second", 0, &told);
        let second = permits.register(shelf, Traits::default(), mib(100));
        assert_eq!((first.budget(), second.budget()), (mib(50), mib(100)));
    }
    permits.set_capacity(mib(900));
    assert_eq!(first.budget(), mib(50));
}

/// What a coordinator said before it knew of a consumer says nothing of that one.
#[test]
fn m04_a_new_consumer_takes_nothing_from_those_that_are_there() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let permits = Permits::new(mib(1000));
    permits.set_budgets(ByteSize::ZERO);
    let first =
        permits.register(Shelf::new("first", 40, &told), Traits::default(), mib(50));
    assert_eq!(first.budget(), mib(50));
    permits.set_budgets(mib(50));
    told.lock().unwrap().clear();
    let second =
        permits.register(Shelf::new("second", 0, &told), Traits::default(), mib(50));
    assert_eq!((first.budget(), second.budget()), (mib(50), mib(50)));
    assert!(told.lock().unwrap().iter().all(|call: &String| !call.starts_with("first")));
}

#[test]
fn x03_what_a_consumer_may_hold_changes_while_it_is_registered() {
    let permits = Permits::new(mib(100));
    let told = Arc::new(Mutex::new(Vec::new()));
    let shelf = Arc::new(Shelf::new("a", 20, &told));
    let floor = traits(Cost::Free, 0, 30);
    let registration = permits.register(Arc::clone(&shelf), floor, mib(40));
    registration.set_configured(mib(10));
    // Its floor counts for what is configured at most.
    assert_eq!((registration.budget(), shelf.usage()), (mib(10), mib(10)));
    assert!(permits.try_reserve("job", mib(90)).is_ok());
    registration.set_configured(mib(200));
    assert_eq!(registration.budget(), mib(100));
    assert_eq!(permits.usage().configured, mib(200));
}
