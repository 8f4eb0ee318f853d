//! What the progress monitor claims of its updates, and of what it tells.

use std::{
    sync::{Barrier, Mutex, PoisonError},
    thread,
};

use safelight_alloc::{Span, TrackingAlloc};
use safelight_benches::progress::{
    incidents::{SCRIPTS, play},
    time_left,
    trace::{Kind, Trace},
};
use safelight_progress_monitor::Monitor;

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[test]
fn g01_after_the_first_one_of_a_thread_no_update_allocates() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let tracker = Monitor::new().tracker("images");
    let first = Span::measure(|| tracker.add(1)).1;
    assert!(0 < first.allocations, "the first one makes the cell, so they are counted");
    let both = Barrier::new(2);
    let count = || {
        tracker.add(1);
        let local = tracker.local();
        both.wait();
        let ((), usage) = Span::measure(|| {
            for _ in 0..100_000 {
                tracker.add(1);
                local.add(1);
            }
        });
        usage.allocations
    };
    let allocations = thread::scope(|scope| {
        let other = scope.spawn(count);
        [count(), other.join().unwrap()]
    });
    assert_eq!(allocations, [0, 0]);
    assert_eq!(tracker.n_done(), 1 + 2 * (1 + 200_000));
}

#[test]
fn g09_no_incident_is_missed_and_a_wavering_value_is_told_of_once() {
    for script in SCRIPTS {
        let told = play(script, 1).unwrap();
        println!("{told:?}");
        assert_eq!(told.n_missed, 0, "{told:?}");
        if let Some(n_crossings) = told.n_crossings {
            assert_eq!(told.n_notified, told.n_incidents, "{told:?}");
            assert!(2 * told.n_incidents < n_crossings, "it wavers: {told:?}");
        }
    }
}

#[test]
fn g09_one_cause_is_one_notification() {
    for script in SCRIPTS {
        let (mut n_notified, mut n_incidents) = (0, 0);
        for seed in 0..3 {
            let told = play(script, seed).unwrap();
            assert_eq!(told.n_missed, 0, "{told:?}");
            n_notified += told.n_notified;
            n_incidents += told.n_incidents;
        }
        let per_incident = n_notified as f64 / n_incidents as f64;
        println!("{}: {per_incident:.3}", script.name);
        assert!(per_incident <= 1.05, "{}: {per_incident}", script.name);
    }
}

#[test]
fn the_time_left_is_scored_on_jobs_that_end() {
    for kind in Kind::ALL {
        let trace = Trace::new(kind, 0);
        assert_eq!(trace.n_done(trace.length()), Trace::N_ITEMS);
        assert!(trace.n_done(0.99 * trace.length()) < Trace::N_ITEMS);
    }
    // A constant job is foretold nearly right by both.
    let ours = time_left::ours(Kind::Constant).unwrap();
    let mean = time_left::mean_of_all(Kind::Constant);
    assert!(ours.error < 0.05 && mean.error < 0.05, "{ours:?} {mean:?}");
    assert!(ours.jitter < 1.0 && mean.jitter < 1.0, "{ours:?} {mean:?}");
    let rich = time_left::rich(Kind::Constant);
    assert!(rich.error < 0.05 && rich.jitter < 2.0, "{rich:?}");
    // After a warm-up the mean is far off: it goes on to hope for what came first.
    let off = time_left::mean_of_all(Kind::WarmUp);
    assert!(2.0 * mean.error < off.error, "{off:?} {mean:?}");
}
