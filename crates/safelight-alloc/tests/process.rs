//! The level of the process, with no other test beside it in this binary.

use std::{cell::RefCell, hint::black_box, sync::mpsc, thread};

use safelight_alloc::{SLACK, TrackingAlloc, process, reset_process_peak};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

/// What the test harness may allocate meanwhile on its own thread.
const HARNESS: u64 = 2 * SLACK;

thread_local! {
    static KEPT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

// One test, because the level belongs to everything that runs in the process.
#[test]
fn level_of_the_process() {
    ended_threads_count_exactly();
    destructors_of_thread_locals_are_counted();
    peak_is_kept_and_reset();
    live_threads_stay_within_the_slack();
}

fn ended_threads_count_exactly() {
    let before = process().current_bytes;
    for _ in 0..100 {
        let (give, take) = mpsc::channel::<Vec<u8>>();
        let workers: Vec<_> = (0..50)
            .map(|_| {
                let give = give.clone();
                thread::spawn(move || {
                    give.send(vec![1; 20_000]).expect("the receiver waits");
                })
            })
            .collect();
        drop(give);
        // Another 50 threads free what the first 50 have allocated.
        let freeing: Vec<_> =
            take.into_iter().map(|block| thread::spawn(move || drop(block))).collect();
        for worker in workers.into_iter().chain(freeing) {
            worker.join().expect("the worker does not panic");
        }
    }
    let after = process().current_bytes;
    // 10 000 threads with 20 kB on one side only would be 100 MB off.
    assert!(after.abs_diff(before) <= HARNESS, "{before} {after}");
}

fn destructors_of_thread_locals_are_counted() {
    let before = process().current_bytes;
    for _ in 0..200 {
        thread::spawn(|| {
            // Registered before the first allocation settles the thread, or after it: both
            // orders of the destructors end at the same level.
            KEPT.with_borrow_mut(|kept| kept.extend((0..20).map(|_| vec![7; 1_000])));
        })
        .join()
        .expect("the worker does not panic");
    }
    let after = process().current_bytes;
    // 200 threads with 20 kB that went missing would be 4 MB off.
    assert!(after.abs_diff(before) <= HARNESS, "{before} {after}");
}

fn peak_is_kept_and_reset() {
    let before = process().current_bytes;
    drop(black_box(vec![0_u8; 50_000_000]));
    assert!(before + 50_000_000 <= process().peak_bytes + HARNESS);
    reset_process_peak();
    let heap = process();
    assert!(heap.peak_bytes <= heap.current_bytes + HARNESS, "{heap:?}");
}

fn live_threads_stay_within_the_slack() {
    const THREADS: u64 = 8;
    reset_process_peak();
    let before = process();
    let (ready, all_ready) = mpsc::channel();
    let workers: Vec<_> = (0..THREADS)
        .map(|_| {
            let ready = ready.clone();
            thread::spawn(move || {
                // Just under the slack, so that it is held back.
                let kept: Vec<_> = (0..60).map(|_| vec![1_u8; 1 << 10]).collect();
                ready.send(()).expect("the receiver waits");
                thread::park();
                drop(kept);
            })
        })
        .collect();
    all_ready.into_iter().take(workers.len()).for_each(drop);
    let during = process();
    let true_growth = THREADS * (60 << 10);
    let seen_growth = during.current_bytes.saturating_sub(before.current_bytes);
    assert!(THREADS * SLACK <= during.slack_bytes, "{during:?}");
    assert!(
        true_growth.abs_diff(seen_growth) <= during.slack_bytes + HARNESS,
        "{during:?}"
    );
    for worker in workers {
        worker.thread().unpark();
        worker.join().expect("the worker does not panic");
    }
    let after = process().current_bytes;
    assert!(after.abs_diff(before.current_bytes) <= HARNESS, "{before:?} {after}");
}
