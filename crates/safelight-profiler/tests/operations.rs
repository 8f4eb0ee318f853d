//! Runs, nesting, outcomes, reset and merge, on a clock that the tests own.

use std::{panic, sync::mpsc, thread, time::Duration};

use proptest::prelude::*;
use safelight_core::ManualClock;
use safelight_profiler::{Analysis, OperationCost, Profiler, Recording, Rules};

const MS: Duration = Duration::from_millis(1);

fn manual() -> (Profiler, ManualClock) {
    let clock = ManualClock::new();
    (Profiler::builder().clock(clock.clone()).without_cpu_clock().build(), clock)
}

fn costs_of(recording: &Recording) -> Vec<OperationCost> {
    Analysis::new(recording, &Rules::default()).operations
}

#[track_caller]
fn cost_of(recording: &Recording, name: &str) -> OperationCost {
    let cost = costs_of(recording).into_iter().find(|cost| cost.name == name);
    cost.expect("the operation ran")
}

#[test]
fn p01_off_records_nothing() {
    let profiler = Profiler::builder().enabled(false).build();
    let operation = profiler.operation("off");
    assert_eq!(operation.pixels(8, 8).measure(|| 7), 7);
    assert_eq!(profiler.recording().n_runs("off"), 0);

    profiler.set_enabled(true);
    operation.measure(|| ());
    assert_eq!(profiler.recording().n_runs("off"), 1);
}

#[test]
fn p06_outcomes_are_recorded_and_go_on() {
    let (profiler, _) = manual();
    let operation = profiler.operation("op");
    assert_eq!(operation.try_measure(|| Err::<(), _>("broken")), Err("broken"));
    assert_eq!(operation.try_measure(|| Ok::<_, ()>(3)), Ok(3));
    let caught = panic::catch_unwind(|| operation.measure(|| panic!("on purpose")));
    assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "on purpose");

    let cost = cost_of(&profiler.recording(), "op");
    let size = &cost.sizes[0];
    assert_eq!((size.n_runs, size.n_errors, size.n_panics), (3, 1, 1));
}

#[test]
fn p06_success_while_unwinding_is_no_panic() {
    struct CleansUp(Profiler);
    impl Drop for CleansUp {
        fn drop(&mut self) {
            self.0.operation("cleanup").measure(|| ());
        }
    }
    let (profiler, _) = manual();
    let cleans_up = CleansUp(profiler.clone());
    let unwound = panic::catch_unwind(move || {
        let _cleans_up = cleans_up;
        panic!("on purpose");
    });
    assert!(unwound.is_err());
    assert_eq!(cost_of(&profiler.recording(), "cleanup").sizes[0].n_panics, 0);
}

#[test]
fn p06_a_failure_does_not_look_like_speed() {
    let (profiler, clock) = manual();
    let operation = profiler.operation("op");
    operation.measure(|| clock.advance(10 * MS));
    for _ in 0..5 {
        let result = operation.try_measure(|| {
            clock.advance(MS);
            Err::<(), _>("broken")
        });
        assert!(result.is_err());
    }
    let cost = cost_of(&profiler.recording(), "op");
    let wall = cost.sizes[0].wall.expect("one run succeeded");
    assert_eq!((wall.mean, wall.max, cost.wall), (10 * MS, 10 * MS, 15 * MS));
}

#[test]
fn p06_operations_open_at_the_end_are_incomplete() {
    let (profiler, _) = manual();
    let (outer, inner) = (profiler.operation("outer"), profiler.operation("inner"));
    let open = outer.start();
    inner.measure(|| ());
    let (ready, is_ready) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let other = thread::spawn({
        let outer = outer.clone();
        move || {
            let _open = outer.start();
            ready.send(()).unwrap();
            ended.recv().unwrap_err();
        }
    });
    is_ready.recv().unwrap();
    assert_eq!(profiler.recording().incomplete(), [("outer".to_owned(), 2)]);
    drop(end);
    other.join().unwrap();
    drop(open);
    assert_eq!(profiler.recording().incomplete(), []);
    assert_eq!(profiler.recording().n_runs("outer"), 2);
}

#[test]
fn p07_self_time_excludes_the_inner_operation() {
    let (profiler, clock) = manual();
    let (outer, inner) = (profiler.operation("outer"), profiler.operation("inner"));
    outer.measure(|| {
        clock.advance(10 * MS);
        inner.measure(|| clock.advance(30 * MS));
        inner.measure(|| clock.advance(5 * MS));
        clock.advance(MS);
    });
    let recording = profiler.recording();
    let (outer, inner) = (cost_of(&recording, "outer"), cost_of(&recording, "inner"));
    assert_eq!((outer.wall, outer.self_wall), (46 * MS, 11 * MS));
    assert_eq!((inner.wall, inner.self_wall), (35 * MS, 35 * MS));
    assert!((outer.share.get() - 11.0 / 46.0).abs() < 1e-9);
}

#[test]
fn guards_may_end_in_any_order() {
    let (profiler, clock) = manual();
    let operation = profiler.operation("op");
    let (first, second) = (operation.start(), operation.start());
    clock.advance(MS);
    drop(first);
    let third = operation.start();
    clock.advance(MS);
    drop(second);
    assert_eq!(profiler.recording().incomplete(), [("op".to_owned(), 1)]);
    drop(third);
    assert_eq!(profiler.recording().incomplete(), []);
    assert_eq!(cost_of(&profiler.recording(), "op").wall, 4 * MS);
}

#[test]
fn too_deep_nesting_is_counted_as_lost() {
    let (profiler, _) = manual();
    let operation = profiler.operation("deep");
    let guards: Vec<_> = (0..70).map(|_| operation.start()).collect();
    drop(guards);
    assert_eq!(profiler.recording().n_runs("deep"), 64);
    assert_eq!(profiler.recording().n_lost(), 6);
}

#[test]
fn runs_of_threads_that_have_ended_are_there() {
    let profiler = Profiler::new();
    thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                let operation = profiler.operation("short");
                (0..7).for_each(|_| operation.measure(|| ()));
            });
        }
    });
    assert_eq!(profiler.recording().n_runs("short"), 700);
}

#[test]
fn two_profilers_on_one_thread_do_not_mix() {
    let (one, other) = (Profiler::new(), Profiler::new());
    let (in_one, in_other) = (one.operation("op"), other.operation("op"));
    for _ in 0..300 {
        in_one.measure(|| in_other.measure(|| ()));
    }
    drop(in_other);
    drop(other);
    in_one.measure(|| ());
    assert_eq!(one.recording().n_runs("op"), 301);
}

#[test]
fn reset_forgets_and_open_operations_still_count() {
    let (profiler, clock) = manual();
    let operation = profiler.operation("op");
    operation.measure(|| clock.advance(MS));
    let open = operation.start();
    profiler.reset();
    assert_eq!(profiler.recording().n_runs("op"), 0);
    clock.advance(2 * MS);
    drop(open);
    assert_eq!(cost_of(&profiler.recording(), "op").wall, 2 * MS);
}

/// One run: which operation, how long in microseconds, and its size.
fn runs() -> impl Strategy<Value = Vec<(usize, u64, u32)>> {
    prop::collection::vec((0..3_usize, 1..1_000_000_u64, 1..5_000_u32), 0..400)
}

fn record(runs: &[(usize, u64, u32)]) -> Recording {
    let (profiler, clock) = manual();
    let operations = ["a", "b", "c"].map(|name| profiler.operation(name));
    for &(idx, micros, side) in runs {
        let call = operations[idx].pixels(side, side).key(u64::from(side));
        call.measure(|| clock.advance(Duration::from_micros(micros)));
    }
    profiler.recording()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn merging_two_halves_is_like_recording_all(runs in runs(), at in 0.0..1.0) {
        let (first, second) = runs.split_at((runs.len() as f64 * at) as usize);
        let (whole, mut merged) = (record(&runs), record(first));
        merged.merge(&record(second));
        let (mut whole, mut merged) = (costs_of(&whole), costs_of(&merged));
        whole.sort_by(|a, b| a.name.cmp(&b.name));
        merged.sort_by(|a, b| a.name.cmp(&b.name));
        prop_assert_eq!(whole.len(), merged.len());
        for (wanted, got) in whole.iter().zip(&merged) {
            prop_assert_eq!((&wanted.name, wanted.wall), (&got.name, got.wall));
            prop_assert_eq!(wanted.repeats, got.repeats);
            for (wanted, got) in wanted.sizes.iter().zip(&got.sizes) {
                prop_assert_eq!(wanted, got);
            }
        }
    }

    #[test]
    fn totals_are_those_of_a_naive_model(runs in runs()) {
        let recording = record(&runs);
        let costs = costs_of(&recording);
        for (idx, name) in ["a", "b", "c"].into_iter().enumerate() {
            let own: Vec<_> = runs.iter().filter(|run| run.0 == idx).collect();
            prop_assert_eq!(recording.n_runs(name), own.len() as u64);
            let Some(cost) = costs.iter().find(|cost| cost.name == name) else {
                prop_assert!(own.is_empty());
                continue;
            };
            let micros = own.iter().map(|run| run.1).sum();
            prop_assert_eq!(cost.wall, Duration::from_micros(micros));
            let longest = cost.sizes.iter().filter_map(|size| Some(size.wall?.max)).max();
            let wanted = own.iter().map(|run| Duration::from_micros(run.1)).max();
            prop_assert_eq!(longest, wanted);
            let mut sides: Vec<u32> = own.iter().map(|run| run.2).collect();
            sides.sort_unstable();
            sides.dedup();
            let n_repeats = (own.len() - sides.len()) as u64;
            prop_assert_eq!(cost.repeats.n_repeats, n_repeats);
        }
    }
}
