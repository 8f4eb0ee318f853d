//! The heap, in a binary that installs the tracking allocator.
#![cfg(feature = "heap")]

use std::{hint::black_box, sync::Mutex, thread, time::Duration};

use expect_test::expect;
use proptest::prelude::*;
use safelight_alloc::{SLACK, Span, TrackingAlloc};
use safelight_core::{ByteSize, ManualClock};
use safelight_profiler::{Analysis, FindingKind, HeapCost, Profiler, Rules};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

const MB: usize = 1_000_000;

#[track_caller]
fn heap_of(profiler: &Profiler, name: &str) -> HeapCost {
    let analysis = Analysis::new(&profiler.recording(), &Rules::default());
    let cost = analysis.operations.into_iter().find(|cost| cost.name == name);
    cost.and_then(|cost| cost.sizes[0].heap).expect("the heap was measured")
}

#[test]
fn p01_off_allocates_nothing_and_on_does_not_grow() {
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).enabled(false).build();
    let operation = profiler.operation("op");
    let run =
        || operation.pixels(64, 64).measure(|| clock.advance(Duration::from_micros(5)));

    let ((), off) = Span::measure(run);
    assert_eq!(off.allocations, 0);
    let ((), off) =
        Span::measure(|| operation.measure_workers(|workers| workers.run(run)));
    assert_eq!(off.allocations, 0);

    profiler.set_enabled(true);
    (0..2_000).for_each(|_| run());
    let ((), later) = Span::measure(|| (0..100_000).for_each(|_| run()));
    assert_eq!((later.allocations, later.net_bytes), (0, 0));
}

#[test]
fn p02_peak_net_and_finding_of_an_operation_that_allocates_200_mb() {
    let profiler = Profiler::new();
    profiler.operation("big").measure(|| drop(black_box(vec![1_u8; 200 * MB])));
    let heap = heap_of(&profiler, "big");
    let peak = heap.max_peak.bytes() as usize;
    assert!((200 * MB..=215 * MB).contains(&peak), "{peak}");
    assert_eq!(heap.mean_net_bytes, 0);

    let analysis = Analysis::new(&profiler.recording(), &Rules::default());
    let kinds: Vec<_> = analysis.findings.iter().map(|finding| finding.kind).collect();
    assert!(kinds.contains(&FindingKind::Heavy), "{kinds:?}");
}

#[test]
fn p02_freeing_150_mb_is_a_negative_net_and_no_peak() {
    let profiler = Profiler::new();
    let held = black_box(vec![1_u8; 150 * MB]);
    profiler.operation("free").measure(|| drop(held));
    let heap = heap_of(&profiler, "free");
    assert_eq!((heap.mean_net_bytes, heap.max_peak), (-150_000_000, ByteSize::ZERO));
}

#[test]
fn p04_heap_at_the_threshold_is_not_flagged_and_a_step_above_is() {
    let heavy = |n_bytes: usize| {
        let profiler = Profiler::new();
        let operation = profiler.operation("op");
        for _ in 0..6 {
            operation.measure(|| drop(black_box(Vec::<u8>::with_capacity(n_bytes))));
        }
        let analysis = Analysis::new(&profiler.recording(), &Rules::default());
        analysis.findings.iter().any(|finding| finding.kind == FindingKind::Heavy)
    };
    assert!(!heavy(100 * MB));
    assert!(heavy(100 * MB + 1));
}

#[test]
fn guards_that_overlap_have_no_absurd_peak() {
    let profiler = Profiler::new();
    let operation = profiler.operation("op");
    let held = black_box(vec![1_u8; 50 * MB]);
    let first = operation.start();
    drop(held);
    let second = operation.start();
    drop(first);
    drop(second);
    // The peak of the second is wrong, but no more than what was held.
    let peak = heap_of(&profiler, "op").max_peak.bytes();
    assert!(peak <= (50 * MB) as u64, "{peak}");
}

#[test]
fn what_is_kept_is_bounded() {
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).without_cpu_clock().build();
    let operation = profiler.operation("op");
    let span = Span::start();
    for idx in 0..10_000_u64 {
        let call = operation.pixels(64, 64).key(idx);
        call.measure(|| clock.advance(Duration::from_nanos(1 << (idx % 40))));
    }
    drop(profiler.recording());
    let held = span.finish().net_bytes;
    assert!(held <= 460 << 10, "{held} bytes");
}

#[test]
fn p07_nested_peaks_are_exact_on_one_thread() {
    let profiler = Profiler::new();
    let (outer, inner) = (profiler.operation("outer"), profiler.operation("inner"));
    inner.measure(|| ());
    outer.measure(|| {
        let kept = black_box(vec![1_u8; 5_000]);
        inner.measure(|| drop(black_box(vec![1_u8; 90_000])));
        drop(kept);
        drop(black_box(vec![1_u8; 40_000]));
    });
    let peaks = [heap_of(&profiler, "outer"), heap_of(&profiler, "inner")];
    assert_eq!(peaks.map(|heap| heap.max_peak.bytes()), [95_000, 90_000]);
}

#[test]
fn p07_heap_of_workers_counts_within_the_bound() {
    let profiler = Profiler::new();
    let (n_threads, each) = (4, 10 * MB);
    let kept = Mutex::new(Vec::new());
    profiler.operation("spread").measure_workers(|workers| {
        thread::scope(|scope| {
            for _ in 0..n_threads {
                let work = || {
                    let block = black_box(vec![1_u8; each]);
                    kept.lock().expect("no test thread panics").push(block);
                };
                scope.spawn(move || workers.run(work));
            }
        });
        kept.lock().expect("no test thread panics").clear();
    });
    let heap = heap_of(&profiler, "spread");
    let bound = ((n_threads + 1) as u64) * SLACK;
    let truth = (n_threads * each) as u64;
    assert!(heap.bound.bytes() <= bound, "{}", heap.bound);
    assert!(
        heap.max_peak.bytes().abs_diff(truth) <= heap.bound.bytes(),
        "{}",
        heap.max_peak
    );
}

#[test]
fn p07_heap_of_an_inner_operations_workers_counts_for_the_outer_one() {
    let profiler = Profiler::new();
    let (outer, inner) = (profiler.operation("outer"), profiler.operation("inner"));
    outer.measure_workers(|_| {
        inner.measure_workers(|workers| {
            let work = || workers.run(|| drop(black_box(vec![1_u8; 20 * MB])));
            thread::scope(|scope| scope.spawn(work).join()).expect("no panic");
        });
    });
    for name in ["outer", "inner"] {
        let peak = heap_of(&profiler, name).max_peak.bytes();
        assert!(peak.abs_diff(20 * MB as u64) <= 2 * SLACK, "{name}: {peak}");
    }
}

#[test]
fn p08_the_source_of_heap_figures_is_named() {
    let profiler = Profiler::new();
    profiler.operation("op").measure(|| ());
    let analysis = Analysis::new(&profiler.recording(), &Rules::default());
    expect!["measured by the tracking allocator"].assert_eq(&analysis.heap.to_string());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A step either opens an operation, closes the innermost, allocates or frees.
    #[test]
    fn p07_nested_operations_agree_with_a_shadow(
        steps in prop::collection::vec((0..4_u8, 1..50_000_usize), 1..60),
    ) {
        let profiler = Profiler::new();
        let operations: Vec<_> =
            (0..steps.len()).map(|idx| profiler.operation(&idx.to_string())).collect();
        // Bring every operation's bookkeeping into being first.
        for operation in &operations {
            operation.measure(|| ());
        }
        profiler.reset();

        let (mut blocks, mut guards) = (Vec::new(), Vec::new());
        blocks.reserve(steps.len());
        guards.reserve(steps.len());
        // Shadow: level at the start and highest level, for each open operation.
        let (mut level, mut open, mut wanted) = (0_i64, Vec::new(), Vec::new());
        open.reserve(steps.len());
        wanted.reserve(steps.len());
        for (idx, &(step, size)) in steps.iter().enumerate() {
            match step {
                0 => {
                    open.push((idx, level, level));
                    guards.push(operations[idx].start());
                }
                1 => {
                    if let Some((idx, start, highest)) = open.pop() {
                        drop(guards.pop());
                        wanted.push((idx, highest - start, level - start));
                    }
                }
                2 => {
                    blocks.push(black_box(vec![1_u8; size]));
                    level += size.cast_signed() as i64;
                    for (_, _, highest) in &mut open {
                        *highest = level.max(*highest);
                    }
                }
                _ => {
                    if !blocks.is_empty() {
                        let block = blocks.swap_remove(size % blocks.len());
                        level -= block.len().cast_signed() as i64;
                    }
                }
            }
        }
        while let Some((idx, start, highest)) = open.pop() {
            drop(guards.pop());
            wanted.push((idx, highest - start, level - start));
        }
        for (idx, peak, net) in wanted {
            let heap = heap_of(&profiler, &idx.to_string());
            prop_assert_eq!(heap.max_peak.bytes().cast_signed(), peak);
            prop_assert_eq!(heap.mean_net_bytes, net);
        }
    }
}
