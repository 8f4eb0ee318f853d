//! Large blocks are given back; without a harness, whose threads would be in the way.

#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
fn main() {
    use std::{hint::black_box, thread};

    use safelight_alloc::{LargeBlocks, return_large_blocks};

    const LEN: usize = 8 << 20;

    let mut with_another = None;
    thread::scope(|scope| {
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || is_done.recv());
        with_another = Some(return_large_blocks(1 << 20));
        drop(done);
    });
    assert_eq!(with_another, Some(LargeBlocks::TooLate));
    // Joined threads are gone from procfs a moment later.
    let mut tries = (0..1_000_000).map(|_| return_large_blocks(u32::MAX));
    assert!(tries.any(|tried| tried == LargeBlocks::Refused));
    let mut tries = (0..1_000_000).map(|_| return_large_blocks(1 << 20));
    assert!(tries.any(|tried| tried == LargeBlocks::Returned));

    // Left to itself glibc learns from this that such blocks should come from its arenas.
    drop(black_box(vec![1_u8; LEN]));
    let before = resident();
    let workers = (0..4).map(|_| {
        thread::spawn(|| {
            let blocks: Vec<_> = (0..4).map(|_| black_box(vec![1_u8; LEN / 2])).collect();
            // What lies behind the blocks, and stays, keeps an arena from shrinking.
            let behind = black_box(vec![1_u8; 64]);
            drop(blocks);
            behind
        })
    });
    let workers: Vec<_> = workers.collect();
    let behind: Vec<_> =
        workers.into_iter().map(|worker| worker.join().expect("it works")).collect();
    let kept = resident().saturating_sub(before);
    assert!(kept < LEN as u64 / 2, "{kept} bytes are kept beside {}", behind.len());
    println!("test large blocks are given back ... ok ({kept} bytes kept)");
}

/// Reads the memory that this process really has.
#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("procfs is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok()).expect("a number of KiB") << 10
}

#[cfg(not(all(target_os = "linux", target_env = "gnu", not(miri))))]
fn main() {
    use safelight_alloc::{LargeBlocks, return_large_blocks};

    assert_eq!(return_large_blocks(1 << 20), LargeBlocks::Unsupported);
}
