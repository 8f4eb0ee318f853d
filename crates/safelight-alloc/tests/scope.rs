//! Scopes add up threads: exact once all have left, within the slack before.

use std::{
    hint::black_box,
    panic,
    sync::{Barrier, Mutex, PoisonError},
    thread,
};

use proptest::{collection::vec, prelude::*};
use safelight_alloc::{SLACK, Scope, ScopeUsage, Span, TrackingAlloc, Usage};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

const MIB: usize = 1 << 20;

fn block(bytes: usize) -> Vec<u8> {
    black_box(Vec::with_capacity(bytes))
}

#[test]
fn two_workers_add_up() {
    let scope = Scope::new();
    let meet = Barrier::new(2);
    let work = || {
        let kept = block(8 * MIB);
        meet.wait();
        drop(kept);
    };
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| scope.enter(work));
        }
    });
    let usage = scope.usage();
    assert_eq!(usage.current_bytes, 0);
    // Each of the two blocks is far over the slack, so nothing is held back.
    assert_eq!(usage.peak_bytes, 16 << 20);
    assert_eq!((usage.allocated_bytes, usage.allocations), (16 << 20, 2));
    assert_eq!(usage.slack_bytes, 2 * SLACK);
}

#[test]
fn work_before_and_after_is_not_in_it() {
    let scope = Scope::new();
    let early = block(1_000);
    scope.enter(|| ());
    drop(early);
    let usage = scope.usage();
    assert_eq!((usage.current_bytes, usage.peak_bytes, usage.allocations), (0, 0, 0));
}

#[test]
fn reading_inside_knows_the_readers_own_part() {
    let scope = Scope::new();
    scope.enter(|| {
        let kept = block(100);
        assert_eq!(scope.usage().current_bytes, 100);
        drop(kept);
    });
    assert_eq!(scope.usage().allocations, 1);
}

#[test]
fn freeing_counts_where_it_happens() {
    let scope = Scope::new();
    let foreign = block(MIB);
    scope.enter(|| drop(foreign));
    assert_eq!(scope.usage().current_bytes, -(1 << 20));
    assert_eq!(scope.usage().peak_bytes, 0);
}

#[test]
fn outer_is_charged_once_for_a_child_entered_inside() {
    let outer = Scope::new();
    let inner = outer.child();
    let kept = outer.enter(|| {
        let first = block(100);
        let second = inner.enter(|| block(1_000));
        (first, second, block(10_000))
    });
    assert_eq!(inner.usage().current_bytes, 1_000);
    assert_eq!(outer.usage().current_bytes, 11_100);
    assert_eq!(outer.usage().allocations, 3);
    drop(kept);
}

#[test]
fn unrelated_scope_takes_over_while_it_lasts() {
    let stranger = Scope::new();
    let own = Scope::new();
    let kept = own.enter(|| (block(100), stranger.enter(|| block(1_000))));
    assert_eq!(own.usage().current_bytes, 100);
    assert_eq!(stranger.usage().current_bytes, 1_000);
    drop(kept);
}

#[test]
fn baseline_counts_before_the_workers() {
    let operation = Span::start();
    let input = block(3 * MIB);
    drop(block(2 * MIB));
    let so_far = operation.so_far();
    let scope = Scope::new().with_baseline(so_far);
    assert_eq!(
        (scope.usage().current_bytes, scope.usage().peak_bytes),
        (3 << 20, 5 << 20)
    );
    thread::scope(|threads| {
        threads.spawn(|| scope.enter(|| drop(block(4 * MIB))));
    });
    assert_eq!(
        (scope.usage().current_bytes, scope.usage().peak_bytes),
        (3 << 20, 7 << 20)
    );
    assert_eq!(scope.usage().allocations, 3);
    drop(input);
}

#[test]
fn absorbed_work_is_not_passed_to_the_parent() {
    let parent = Scope::new();
    let child = parent.child();
    child.absorb(Usage { peak_bytes: 9, net_bytes: 5, ..Usage::default() });
    child.absorb(Usage { peak_bytes: 1, net_bytes: -2, ..Usage::default() });
    assert_eq!((child.usage().current_bytes, child.usage().peak_bytes), (3, 9));
    assert_eq!(parent.usage(), ScopeUsage::default());
}

#[test]
fn panic_leaves_the_scope() {
    let scope = Scope::new();
    let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        scope.enter(|| panic::resume_unwind(Box::new(block(MIB))));
    }));
    let outside = block(7 * MIB);
    let payload = caught.expect_err("the work panics");
    let in_scope = scope.usage().current_bytes;
    // The payload, its box, and what unwinding itself allocates; not what came after.
    assert!(((1 << 20)..(1 << 20) + 4_096).contains(&in_scope), "{in_scope}");
    drop((payload, outside));
}

#[test]
fn spans_stay_exact_inside_a_scope() {
    let scope = Scope::new();
    let outer = Span::start();
    let (inner_usage, scope_in_span) = scope.enter(|| {
        let span = Span::start();
        let kept = block(200_000);
        drop(block(300));
        drop(kept);
        (span.finish(), scope.usage().allocations)
    });
    let outer_usage = outer.finish();
    assert_eq!(inner_usage.peak_bytes, 200_300);
    assert_eq!(outer_usage, inner_usage);
    assert_eq!(scope_in_span, 2);
}

#[test]
fn scope_entered_in_a_destructor_of_a_thread_local_runs_the_work() {
    struct Late(Scope);
    impl Drop for Late {
        fn drop(&mut self) {
            self.0.enter(|| drop(block(MIB)));
        }
    }
    thread_local!(static LATE: std::cell::RefCell<Option<Late>> = const {
        std::cell::RefCell::new(None)
    });
    let scope = Scope::new();
    let late = Late(scope.clone());
    thread::spawn(move || LATE.with_borrow_mut(|slot| *slot = Some(late)))
        .join()
        .unwrap();
    assert_eq!(scope.usage().current_bytes, 0);
}

/// The true level of one scope, moved in the same turn as the operation itself.
#[derive(Clone, Copy, Default)]
struct Truth {
    level: i64,
    peak: i64,
    allocated: u64,
    allocations: u64,
}

impl Truth {
    fn step(&mut self, change: i64, new: u64) {
        self.level += change;
        self.peak = self.peak.max(self.level);
        self.allocated += new;
        self.allocations += u64::from(new != 0);
    }
}

/// A positive number allocates, a negative one frees the oldest block.
fn scripts() -> impl Strategy<Value = Vec<Vec<i32>>> {
    let step = prop_oneof![3 => 1..3_000, 1 => 1..200_000, 4 => Just(-1)];
    vec(vec(step, 0..150), 1..5)
}

/// Runs each script on its own thread, half of them in a child; returns truth and usage.
fn run(scripts: &[Vec<i32>]) -> (Truth, ScopeUsage, bool) {
    let scope = Scope::new();
    let child = scope.child();
    let turn = Mutex::new(Truth::default());
    let all_inside = Barrier::new(scripts.len());
    let bound = scripts.len() as u64 * SLACK;
    let work = |script: &Vec<i32>| {
        let mut kept: Vec<Vec<u8>> = Vec::with_capacity(script.len());
        let mut within = true;
        // What was allocated before belongs to nobody; from here on each turn counts.
        let mut in_scope = || {
            all_inside.wait();
            for &step in script {
                let mut truth = turn.lock().unwrap_or_else(PoisonError::into_inner);
                if let Ok(size @ 1..) = usize::try_from(step) {
                    kept.push(block(size));
                    truth.step(step.into(), size as u64);
                } else if !kept.is_empty() {
                    let freed = kept.swap_remove(0);
                    truth.step(-i64::try_from(freed.capacity()).expect("it fits"), 0);
                }
                let seen = scope.usage();
                within &= seen.current_bytes.abs_diff(truth.level) <= bound;
                let peak = truth.peak.unsigned_abs();
                within &= seen.peak_bytes.abs_diff(peak) <= bound;
            }
            all_inside.wait();
            within
        };
        (if script.len().is_multiple_of(2) { &scope } else { &child })
            .enter(&mut in_scope)
    };
    let within = thread::scope(|threads| {
        let workers: Vec<_> =
            scripts.iter().map(|script| threads.spawn(|| work(script))).collect();
        workers.into_iter().all(|worker| worker.join().expect("the work does not panic"))
    });
    let truth = *turn.lock().unwrap_or_else(PoisonError::into_inner);
    (truth, scope.usage(), within)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn p07_scopes_equal_the_shadow_within_the_slack(scripts in scripts()) {
        let (truth, usage, within) = run(&scripts);
        prop_assert!(within, "a reading inside was off by more than the slack");
        prop_assert_eq!(usage.current_bytes, truth.level);
        prop_assert_eq!(usage.allocated_bytes, truth.allocated);
        prop_assert_eq!(usage.allocations, truth.allocations);
        let off = usage.peak_bytes.abs_diff(truth.peak.unsigned_abs());
        prop_assert!(off <= usage.slack_bytes);
        prop_assert!(usage.slack_bytes <= scripts.len() as u64 * SLACK);
    }
}
