use std::{fs, path::Path};

use safelight_core::ByteSize;
use tempfile::TempDir;

use super::{Group, name, remove_leftovers};
use crate::control_group::place::{Place, Version};

fn place(version: Version) -> (TempDir, Place) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().to_owned();
    (root, Place { version, folder })
}

/// Does what the kernel does with a group that is removed.
fn empty(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

#[test]
fn m06_a_group_gets_its_limit_and_goes_with_its_guard() {
    for (version, file) in
        [(Version::V1, "memory.limit_in_bytes"), (Version::V2, "memory.max")]
    {
        let (root, place) = place(version);
        let group = Group::create(&place, "run", ByteSize::mib(512)).unwrap();
        let folder = root.path().join(name("run"));
        assert_eq!(group.door(), folder.join("cgroup.procs"));
        assert_eq!(fs::read_to_string(folder.join(file)).unwrap(), "536870912");
        empty(&folder);
        drop(group);
        assert!(!folder.exists());
    }
}

#[test]
fn m06_what_the_kernel_does_not_tell_is_not_zero() {
    for (version, kills, peak) in [
        (Version::V1, "memory.oom_control", "memory.max_usage_in_bytes"),
        (Version::V2, "memory.events", "memory.peak"),
    ] {
        let (root, place) = place(version);
        let group = Group::create(&place, "run", ByteSize::mib(512)).unwrap();
        let folder = root.path().join(name("run"));
        assert_eq!((group.n_kills(), group.peak()), (None, None));
        fs::write(folder.join(kills), "oom 7\nunder_oom 0\noom_kill 3\n").unwrap();
        fs::write(folder.join(peak), "1048576\n").unwrap();
        assert_eq!(group.n_kills(), Some(3));
        assert_eq!(group.peak(), Some(ByteSize::mib(1)));
        // Before 4.13.
        fs::write(folder.join(kills), "oom_kill_disable 0\nunder_oom 0\n").unwrap();
        assert_eq!(group.n_kills(), None);
        empty(&folder);
    }
}

#[test]
fn m06_only_groups_whose_makers_are_gone_are_left_over() {
    let (root, place) = place(Version::V1);
    let own = name("run");
    let running = "safelight-oom-4242-run";
    for group in [&own, running, "safelight-oom-4243-run", "safelight-oom-x", "other"] {
        fs::create_dir(root.path().join(group)).unwrap();
    }
    fs::create_dir_all(root.path().join("proc/4242")).unwrap();
    assert_eq!(remove_leftovers(&place, root.path()), 2);
    let mut left: Vec<_> = fs::read_dir(root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["other", "proc", running, "safelight-oom-x"]);
}

/// In a real group, where one may be made.
#[cfg(target_os = "linux")]
#[test]
fn m06_a_group_takes_its_processes_along_also_in_a_panic() {
    use std::{
        os::unix::process::ExitStatusExt,
        panic::{AssertUnwindSafe, catch_unwind},
        process::Command,
    };

    let place = Place::find(Path::new("/"));
    let made = place.map_err(|refusal| refusal.to_string()).and_then(|place| {
        Group::create(&place, "test", ByteSize::mib(64))
            .map_err(|error| error.to_string())
    });
    let group = match made {
        Ok(group) => group,
        Err(why) => return eprintln!("SKIPPED: no real group can be made: {why}"),
    };
    let folder = group.folder.clone();
    let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
    fs::write(group.door(), child.id().to_string()).unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guard = group;
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert!(!folder.exists());
}
