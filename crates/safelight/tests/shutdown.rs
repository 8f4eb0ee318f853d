//! The end: alone in its process, as it looks at all threads.

#![cfg(target_os = "linux")]

use std::{fs, sync::Arc, thread};

use safelight::{ByteSize, Capacity, Config, Event, Memory, Operation, Safelight};

/// Returns the names of the threads that parts have started.
fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux has it");
    // A thread may end while it is looked at.
    let names =
        tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    let mut names: Vec<_> = names
        .map(|name| name.trim().to_owned())
        .filter(|name| name.starts_with("safelight-"))
        .collect();
    names.sort();
    names
}

/// A thread names itself when it begins, and the kernel takes it off a bit after its end.
#[track_caller]
fn expect_threads(expected: &[&str]) {
    let found = (0..100_000).map(|_| threads());
    let mut looks = found.inspect(|_| thread::yield_now());
    assert!(looks.any(|names| names == expected), "{:?} are there", threads());
}

#[test]
fn x03_stop_leaves_no_thread_and_no_callback() {
    let capacity = Capacity::Bytes(ByteSize::mib(512));
    let memory = Some(Memory { capacity, ..Memory::default() });
    let config = Config { memory, ..Config::default() };
    let start = |owned: &Arc<()>| {
        let theirs = Arc::clone(owned);
        let observer = move |_: &Event| drop(Arc::clone(&theirs));
        Safelight::builder().config(config.clone()).observer(observer).start().unwrap()
    };
    for is_dropped in [false, true] {
        let owned = Arc::new(());
        let safelight = start(&owned);
        safelight.run(Operation::new("work", 1), 1, || 1_u8).unwrap();
        // The kernel cuts names to fifteen bytes.
        expect_threads(&["safelight-actio", "safelight-memor", "safelight-progr"]);
        if !is_dropped {
            safelight.stop();
            expect_threads(&[]);
        }
        drop(safelight);
        expect_threads(&[]);
        // Nobody is left who could call the observer.
        assert_eq!(Arc::strong_count(&owned), 1);
    }
}
