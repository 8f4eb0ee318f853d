//! What the allocator keeps is given back when it is asked for it.

use safelight_alloc::{Purged, TrackingAlloc, purge};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
#[test]
fn m06_what_glibc_keeps_is_given_back() {
    const N_BLOCKS: u64 = 1024;
    const BLOCK: u64 = 64 << 10;
    // Blocks that come from the heap, each second one of which stays: then glibc can give
    // back nothing by itself when the others are freed.
    let mut blocks: Vec<Option<Vec<u8>>> =
        (0..N_BLOCKS).map(|_| Some(vec![1; BLOCK as usize])).collect();
    for block in blocks.iter_mut().step_by(2) {
        *block = None;
    }
    let before = resident();
    assert_eq!(purge(), Purged::Released);
    let after = resident();
    let freed = N_BLOCKS / 2 * BLOCK;
    assert!(after + freed * 3 / 4 <= before, "{before} {after}");
    assert!(blocks.iter().flatten().all(|block| block.iter().all(|byte| *byte == 1)));
}

#[cfg(not(all(target_os = "linux", target_env = "gnu", not(miri))))]
#[test]
fn m06_elsewhere_it_says_that_it_did_nothing() {
    assert_eq!(purge(), Purged::Unsupported);
}

/// Reads the memory that this process really has.
#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("procfs is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok()).expect("a number of KiB") << 10
}
