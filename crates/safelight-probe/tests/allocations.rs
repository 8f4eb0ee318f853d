//! A sample allocates nothing, whether it succeeds or fails.

#![cfg(target_os = "linux")]

use std::fs;

use safelight_alloc::{Span, TrackingAlloc};
use safelight_probe::{ProcessSampler, Sampler};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

/// Counts over more samples than it takes to look for moved and missing files.
fn allocations(sampler: &mut Sampler) -> u64 {
    // The lists find their lengths.
    sampler.sample();
    let ((), usage) = Span::measure(|| {
        for _ in 0..100 {
            sampler.sample();
        }
    });
    usage.allocations
}

#[test]
fn sampling_this_machine_allocates_nothing() {
    let mut sampler = Sampler::open();
    assert_eq!(allocations(&mut sampler), 0, "{:#?}", sampler.sample());
}

#[test]
fn limits_allocate_nothing() {
    let root = tempfile::tempdir().expect("a folder for the tree");
    let group = root.path().join("sys/fs/cgroup/a");
    let process = root.path().join("proc/self");
    fs::create_dir_all(&group).expect("the folder");
    fs::create_dir_all(&process).expect("the folder");
    let stat = "inactive_file 1\nactive_file 2\nfile_dirty 1\nfile_writeback 1\n";
    let files = [
        (process.join("cgroup"), "0::/a\n"),
        (group.join("memory.max"), "9000\n"),
        (group.join("memory.high"), "8000\n"),
        (group.join("memory.current"), "7000\n"),
        (group.join("memory.stat"), stat),
    ];
    for (path, text) in files {
        fs::write(path, text).expect("the file");
    }
    let mut sampler = Sampler::open_under(root.path());
    assert_eq!(allocations(&mut sampler), 0);
    let sample = sampler.sample();
    assert_eq!((sample.limits.len(), sample.unread.len()), (2, 1));
}

#[test]
fn failures_allocate_nothing() {
    let root = tempfile::tempdir().expect("a folder for the tree");
    let mut sampler = Sampler::open_under(root.path());
    assert_eq!(allocations(&mut sampler), 0);
    assert!(sampler.sample().headroom.is_err());

    // It can be opened, but reading it fails.
    fs::create_dir_all(root.path().join("proc/meminfo")).expect("the folder");
    let mut sampler = Sampler::open_under(root.path());
    assert_eq!(allocations(&mut sampler), 0);
    assert!(sampler.sample().headroom.is_err());
}

#[test]
fn reading_the_own_process_allocates_nothing() {
    let root = tempfile::tempdir().expect("a folder for the tree");
    let missing = ProcessSampler::open_under(root.path());
    for mut process in [ProcessSampler::open(), missing] {
        let is_known = process.rss().is_ok();
        let ((), usage) = Span::measure(|| {
            for _ in 0..100 {
                assert_eq!(process.rss().is_ok(), is_known);
                assert!(process.cpu_time().is_ok());
            }
        });
        assert_eq!(usage.allocations, 0);
    }
}
