use std::{fmt::Write, fs, path::Path, time::Duration};

use expect_test::{Expect, expect};
use jiff::Timestamp;
use safelight_core::ByteSize;
use safelight_probe::{CpuTimes, Gpus, Host, Process, Sampler};

use super::Observed;
use crate::doctor::document::{self, Document};

/// A machine of 4 GiB, with two cgroups that set limits.
const MACHINE: [(&str, &str); 11] = [
    ("proc/meminfo", "MemTotal: 4194304 kB\nMemAvailable: 3145728 kB\n"),
    ("proc/self/cgroup", "0::/a/b\n"),
    ("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
    ("proc/pressure/memory", "some avg10=0.00 total=1000\nfull avg10=0.00 total=0\n"),
    ("sys/fs/cgroup/a/memory.max", "2147483648\n"),
    ("sys/fs/cgroup/a/memory.high", "max\n"),
    ("sys/fs/cgroup/a/memory.current", "1073741824\n"),
    (
        "sys/fs/cgroup/a/memory.stat",
        "inactive_file 1048576\nactive_file 0\nfile_dirty 0\nfile_writeback 0\n",
    ),
    ("sys/fs/cgroup/a/b/memory.max", "max\n"),
    ("sys/fs/cgroup/a/b/memory.high", "1610612736\n"),
    ("sys/fs/cgroup/a/b/memory.current", "536870912\n"),
];

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Observes a tree of files that changes between the two readings; half a second passes.
fn observe(before: &[(&str, &str)], changes: &[(&str, &str)]) -> Document {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), before);
    let mut sampler = Sampler::open_under(root.path());
    let first = sampler.sample().clone();
    write(root.path(), changes);
    let document = Observed {
        created: Timestamp::UNIX_EPOCH,
        sampled: Duration::from_millis(500),
        before: first,
        after: sampler.sample().clone(),
        cpu_times_before: CpuTimes::read(),
        host: Host::read(),
        process: Process::read(),
        heap: None,
        gpus: Gpus::open_library(root.path().join("none.so"))
            .and_then(|gpus| gpus.read()),
        gpu_item: None,
    }
    .into_document();
    document::tests::check(&serde_json::to_value(&document).unwrap());
    document
}

/// Checks what is said of limits and pressure, and what could not be read of them.
#[track_caller]
fn check(document: &Document, expected: &Expect) {
    let mut text = String::new();
    for limit in &document.limits {
        let (used, left) = (limit.used_bytes, limit.available_bytes);
        writeln!(
            text,
            "{:?}: {used:?} of {}, {left} left",
            limit.set_by, limit.size_bytes
        )
        .unwrap();
    }
    writeln!(text, "{:?}\n{:?}", document.headroom, document.pressure.host).unwrap();
    let wanted = ["limits", "headroom", "pressure.host", "allocator", "gpus"];
    for unread in document.unread.iter().filter(|row| wanted.contains(&&*row.what)) {
        // The folder and what the system says of it change with each run and platform.
        let reason = unread.reason.split('/').next().unwrap_or_default();
        let file = unread.reason.rsplit('/').next().unwrap_or_default();
        let file = file.split(':').next().unwrap_or_default();
        writeln!(text, "{}: {reason}.. {file}", unread.what).unwrap();
    }
    expected.assert_eq(&text);
}

#[test]
fn every_limit_is_told_and_the_least_binds() {
    let psi = "some avg10=0.00 total=126000\nfull avg10=0.00 total=5000\n";
    let document = observe(&MACHINE, &[("proc/pressure/memory", psi)]);
    check(
        &document,
        &expect![[r#"
        Host: Some(1073741824) of 4294967296, 3221225472 left
        Cgroup { path: "/a/b", kind: High, clean_cache_bytes: None }: Some(536870912) of 1610612736, 1073741824 left
        Cgroup { path: "/a", kind: Hard, clean_cache_bytes: Some(1048576) }: Some(1072693248) of 2147483648, 1074790400 left
        Some(HeadroomRow { available_bytes: 1073741824, limit_idx: 1 })
        PressureRow { some_total_ns: Some(126000000), full_total_ns: Some(5000000), some_share: Some(0.25), full_share: Some(0.01) }
        limits: cannot access .. memory.stat
        allocator: the tracking allocator is not installed.. the tracking allocator is not installed
        gpus: cannot read library of the GPU driver: a libloading error occurred: .. none.so
    "#]],
    );
}

#[test]
fn what_is_not_there_is_null_with_a_reason() {
    let document = observe(&[], &[]);
    check(
        &document,
        &expect![[r"
        None
        PressureRow { some_total_ns: None, full_total_ns: None, some_share: None, full_share: None }
        limits: cannot access .. meminfo
        limits: cannot access .. cgroup
        headroom: cannot access .. meminfo
        pressure.host: cannot access .. memory
        allocator: the tracking allocator is not installed.. the tracking allocator is not installed
        gpus: cannot read library of the GPU driver: a libloading error occurred: .. none.so
    "]],
    );
}

#[test]
fn m09_items_fit_in_four_fifths_of_a_gpu_beside_what_is_used() {
    let n = |used_gib, item_gib| {
        super::n_items(
            ByteSize::gib(80),
            ByteSize::gib(used_gib),
            ByteSize::gib(item_gib),
        )
    };
    assert_eq!((n(0, 2), n(24, 2), n(24, 30), n(70, 2)), (32, 20, 1, 0));
}
