//! Spans are exact on one thread: fixed shapes, and random scripts against a shadow log.

use std::{hint::black_box, panic, thread};

use proptest::{collection::vec, prelude::*};
use safelight_alloc::{Span, TrackingAlloc, Usage, is_installed};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

const MB: u64 = 1_000_000;

fn block(bytes: u64) -> Vec<u8> {
    black_box(Vec::with_capacity(usize::try_from(bytes).expect("the block fits")))
}

#[test]
fn p02_allocating_and_freeing_200_mb_peaks_within_200_and_215_mb() {
    let ((), usage) = Span::measure(|| {
        let image = block(150 * MB);
        let scratch = block(50 * MB);
        drop((image, scratch));
    });
    assert!((200 * MB..=215 * MB).contains(&usage.peak_bytes), "{usage:?}");
    assert_eq!(usage.net_bytes, 0);
    assert_eq!((usage.allocated_bytes, usage.allocations), (200 * MB, 2));
}

#[test]
fn p02_freeing_150_mb_nets_minus_150_mb_without_a_peak() {
    let image = block(150 * MB);
    let ((), usage) = Span::measure(|| drop(image));
    assert_eq!(usage, Usage { net_bytes: -150_000_000, ..Usage::default() });
}

#[test]
fn reallocation_counts_the_new_size_after_the_old_one() {
    let (_grown, usage) = Span::measure(|| {
        let mut grown = block(1_000);
        grown.reserve_exact(3_000);
        grown
    });
    assert_eq!(usage.peak_bytes, 3_000);
    assert_eq!(usage.net_bytes, 3_000);
    assert_eq!((usage.allocated_bytes, usage.allocations), (4_000, 2));
}

#[test]
fn zeroed_memory_counts_like_any_other() {
    let (_zeroed, usage) = Span::measure(|| black_box(vec![0_u8; 5_000]));
    assert_eq!((usage.peak_bytes, usage.allocations), (5_000, 1));
}

#[test]
fn span_dropped_without_finish_gives_the_watermark_back() {
    let outer = Span::start();
    drop(block(9_000));
    drop(Span::start());
    assert_eq!(outer.finish().peak_bytes, 9_000);
}

#[test]
fn span_in_a_panicking_call_gives_the_watermark_back() {
    let outer = Span::start();
    drop(block(9_000_000));
    let caught = panic::catch_unwind(|| {
        let _inner = Span::start();
        panic::resume_unwind(Box::new("expected"));
    });
    assert!(caught.is_err());
    drop(caught);
    assert_eq!(outer.finish().peak_bytes, 9_000_000);
}

#[test]
fn spans_that_overlap_have_small_wrong_peaks_and_never_wrapped_ones() {
    let image = block(150 * MB);
    let first = Span::start();
    drop(image);
    let second = Span::start();
    assert_eq!(first.so_far().peak_bytes, 0);
    let first = first.finish();
    assert_eq!(first, Usage { net_bytes: -150_000_000, ..Usage::default() });
    // The watermark that the first gives back is that of its surroundings: before both.
    let second = second.finish();
    assert_eq!((second.peak_bytes, second.net_bytes), (150 * MB, 0));
}

#[test]
fn so_far_reads_and_goes_on() {
    let span = Span::start();
    let first = block(1_000);
    assert_eq!(span.so_far().net_bytes, 1_000);
    let second = block(2_000);
    assert_eq!(span.so_far().net_bytes, 3_000);
    drop((first, second));
    assert_eq!(span.finish().peak_bytes, 3_000);
}

#[test]
fn other_threads_are_not_in_a_span() {
    let worker = thread::spawn(|| {
        thread::park();
        drop(block(50 * MB));
    });
    let ((), usage) = Span::measure(|| worker.thread().unpark());
    worker.join().unwrap();
    assert_eq!(usage, Usage::default());
}

#[test]
fn allocator_is_found_to_be_installed() {
    assert!(is_installed());
    assert!(thread::spawn(is_installed).join().unwrap());
}

/// One step of a script; indices are taken modulo what is there.
#[derive(Clone, Debug)]
enum Step {
    Allocate(u32),
    Free(usize),
    Resize(usize, u32),
    Open,
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Mostly small, and some that pass the slack of 64 KiB.
    let size = || prop_oneof![4 => 1_u32..2_000, 1 => 1_u32..300_000];
    let step = prop_oneof![
        4 => size().prop_map(Step::Allocate),
        3 => any::<usize>().prop_map(Step::Free),
        2 => (any::<usize>(), size()).prop_map(|(block, size)| Step::Resize(block, size)),
        2 => Just(Step::Open),
        2 => Just(Step::Close),
    ];
    vec(step, 0..200)
}

/// The naive model: every level since the start, and what each span must therefore say.
struct Shadow {
    levels: Vec<i64>,
    allocated: u64,
    allocations: u64,
}

impl Shadow {
    fn level(&self) -> i64 {
        *self.levels.last().expect("the log starts with a level")
    }

    fn step(&mut self, change: i64, new: u64) {
        self.levels.push(self.level() + change);
        self.allocated += new;
        self.allocations += u64::from(new != 0);
    }

    fn mark(&self) -> (usize, u64, u64) {
        (self.levels.len() - 1, self.allocated, self.allocations)
    }

    fn since(&self, (start, allocated, allocations): (usize, u64, u64)) -> Usage {
        let highest = self.levels[start..].iter().max().expect("the start is in it");
        Usage {
            peak_bytes: (highest - self.levels[start]).unsigned_abs(),
            net_bytes: self.level() - self.levels[start],
            allocated_bytes: self.allocated - allocated,
            allocations: self.allocations - allocations,
        }
    }
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).expect("a block fits")
}

/// Runs a script; returns what the spans said beside what they should have said.
fn run(script: &[Step]) -> Vec<(Usage, Usage)> {
    // The bookkeeping allocates nothing while the script runs.
    let room = script.len() + 1;
    let mut blocks: Vec<Vec<u8>> = Vec::with_capacity(room);
    let mut open = Vec::with_capacity(room);
    let mut outcome = Vec::with_capacity(room);
    let mut shadow =
        Shadow { levels: Vec::with_capacity(room), allocated: 0, allocations: 0 };
    shadow.levels.push(0);
    for step in script {
        match *step {
            Step::Allocate(size) => {
                blocks.push(block(size.into()));
                shadow.step(size.into(), size.into());
            }
            Step::Free(at) if !blocks.is_empty() => {
                let freed = blocks.swap_remove(at % blocks.len());
                shadow.step(-signed(freed.capacity()), 0);
            }
            Step::Resize(at, size) if !blocks.is_empty() => {
                let at = at % blocks.len();
                let old = blocks[at].capacity();
                let new = size as usize;
                blocks[at].reserve_exact(new);
                blocks[at].shrink_to(new);
                if new != old {
                    shadow.step(signed(new) - signed(old), new as u64);
                }
            }
            Step::Open => open.push((Span::start(), shadow.mark())),
            Step::Close => outcome.extend(open.pop().map(|(span, mark): (Span, _)| {
                let usage = span.finish();
                (usage, shadow.since(mark))
            })),
            Step::Free(_) | Step::Resize(..) => {}
        }
    }
    while let Some((span, mark)) = open.pop() {
        let usage = span.finish();
        outcome.push((usage, shadow.since(mark)));
    }
    outcome
}

proptest! {
    #[test]
    fn p07_nested_spans_equal_the_shadow_log(script in steps()) {
        for (usage, expected) in run(&script) {
            prop_assert_eq!(usage, expected);
        }
    }
}

#[test]
fn thread_that_has_freed_what_others_made_peaks_from_its_start() {
    let blocks: Vec<Vec<u8>> = (0..10).map(|_| vec![1; 1 << 20]).collect();
    let worker = thread::spawn(move || {
        // Now its level is below zero.
        drop(black_box(blocks));
        Span::measure(|| drop(black_box(vec![0_u8; 3 << 20]))).1
    });
    assert_eq!(worker.join().unwrap().peak_bytes, 3 << 20);
}
