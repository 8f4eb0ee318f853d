use std::fs;

use expect_test::{Expect, expect};

use super::Place;

/// Finds the own group in a tree of groups, mounts, and folders that exist.
#[track_caller]
fn check(groups: &str, mounts: &str, folders: &[&str], expected: &Expect) {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("proc/self")).unwrap();
    fs::write(root.path().join("proc/self/cgroup"), groups).unwrap();
    fs::write(root.path().join("proc/self/mountinfo"), mounts).unwrap();
    for folder in folders {
        fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    let found = match Place::find(root.path()) {
        Ok(place) => format!("{:?} {}", place.version, place.folder.display()),
        Err(refusal) => refusal.to_string(),
    };
    expected.assert_eq(&found.replace(root.path().to_str().unwrap(), ""));
}

const V1: &str =
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
const V2: &str =
    "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

#[test]
fn m06_the_own_group_is_found_with_version_1() {
    let groups = "9:name=systemd:/\n4:memory:/jobs/a:b\n1:cpu:/\n";
    let own = "sys/fs/cgroup/memory/jobs/a:b";
    check(groups, V1, &[own], &expect!["V1 /sys/fs/cgroup/memory/jobs/a:b"]);
    let joined = "3:cpu,memory:/jobs\n";
    let mount = V1.replace("rw,memory", "rw,cpu,memory");
    let own = "sys/fs/cgroup/memory/jobs";
    check(joined, &mount, &[own], &expect!["V1 /sys/fs/cgroup/memory/jobs"]);
}

#[test]
fn m06_the_own_group_is_found_with_version_2() {
    let own = "sys/fs/cgroup/user.slice/run.scope";
    let groups = "0::/user.slice/run.scope\n";
    check(groups, V2, &[own], &expect!["V2 /sys/fs/cgroup/user.slice/run.scope"]);
    check("0::/\n", V2, &["sys/fs/cgroup"], &expect!["V2 /sys/fs/cgroup"]);
}

#[test]
fn m06_of_a_hybrid_the_version_is_taken_that_has_the_controller() {
    let groups = "4:memory:/jobs\n0::/elsewhere\n";
    let mounts = format!("{V2}{V1}");
    let folders = ["sys/fs/cgroup/memory/jobs", "sys/fs/cgroup/elsewhere"];
    check(groups, &mounts, &folders, &expect!["V1 /sys/fs/cgroup/memory/jobs"]);
    // Version 1 is there, but without the controller.
    let groups = "4:cpu:/jobs\n0::/elsewhere\n";
    check(groups, &mounts, &folders, &expect!["V2 /sys/fs/cgroup/elsewhere"]);
}

#[test]
fn m06_in_a_container_the_mount_is_the_own_group() {
    let groups = "0::/docker/abc/job\n";
    let mounts = V2.replace(" / /sys", " /docker/abc /sys");
    let own = "sys/fs/cgroup/job";
    check(groups, &mounts, &[own], &expect!["V2 /sys/fs/cgroup/job"]);
    // The path is one that the name space does not show.
    let outside = "0::/../other\n";
    check(outside, V2, &["sys/fs/cgroup"], &expect!["V2 /sys/fs/cgroup"]);
}

#[test]
fn m06_where_there_is_no_place_it_is_said_why() {
    check(
        "5:name=memory:/x\n",
        V1,
        &[],
        &expect![
            "this process is in no group that could limit memory; turn the memory controller on in the kernel"
        ],
    );
    check(
        "0::/a\n",
        V1,
        &[],
        &expect![
            "the hierarchy of control groups of version 2 is not mounted; mount it, or let the container have it"
        ],
    );
    check(
        "0::/a\n",
        V2,
        &[],
        &expect![
            "the own group, /sys/fs/cgroup/a, cannot be seen; run it in the name space of its groups"
        ],
    );
    let root = tempfile::tempdir().unwrap();
    let refusal = Place::find(root.path()).unwrap_err().to_string();
    assert!(refusal.starts_with("/proc/self/cgroup cannot be read"), "{refusal}");
}
