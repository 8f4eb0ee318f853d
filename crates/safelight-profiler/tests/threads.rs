//! The only test of its process, so that it can count threads.
#![cfg(target_os = "linux")]

use safelight_profiler::Profiler;

fn n_threads() -> usize {
    std::fs::read_dir("/proc/self/task").map(Iterator::count).expect("Linux has procfs")
}

#[test]
fn p01_no_thread_is_made() {
    let before = n_threads();
    let profiler = Profiler::new();
    for idx in 0..1_000 {
        profiler.operation("op").pixels(idx, idx).measure(|| ());
        assert_eq!(n_threads(), before);
    }
    assert_eq!(profiler.recording().n_runs("op"), 1_000);
}
