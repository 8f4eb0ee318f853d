//! Memory limits in trees of files as kernels and containers lay them out.

#![cfg(target_os = "linux")]

use std::{fmt::Write as _, fs, path::Path};

use expect_test::{Expect, expect};
use proptest::prelude::*;
use safelight_core::{ByteSize, Share};
use safelight_probe::{Binding, Limit, ProcessSampler, Sample, Sampler};
use tempfile::TempDir;

const HOST: &str = "proc/meminfo=MemTotal: 4194304 kB\nMemFree: 1 kB\n\
                    MemAvailable: 3145728 kB\n";

/// Makes a tree of files like `sys/fs/cgroup/memory.max=42`; a later one replaces an earlier.
fn tree(files: &[&str]) -> TempDir {
    let root = tempfile::tempdir().expect("a folder for the tree");
    write(root.path(), &[HOST]);
    write(root.path(), files);
    root
}

fn write(root: &Path, files: &[&str]) {
    for file in files {
        let (path, text) = file.split_once('=').expect("a path and a text");
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("the folder");
        fs::write(path, text).expect("the file");
    }
}

fn describe(root: &Path, sample: &Sample) -> String {
    let root = root.to_str().expect("a plain path");
    let plain = |error: &dyn std::error::Error| {
        let source = error.source().map(|source| format!(": {source}"));
        format!("{error}{}", source.unwrap_or_default()).replace(root, "")
    };
    let mut text = String::new();
    let _ = match &sample.headroom {
        Ok(headroom) => writeln!(text, "{} by {}", headroom.available, headroom.binding),
        Err(error) => writeln!(text, "not known: {}", plain(error)),
    };
    for limit in &sample.limits {
        let used = limit.used.map_or("unknown".into(), |used| used.to_string());
        let _ = write!(text, "  {}: {used} of {}", limit.binding, limit.size);
        let clean = limit.clean_cache.map(|cache| format!(" without {cache} of cache"));
        let _ = writeln!(text, "{}", clean.unwrap_or_default());
    }
    for error in &sample.unread {
        let _ = writeln!(text, "  {}", plain(error));
    }
    text
}

/// Compares what is read from a tree.
#[track_caller]
fn check(files: &[&str], expected: &Expect) {
    let root = tree(files);
    let mut sampler = Sampler::open_under(root.path());
    expected.assert_eq(&describe(root.path(), sampler.sample()));
}

const V2: &str = "proc/self/cgroup=0::/a/b\n";
const V1: &str = "proc/self/cgroup=5:cpu:/x\n4:cpuset,memory:/a/b\n0::/y\n";

/// 300 MiB charged to `/a/b`, of which 100 MiB are clean pages of files.
const V2_USAGE: [&str; 2] = [
    "sys/fs/cgroup/a/b/memory.current=314572800\n",
    "sys/fs/cgroup/a/b/memory.stat=anon 157286400\nfile 157286400\nshmem 20971520\n\
     file_mapped 4096\nfile_dirty 15728640\nfile_writeback 5242880\n\
     inactive_anon 178257920\nactive_anon 0\n\
     inactive_file 83886080\nactive_file 41943040\n",
];

const V1_USAGE: [&str; 2] = [
    "sys/fs/cgroup/memory/a/b/memory.usage_in_bytes=314572800\n",
    "sys/fs/cgroup/memory/a/b/memory.stat=cache 1\ninactive_file 1\nactive_file 1\n\
     dirty 1\nwriteback 1\nhierarchical_memory_limit 536870912\n\
     total_cache 157286400\ntotal_shmem 20971520\ntotal_dirty 15728640\n\
     total_writeback 5242880\ntotal_inactive_file 83886080\n\
     total_active_file 41943040\ntotal_unevictable 0\n",
];

fn with<'a>(usage: &[&'a str], files: &[&'a str]) -> Vec<&'a str> {
    usage.iter().chain(files).copied().collect()
}

#[test]
fn m01_version_2_with_the_lowest_limit_on_the_own_group() {
    let own = "sys/fs/cgroup/a/b/memory.max=536870912\n";
    let above = "sys/fs/cgroup/a/memory.max=max\n";
    check(
        &with(&V2_USAGE, &[V2, own, above]),
        &expect![[r"
        312 MiB by hard limit of cgroup /a/b
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a/b: 200 MiB of 512 MiB without 100 MiB of cache
    "]],
    );
}

#[test]
fn m01_version_2_with_a_lower_ancestor() {
    let files = [
        V2,
        "sys/fs/cgroup/a/b/memory.max=1073741824\n",
        "sys/fs/cgroup/a/memory.max=536870912\n",
        "sys/fs/cgroup/a/memory.current=471859200\n",
        "sys/fs/cgroup/a/memory.stat=file_dirty 0\nfile_writeback 0\n\
         inactive_file 0\nactive_file 10485760\n",
    ];
    check(
        &with(&V2_USAGE, &files),
        &expect![[r"
        72 MiB by hard limit of cgroup /a
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a/b: 200 MiB of 1 GiB without 100 MiB of cache
          hard limit of cgroup /a: 440 MiB of 512 MiB without 10 MiB of cache
    "]],
    );
}

#[test]
fn m01_larger_limit_binds_where_more_of_it_is_used() {
    let files = [
        V2,
        "sys/fs/cgroup/a/b/memory.max=536870912\n",
        "sys/fs/cgroup/a/memory.max=4294967296\n",
        "sys/fs/cgroup/a/memory.current=4290772992\n",
        "sys/fs/cgroup/a/memory.stat=file_dirty 0\nfile_writeback 0\n\
         inactive_file 0\nactive_file 0\n",
    ];
    check(
        &with(&V2_USAGE, &files),
        &expect![[r"
        4 MiB by hard limit of cgroup /a
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a/b: 200 MiB of 512 MiB without 100 MiB of cache
          hard limit of cgroup /a: 4 GiB of 4 GiB without 0 B of cache
    "]],
    );
}

#[test]
fn m01_high_counts_as_a_limit() {
    let files = [
        V2,
        "sys/fs/cgroup/a/b/memory.max=536870912\n",
        "sys/fs/cgroup/a/b/memory.high=419430400\n",
    ];
    check(
        &with(&V2_USAGE, &files),
        &expect![[r"
        200 MiB by high limit of cgroup /a/b
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a/b: 200 MiB of 512 MiB without 100 MiB of cache
          high limit of cgroup /a/b: 200 MiB of 400 MiB without 100 MiB of cache
    "]],
    );
    let only_high = ["sys/fs/cgroup/a/b/memory.max=max\n", files[2]];
    check(
        &with(&V2_USAGE, &with(&[V2], &only_high)),
        &expect![[r"
        200 MiB by high limit of cgroup /a/b
          host: 1 GiB of 4 GiB
          high limit of cgroup /a/b: 200 MiB of 400 MiB without 100 MiB of cache
    "]],
    );
}

#[test]
fn m01_swap_of_version_2_lowers_nothing() {
    let files = [V2, "sys/fs/cgroup/a/b/memory.swap.max=0\n"];
    check(
        &with(&V2_USAGE, &files),
        &expect![[r"
        3 GiB by host
          host: 1 GiB of 4 GiB
    "]],
    );
}

#[test]
fn m01_version_1_and_hybrid() {
    let files = [
        V1,
        "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes=536870912\n",
        "sys/fs/cgroup/memory/a/memory.limit_in_bytes=9223372036854771712\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes=9223372036854771712\n",
        "sys/fs/cgroup/unified/y/memory.pressure=\n",
    ];
    check(
        &with(&V1_USAGE, &files),
        &expect![[r"
        312 MiB by hard limit of cgroup /a/b
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a/b: 200 MiB of 512 MiB without 100 MiB of cache
    "]],
    );
    // The memory controller is in version 2, the others are not.
    let hybrid = [
        "proc/self/cgroup=5:cpu:/x\n0::/a\n",
        "sys/fs/cgroup/unified/a/memory.max=104857600\n",
        "sys/fs/cgroup/unified/a/memory.current=1048576\n",
        "sys/fs/cgroup/unified/a/memory.stat=file_dirty 0\nfile_writeback 0\n\
         inactive_file 0\nactive_file 0\n",
    ];
    check(
        &hybrid,
        &expect![[r"
        99 MiB by hard limit of cgroup /a
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a: 1 MiB of 100 MiB without 0 B of cache
    "]],
    );
}

#[test]
fn m01_version_1_with_a_lower_ancestor_and_groups_that_do_not_count_below() {
    let files = [
        V1,
        "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes=1073741824\n",
        "sys/fs/cgroup/memory/a/memory.limit_in_bytes=536870912\n",
        "sys/fs/cgroup/memory/a/memory.usage_in_bytes=471859200\n",
        "sys/fs/cgroup/memory/a/memory.stat=total_dirty 0\ntotal_writeback 0\n\
         total_inactive_file 0\ntotal_active_file 10485760\n",
        "sys/fs/cgroup/memory/a/memory.use_hierarchy=1\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes=1048576\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes=1048576\n",
        "sys/fs/cgroup/memory/memory.use_hierarchy=0\n",
    ];
    check(
        &with(&V1_USAGE, &files),
        &expect![[r"
        72 MiB by hard limit of cgroup /a
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a/b: 200 MiB of 1 GiB without 100 MiB of cache
          hard limit of cgroup /a: 440 MiB of 512 MiB without 10 MiB of cache
    "]],
    );
}

#[test]
fn m01_limit_with_swap_binds_where_swap_is_used() {
    let files = [
        V1,
        "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes=536870912\n",
        "sys/fs/cgroup/memory/a/b/memory.memsw.limit_in_bytes=536870912\n",
        "sys/fs/cgroup/memory/a/b/memory.memsw.usage_in_bytes=367001600\n",
    ];
    check(
        &with(&V1_USAGE, &files),
        &expect![[r"
        262 MiB by limit with swap of cgroup /a/b
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a/b: 200 MiB of 512 MiB without 100 MiB of cache
          limit with swap of cgroup /a/b: 250 MiB of 512 MiB without 100 MiB of cache
    "]],
    );
}

#[test]
fn m01_places_come_from_the_mounts() {
    let files = [
        "proc/self/mountinfo=\
         21 1 0:21 / /proc rw - proc proc rw\n\
         35 31 0:32 / /else/v1 rw shared:9 - cgroup cgroup rw,cpu\n\
         36 31 0:33 /pod/box /my\\040groups rw shared:9 master:1 - cgroup c rw,memory\n",
        "proc/self/cgroup=4:memory:/pod/box/job\n",
        "my groups/job/memory.limit_in_bytes=104857600\n",
        "my groups/job/memory.usage_in_bytes=1048576\n",
        "my groups/memory.limit_in_bytes=52428800\n",
        "my groups/memory.usage_in_bytes=2097152\n",
    ];
    check(
        &files,
        &expect![[r"
        48 MiB by hard limit of cgroup /
          host: 1 GiB of 4 GiB
          hard limit of cgroup /job: 1 MiB of 100 MiB
          hard limit of cgroup /: 2 MiB of 50 MiB
          cannot access /my groups/job/memory.stat: No such file or directory (os error 2)
          cannot access /my groups/memory.stat: No such file or directory (os error 2)
    "]],
    );
}

#[test]
fn m01_in_a_container_the_mount_is_the_group() {
    let limit = "sys/fs/cgroup/memory.max=104857600\n";
    let usage = "sys/fs/cgroup/memory.current=1048576\n";
    let stat = "sys/fs/cgroup/memory.stat=file_dirty 0\nfile_writeback 0\n\
                inactive_file 0\nactive_file 0\n";
    let expected = expect![[r"
            99 MiB by hard limit of cgroup /
              host: 1 GiB of 4 GiB
              hard limit of cgroup /: 1 MiB of 100 MiB without 0 B of cache
        "]];
    for group in ["/", "/kubepods/pod1/box", "/../sibling"] {
        let own = format!("proc/self/cgroup=0::{group}\n");
        check(&[&own, limit, usage, stat], &expected);
    }
}

#[test]
fn m01_unlimited_is_not_unreadable() {
    check(
        &[V2, "sys/fs/cgroup/a/b/memory.max=max\n"],
        &expect![[r"
        3 GiB by host
          host: 1 GiB of 4 GiB
    "]],
    );
    // The controller is not enabled for these groups.
    check(
        &[V2, "sys/fs/cgroup/a/b/cgroup.procs=1\n"],
        &expect![[r"
        3 GiB by host
          host: 1 GiB of 4 GiB
    "]],
    );
    let most = "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes=9223372036854771712\n";
    check(
        &[V1, most],
        &expect![[r"
        3 GiB by host
          host: 1 GiB of 4 GiB
    "]],
    );
}

#[test]
fn m01_vanished_files_are_named() {
    check(
        &[],
        &expect![[r"
        3 GiB by host
          host: 1 GiB of 4 GiB
          cannot access /proc/self/cgroup: No such file or directory (os error 2)
    "]],
    );
    check(
        &[V2],
        &expect![[r"
            3 GiB by host
              host: 1 GiB of 4 GiB
              cannot access /sys/fs/cgroup: No such file or directory (os error 2)
        "]],
    );
    let max = "sys/fs/cgroup/a/b/memory.max=536870912\n";
    check(
        &[V2, max],
        &expect![[r"
            512 MiB by hard limit of cgroup /a/b
              host: 1 GiB of 4 GiB
              hard limit of cgroup /a/b: unknown of 512 MiB
              cannot access /sys/fs/cgroup/a/b/memory.current: No such file or directory (os error 2)
              cannot access /sys/fs/cgroup/a/b/memory.stat: No such file or directory (os error 2)
        "]],
    );
    check(
        &[V2, max, V2_USAGE[0]],
        &expect![[r"
        212 MiB by hard limit of cgroup /a/b
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a/b: 300 MiB of 512 MiB
          cannot access /sys/fs/cgroup/a/b/memory.stat: No such file or directory (os error 2)
    "]],
    );
    check(
        &[V2, max, V2_USAGE[1]],
        &expect![[r"
            512 MiB by hard limit of cgroup /a/b
              host: 1 GiB of 4 GiB
              hard limit of cgroup /a/b: unknown of 512 MiB
              cannot access /sys/fs/cgroup/a/b/memory.current: No such file or directory (os error 2)
        "]],
    );
    check(
        &["proc/meminfo=\n"],
        &expect![[r"
        not known: no total and available memory in /proc/meminfo
          no total and available memory in /proc/meminfo
          cannot access /proc/self/cgroup: No such file or directory (os error 2)
    "]],
    );
}

#[test]
fn m01_garbage_is_named_and_never_zero() {
    let garbage = [
        "sys/fs/cgroup/a/b/memory.max=-1\n",
        "sys/fs/cgroup/a/b/memory.max=\n",
        "sys/fs/cgroup/a/b/memory.max=99999999999999999999999\n",
        "sys/fs/cgroup/a/b/memory.max=5 MiB\n",
    ];
    let expected = expect![[r"
            3 GiB by host
              host: 1 GiB of 4 GiB
              no limit in bytes in /sys/fs/cgroup/a/b/memory.max
        "]];
    for max in garbage {
        check(&with(&V2_USAGE, &[V2, max]), &expected);
    }
    let max = "sys/fs/cgroup/a/b/memory.max=536870912\n";
    let current = "sys/fs/cgroup/a/b/memory.current=many\n";
    check(
        &with(&V2_USAGE, &[V2, max, current]),
        &expect![[r"
            512 MiB by hard limit of cgroup /a/b
              host: 1 GiB of 4 GiB
              hard limit of cgroup /a/b: unknown of 512 MiB
              no usage in bytes in /sys/fs/cgroup/a/b/memory.current
        "]],
    );
    let stat = "sys/fs/cgroup/a/b/memory.stat=inactive_file many\nactive_file 1\n";
    check(
        &with(&V2_USAGE, &[V2, max, stat]),
        &expect![[r"
        212 MiB by hard limit of cgroup /a/b
          host: 1 GiB of 4 GiB
          hard limit of cgroup /a/b: 300 MiB of 512 MiB
          no clean file cache in /sys/fs/cgroup/a/b/memory.stat
    "]],
    );
    check(
        &["proc/self/cgroup=nothing\n"],
        &expect![[r"
        3 GiB by host
          host: 1 GiB of 4 GiB
          no cgroup in /proc/self/cgroup
    "]],
    );
}

#[test]
fn m01_over_the_limit_is_a_true_zero() {
    check(
        &with(&V2_USAGE, &[V2, "sys/fs/cgroup/a/b/memory.high=104857600\n"]),
        &expect![[r"
            0 B by high limit of cgroup /a/b
              host: 1 GiB of 4 GiB
              high limit of cgroup /a/b: 200 MiB of 100 MiB without 100 MiB of cache
        "]],
    );
    let none = "sys/fs/cgroup/a/b/memory.max=0\n";
    let root = tree(&with(&V2_USAGE, &[V2, none]));
    let mut sampler = Sampler::open_under(root.path());
    let share = sampler.sample().limits[1].used_share();
    assert_eq!(share, Some(Share::ONE));
}

#[test]
fn m02_clean_cache_is_available_and_the_rest_is_not() {
    let max = "sys/fs/cgroup/a/b/memory.max=536870912\n";
    let used = |lists: &str| {
        let stat = format!("sys/fs/cgroup/a/b/memory.stat={lists}");
        let root = tree(&[V2, max, V2_USAGE[0], &stat]);
        let mut sampler = Sampler::open_under(root.path());
        let limits = &sampler.sample().limits;
        let used = limits[1].used.expect("the usage is there");
        (used.bytes() >> 20, limits[1].available().bytes() >> 20)
    };
    let read_once = "inactive_file 104857600\nactive_file 0\n";
    let read_twice = "inactive_file 0\nactive_file 104857600\n";
    let clean = "file_dirty 0\nfile_writeback 0\nfile 104857600\nshmem 0\n";
    assert_eq!(used(&format!("{read_once}{clean}")), (200, 312));
    assert_eq!(used(&format!("{clean}{read_twice}")), (200, 312));
    let dirty = "file_dirty 52428800\nfile_writeback 10485760\nfile 104857600\nshmem 0\n";
    assert_eq!(used(&format!("{read_twice}{dirty}")), (260, 252));
    // Shared memory is counted as file, but it is on the lists of anonymous memory.
    let shared = "file_dirty 0\nfile_writeback 0\nfile 104857600\nshmem 104857600\n";
    let lists = "inactive_file 0\nactive_file 0\ninactive_anon 104857600\n";
    assert_eq!(used(&format!("{lists}{shared}")), (300, 212));
    // Without the dirty pages nothing is known to be clean.
    assert_eq!(used(read_twice), (300, 212));
    // The two files are not read at one moment.
    let more = "inactive_file 999999999999\nactive_file 0\n";
    assert_eq!(used(&format!("{more}{clean}")), (0, 512));
}

#[test]
fn a_process_that_moves_is_followed_within_16_samples() {
    let max = "sys/fs/cgroup/a/b/memory.max=536870912\n";
    let files = [
        V2,
        max,
        "sys/fs/cgroup/c/memory.max=104857600\n",
        "sys/fs/cgroup/c/memory.current=1048576\n",
        "sys/fs/cgroup/a/b/memory.pressure=some total=5\nfull total=1\n",
        "sys/fs/cgroup/c/memory.pressure=some total=9\nfull total=9\n",
    ];
    let root = tree(&with(&V2_USAGE, &files));
    let mut sampler = Sampler::open_under(root.path());
    let before = sampler.sample().clone();
    write(root.path(), &["proc/self/cgroup=0::/c\n"]);
    let moved = (0..16).any(|_| match &sampler.sample().headroom {
        Ok(headroom) => headroom.binding.to_string().ends_with("cgroup /c"),
        Err(_) => false,
    });
    assert!(moved, "{:?}", sampler.sample());
    let [before, after] = [&before.cgroup_psi, &sampler.sample().cgroup_psi]
        .map(|psi| *psi.as_ref().expect("it is there"));
    // They are not the same counters, although they have grown.
    assert_eq!(after.since(&before, std::time::Duration::from_secs(1)), None);
}

#[test]
fn the_pressure_of_all_is_not_that_of_the_own_group() {
    let all = "sys/fs/cgroup/unified/memory.pressure=some total=5\nfull total=1\n";
    let one = "sys/fs/cgroup/unified/y/memory.pressure=some total=9\nfull total=9\n";
    let psi = |membership: &'static str| {
        let root = tree(&[membership, all, one]);
        let psi = Sampler::open_under(root.path()).sample().cgroup_psi.clone();
        psi.map(|psi| psi.some().as_micros())
    };
    assert_eq!(psi(V1).ok(), Some(9));
    let in_the_root = psi("proc/self/cgroup=4:memory:/a/b\n0::/\n");
    assert!(in_the_root.unwrap_err().is_unavailable());
}

#[test]
fn missing_files_are_found_within_16_samples_and_changes_at_once() {
    let max = "sys/fs/cgroup/a/b/memory.max=536870912\n";
    let root = tree(&[V2, max]);
    let mut sampler = Sampler::open_under(root.path());
    let own = |sample: &Sample| sample.limits.get(1).map(Limit::available);
    assert_eq!(own(sampler.sample()), Some(ByteSize::mib(512)));
    write(root.path(), &V2_USAGE);
    assert!((0..16).any(|_| own(sampler.sample()) == Some(ByteSize::mib(312))));
    write(root.path(), &["sys/fs/cgroup/a/b/memory.max=1073741824\n"]);
    assert_eq!(own(sampler.sample()), Some(ByteSize::mib(824)));
}

#[test]
fn memory_of_the_own_process_is_found_within_16_readings() {
    let root = tree(&[]);
    let mut process = ProcessSampler::open_under(root.path());
    assert!(process.rss().is_err());
    write(root.path(), &["proc/self/statm=100 50 20 1 0 30 0\n"]);
    let found = (0..16).find_map(|_| process.rss().ok());
    assert!(found.is_some_and(|rss| rss.bytes().is_multiple_of(50)), "{found:?}");
    write(root.path(), &["proc/self/statm=100 fifty\n"]);
    assert!(process.rss().is_err());
}

#[test]
fn limit_is_found_where_there_was_none_and_a_membership_where_it_was_unknown() {
    let root = tree(&V2_USAGE);
    let mut sampler = Sampler::open_under(root.path());
    assert_eq!(sampler.sample().unread.len(), 1);
    write(root.path(), &[V2, "sys/fs/cgroup/a/b/memory.max=max\n"]);
    assert!((0..16).any(|_| sampler.sample().unread.is_empty()));
    assert_eq!(sampler.sample().limits.len(), 1);
    write(root.path(), &["sys/fs/cgroup/a/b/memory.max=536870912\n"]);
    assert!((0..16).any(|_| sampler.sample().limits.len() == 2));
}

#[test]
fn open_file_that_fails_is_an_error_until_it_comes_back() {
    let root = tree(&[V2, "sys/fs/cgroup/a/b/cgroup.procs=1\n"]);
    // A folder can be opened but not read, like a file of a group that is gone.
    let file = root.path().join("sys/fs/cgroup/a/b/memory.max");
    fs::create_dir(&file).expect("a folder in the place of the file");
    let mut sampler = Sampler::open_under(root.path());
    let expected = expect![[r"
            3 GiB by host
              host: 1 GiB of 4 GiB
              cannot access /sys/fs/cgroup/a/b/memory.max: Is a directory (os error 21)
        "]];
    for _ in 0..20 {
        expected.assert_eq(&describe(root.path(), sampler.sample()));
    }
    fs::remove_dir(&file).expect("it is empty");
    write(root.path(), &V2_USAGE);
    write(root.path(), &["sys/fs/cgroup/a/b/memory.max=536870912\n"]);
    assert!((0..16).any(|_| sampler.sample().limits.len() == 2));
}

/// Mostly texts that are nearly right, and some that are anything.
fn contents() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![any::<u64>(), 0_u64..1 << 31];
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        "(max|[0-9]{1,22}|-?[0-9 ]{1,5}|\\PC{0,9})\n?".prop_map(String::into_bytes),
        number.prop_map(|number| format!("{number}\n").into_bytes()),
    ]
}

/// The naive model of a file that holds a limit.
fn model(bytes: &[u8]) -> Result<Option<u64>, ()> {
    if bytes.trim_ascii() == b"max" {
        return Ok(None);
    }
    Ok(Some(number(bytes)?).filter(|number| *number < 1 << 62))
}

fn number(bytes: &[u8]) -> Result<u64, ()> {
    let text = str::from_utf8(bytes).map_err(drop)?.trim_ascii();
    if text.starts_with('+') { Err(()) } else { text.parse().map_err(drop) }
}

proptest! {
    // Each case writes files.
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn m01_any_bytes_give_the_true_limit_or_an_error(
        max in contents(),
        current in contents(),
        stat in contents(),
    ) {
        let root = tree(&[V2]);
        let group = root.path().join("sys/fs/cgroup/a/b");
        fs::create_dir_all(&group).expect("the folder");
        for (name, bytes) in
            [("memory.max", &max), ("memory.current", &current), ("memory.stat", &stat)]
        {
            fs::write(group.join(name), bytes).expect("the file");
        }
        let mut sampler = Sampler::open_under(root.path());
        let sample = sampler.sample();
        let own = sample.limits.iter().find(|limit| limit.binding != Binding::Host);
        let size = own.map(|limit| limit.size.bytes());
        let used = own.and_then(|limit| limit.used).map(ByteSize::bytes);
        match (model(&max), number(&current)) {
            (Ok(None), _) => prop_assert!(own.is_none() && sample.unread.is_empty()),
            (Ok(limit), usage) => {
                prop_assert_eq!(size, limit);
                prop_assert_eq!(used, usage.ok());
                // Random bytes are no list of pages.
                prop_assert_eq!(sample.unread.len(), 1 + usize::from(usage.is_err()));
            }
            (Err(()), _) => {
                prop_assert_eq!(size, None);
                prop_assert_eq!(sample.unread.len(), 1);
            }
        }
        let host = ByteSize::gib(3);
        prop_assert!(sample.headroom.as_ref().is_ok_and(|room| room.available <= host));
    }

    #[test]
    fn m01_any_membership_and_mounts_leave_the_host_readable(
        membership in prop::collection::vec(any::<u8>(), 0..80),
        text in "[0-9]?:(memory|,|cpu)?:[/.a\\\\]{0,9}\n0::[/.ab]{0,9}\n?",
        mounts in "(1 2 0:3 [/.a0-7\\\\]{0,9} [/.a0-7\\\\]{0,9} rw -? cgroup2? x (memory)?\n){0,3}",
    ) {
        for membership in [membership.as_slice(), text.as_bytes()] {
            let root = tree(&[]);
            let own = root.path().join("proc/self");
            fs::create_dir_all(&own).expect("the folder");
            fs::write(own.join("cgroup"), membership).expect("the file");
            fs::write(own.join("mountinfo"), &mounts).expect("the file");
            let mut sampler = Sampler::open_under(root.path());
            let sample = sampler.sample();
            prop_assert_eq!(sample.limits.len(), 1);
            prop_assert_eq!(sample.limits[0].available(), ByteSize::gib(3));
        }
    }
}
