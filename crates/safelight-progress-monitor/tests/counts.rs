//! Counts are exact whatever threads do, and an update allocates nothing.

use std::{
    io::{Read, copy, sink},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use proptest::prelude::*;
use safelight_alloc::{Span, TrackingAlloc};
use safelight_core::{Clock, ManualClock};
use safelight_progress_monitor::{
    Collector, Config, Monitor, Reading, TrackIterator, TrackRead, Tracker,
};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

#[test]
fn g01_counts_are_exact_under_contention_and_when_threads_end() {
    let monitor = Monitor::new();
    let (first, second) = (monitor.tracker("first"), monitor.tracker("second"));
    for round in 1..=5_u64 {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let local = second.local();
                    for _ in 0..1000 {
                        first.add(1);
                        second.add(2);
                        local.add(3);
                    }
                });
            }
        });
        assert_eq!((first.n_done(), second.n_done()), (round * 8000, round * 40_000));
    }
}

/// Counts when it is dropped, which is while its thread is torn down.
struct Last(Tracker);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.add(5);
    }
}

thread_local! {
    static EARLY: std::cell::RefCell<Option<Last>> = const { std::cell::RefCell::new(None) };
}

#[test]
fn g01_updates_of_a_thread_that_is_being_torn_down_count() {
    let tracker = Monitor::new().tracker("work");
    let theirs = tracker.clone();
    let worker = thread::spawn(move || {
        // It is dropped before the thread's cells or after them: both must count.
        EARLY.with(|last| *last.borrow_mut() = Some(Last(theirs.clone())));
        theirs.add(1);
    });
    // A scope would not wait for what is dropped last.
    worker.join().unwrap();
    assert_eq!(tracker.n_done(), 6);
}

#[test]
fn g01_a_tracker_outlives_monitor_and_collector() {
    let monitor = Monitor::new();
    let tracker = monitor.tracker("work");
    let collector = Collector::new(&monitor, Config::default()).unwrap();
    drop((monitor, collector));
    tracker.add(1);
    let child = tracker.child("part");
    tracker.message("nobody hears this");
    tracker.tracked(|| child.add(1));
    tracker.finish();
    tracker.add(1);
    assert_eq!((tracker.n_done(), child.n_done()), (3, 1));
}

#[test]
fn g01_many_short_trackers_on_one_thread_count_each_for_itself() {
    let monitor = Monitor::new();
    let long = monitor.tracker("long");
    for n in 0..2000 {
        let short = monitor.tracker("short");
        short.add(n);
        long.add(1);
        assert_eq!(short.n_done(), n);
    }
    assert_eq!(long.n_done(), 2000);
}

proptest! {
    /// Any order of updates by two threads, on handles that come and go, against a sum.
    #[test]
    fn g01_any_sequence_agrees_with_a_plain_sum(
        updates in prop::collection::vec((0_usize..4, 0_u64..1000, any::<bool>()), 0..200),
    ) {
        let monitor = Monitor::new();
        let trackers: Vec<Tracker> = (0..4).map(|_| monitor.tracker("t")).collect();
        let mut sums = [0_u64; 4];
        let (left, right) = updates.split_at(updates.len() / 2);
        thread::scope(|scope| {
            for half in [left, right] {
                let trackers = &trackers;
                scope.spawn(move || {
                    for (idx, n, is_local) in half {
                        if *is_local {
                            trackers[*idx].local().add(*n);
                        } else {
                            trackers[*idx].clone().add(*n);
                        }
                    }
                });
            }
        });
        for (idx, n, _) in &updates {
            sums[*idx] += n;
        }
        let counts: Vec<u64> = trackers.iter().map(Tracker::n_done).collect();
        prop_assert_eq!(counts, sums);
    }
}

#[test]
fn g01_an_update_allocates_nothing() {
    let monitor = Monitor::new();
    let trackers: Vec<Tracker> = (0..100).map(|_| monitor.tracker("t")).collect();
    let local = trackers[0].local();
    // The first one of a thread makes its cell.
    for tracker in &trackers {
        tracker.add(1);
    }
    let ((), usage) = Span::measure(|| {
        for _ in 0..1000 {
            for tracker in &trackers {
                tracker.add(1);
            }
            local.add(1);
        }
    });
    assert_eq!((usage.allocations, usage.peak_bytes), (0, 0));
}

#[test]
fn g01_a_timed_update_allocates_nothing() {
    let tracker = Monitor::new().tracker("t");
    let mut updates: Vec<_> = (0..32).map(|_| tracker.start()).collect();
    let mut turn = || {
        for idx in 0..32 {
            let update = std::mem::replace(&mut updates[idx * 7 % 32], tracker.start());
            if idx % 5 == 0 { drop(update) } else { update.finish() }
        }
    };
    turn();
    let ((), usage) = Span::measure(|| (0..100).for_each(|_| turn()));
    assert_eq!((usage.allocations, usage.peak_bytes), (0, 0));
}

/// What the collector counted, and how many it shows.
fn looked(collector: &mut Collector) -> (u64, usize) {
    let now = safelight_core::SystemClock.now();
    let n_shown = collector.step(now, &Reading::default()).trackers.len();
    (collector.n_done(), n_shown)
}

#[test]
fn g01_a_tracker_is_not_finished_while_something_can_count() {
    let monitor = Monitor::new();
    let mut collector = Collector::new(&monitor, Config::default()).unwrap();
    let tracker = monitor.tracker("work");
    let (local, update) = (tracker.local(), tracker.start());
    drop(tracker);
    for n in 0..3 {
        assert_eq!(looked(&mut collector), (n, 1));
        local.add(1);
    }
    drop(local);
    assert_eq!(looked(&mut collector), (3, 1));
    update.finish();
    assert_eq!(looked(&mut collector), (4, 1));
    assert!(collector.frame().trackers[0].is_finished);
    assert_eq!(looked(&mut collector), (4, 0));
}

#[test]
fn g01_what_is_counted_after_the_end_counts() {
    let monitor = Monitor::new();
    let mut collector = Collector::new(&monitor, Config::default()).unwrap();
    let tracker = monitor.tracker("work");
    tracker.finish();
    looked(&mut collector);
    tracker.add(3);
    assert_eq!(looked(&mut collector), (3, 0));
    let local = tracker.local();
    drop(tracker);
    local.add(4);
    drop(local);
    for _ in 0..2 {
        assert_eq!(looked(&mut collector), (7, 0));
    }
}

#[test]
fn iterators_count_an_item_when_the_next_one_is_asked_for() {
    let tracker = Monitor::new().tracker("items");
    let mut items = [7, 8, 9].iter().tracked(&tracker);
    assert_eq!((items.len(), tracker.total()), (3, Some(3)));
    assert_eq!(items.next_back(), Some(&9));
    assert_eq!(tracker.n_done(), 0);
    assert_eq!(items.next(), Some(&7));
    assert_eq!(tracker.n_done(), 1);
    drop(items);
    assert_eq!(tracker.n_done(), 2);

    let broken = catch_unwind(AssertUnwindSafe(|| {
        (0..3).tracked(&tracker).for_each(|n| assert!(n < 1, "broken"));
    }));
    assert!(broken.is_err());
    assert_eq!(tracker.n_done(), 3, "the item whose work panicked does not count");
}

#[test]
fn a_total_that_was_set_stays() {
    let tracker = Monitor::new().tracker("items");
    tracker.set_total(10);
    assert_eq!((0..3).tracked(&tracker).count(), 3);
    assert_eq!((tracker.n_done(), tracker.total()), (3, Some(10)));
    tracker.clear_total();
    assert_eq!((0..5).filter(|n| n % 2 == 0).tracked(&tracker).count(), 3);
    assert_eq!(tracker.total(), None, "it is not known how many pass");
}

#[test]
fn readers_count_bytes() {
    let tracker = Monitor::new().tracker("bytes");
    let bytes = vec![1; 100_000];
    copy(&mut bytes.as_slice().take(70_000).tracked_bytes(&tracker), &mut sink())
        .unwrap();
    assert_eq!(tracker.n_done(), 70_000);
}

#[cfg(feature = "rayon")]
#[test]
fn parallel_iterators_count_and_stay_indexed() {
    use rayon::prelude::*;
    use safelight_progress_monitor::TrackParallelIterator;

    let tracker = Monitor::new().tracker("items");
    let items: Vec<u32> = (0..10_000).collect();
    let doubled: Vec<u32> =
        TrackParallelIterator::tracked(items.par_iter().map(|n| n * 2), &tracker)
            .enumerate()
            .map(|(idx, n)| n - idx as u32)
            .collect();
    assert_eq!(doubled, items);
    assert_eq!((tracker.n_done(), tracker.total()), (10_000, Some(10_000)));
    // It is not known how many pass.
    let some = Monitor::new().tracker("some");
    let even = items.par_iter().filter(|n| **n % 2 == 0);
    assert_eq!(TrackParallelIterator::tracked(even, &some).count(), 5000);
    assert_eq!(some.total(), None);
}

#[test]
fn functions_and_futures_are_timed_from_their_beginning_to_their_end() {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, Config::default()).unwrap();
    let longest = |collector: &mut Collector, name: &str| {
        let frame = collector.step(clock.now(), &Reading::default());
        let shown = frame.trackers.iter().find(|shown| &*shown.name == name);
        let shown = shown.expect("it is there");
        (shown.n_done, shown.longest, shown.n_in_flight, shown.n_abandoned)
    };

    monitor.tracked("function", || clock.advance(Duration::from_millis(30)));
    let took = Some(Duration::from_millis(30));
    assert_eq!(longest(&mut collector, "function"), (1, took, 0, 0));

    let tracker = monitor.tracker("future");
    let mut n_polls = 0;
    let mut work = std::pin::pin!(tracker.tracked_future(std::future::poll_fn(|_| {
        n_polls += 1;
        clock.advance(Duration::from_millis(5));
        if n_polls < 3 { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    // What passes before the first poll is not the future's.
    clock.advance(Duration::from_secs(9));
    for _ in 0..3 {
        clock.advance(Duration::from_millis(10));
        let _ = work.as_mut().poll(&mut context);
    }
    // Three polls of 5 ms with 10 ms before the second and the third one.
    let took = Some(Duration::from_millis(35));
    assert_eq!(longest(&mut collector, "future"), (1, took, 0, 0));

    let mut cancelled = Box::pin(tracker.tracked_future(std::future::pending::<()>()));
    assert!(cancelled.as_mut().poll(&mut context).is_pending());
    assert_eq!(longest(&mut collector, "future"), (1, took, 1, 0));
    drop(cancelled);
    assert_eq!(longest(&mut collector, "future"), (1, took, 0, 1));

    let broken = catch_unwind(AssertUnwindSafe(|| tracker.tracked(|| panic!("broken"))));
    assert!(broken.is_err());
    assert_eq!(longest(&mut collector, "future"), (1, took, 0, 2));
}

#[test]
fn the_same_name_is_the_same_tracker_also_from_many_threads() {
    let monitor = Monitor::new();
    let seen = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    monitor.tracked("work", || {
                        *seen.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                    });
                }
            });
        }
    });
    let mut collector = Collector::new(&monitor, Config::default()).unwrap();
    let now = safelight_core::SystemClock.now();
    collector.step(now, &Reading::default());
    let frame = collector.step(now, &Reading::default());
    let counts: Vec<u64> = frame.trackers.iter().map(|shown| shown.n_done).collect();
    assert_eq!(counts, [400]);
}
