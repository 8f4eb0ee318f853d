use std::fs;

use proptest::prelude::*;
use safelight_core::ByteSize;

use super::{Membership, parse_membership};
use crate::MemoryLimit;

/// Reads the limit from a tree of files like `sys/fs/cgroup/memory.max=42`.
#[track_caller]
fn read(files: &[&str]) -> Result<MemoryLimit, String> {
    let root = tempfile::tempdir().expect("a folder for the tree");
    for file in files {
        let (path, text) = file.split_once('=').expect("a path and a text");
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("the folder");
        fs::write(path, text).expect("the file");
    }
    MemoryLimit::read_under(root.path()).map_err(|error| {
        error.to_string().replace(root.path().to_str().expect("a plain path"), "")
    })
}

const LIMIT: MemoryLimit = MemoryLimit::Bytes(ByteSize::mib(512));

#[test]
fn limits_of_both_versions_are_read() {
    let own = "sys/fs/cgroup/a/b/memory.max=536870912\n";
    assert_eq!(read(&["proc/self/cgroup=0::/a/b\n", own]), Ok(LIMIT));
    // In a container the group is the mount, whatever the path says.
    let mounted = "sys/fs/cgroup/memory.max=536870912\n";
    assert_eq!(read(&["proc/self/cgroup=0::/elsewhere\n", mounted]), Ok(LIMIT));
    let v1 = "sys/fs/cgroup/memory/x/memory.limit_in_bytes=536870912\n";
    assert_eq!(read(&["proc/self/cgroup=9:cpu:/y\n4:memory:/x\n0::/\n", v1]), Ok(LIMIT));
    let hybrid = "sys/fs/cgroup/unified/memory.max=536870912\n";
    assert_eq!(read(&["proc/self/cgroup=9:cpu:/y\n0::/\n", hybrid]), Ok(LIMIT));
}

#[test]
fn unlimited_is_not_unreadable() {
    let v2 = "proc/self/cgroup=0::/a\n";
    let unlimited = Ok(MemoryLimit::Unlimited);
    assert_eq!(read(&[v2, "sys/fs/cgroup/a/memory.max=max\n"]), unlimited);
    // The controller is not enabled for this group.
    assert_eq!(read(&[v2, "sys/fs/cgroup/a/cgroup.procs=1\n"]), unlimited);
    let v1 = "proc/self/cgroup=4:memory:/a\n";
    let largest = "sys/fs/cgroup/memory/a/memory.limit_in_bytes=9223372036854771712\n";
    assert_eq!(read(&[v1, largest]), unlimited);
    assert_eq!(read(&[]), Err("cannot access /proc/self/cgroup".into()));
    assert_eq!(read(&[v2]), Err("cannot access /sys/fs/cgroup/memory.max".into()));
    assert_eq!(
        read(&["proc/self/cgroup=7:cpu:/\n"]),
        Err("no cgroup in /proc/self/cgroup".into())
    );
    assert_eq!(
        read(&[v2, "sys/fs/cgroup/a/memory.max=many\n"]),
        Err("no limit in bytes in /sys/fs/cgroup/a/memory.max".into())
    );
}

#[test]
fn paths_may_hold_colons_and_controllers_come_in_lists() {
    assert_eq!(parse_membership("0::/a:b\n"), Some(Membership::V2("/a:b")));
    let joined = "3:cpu,memory:/c\n0::/d\n";
    assert_eq!(parse_membership(joined), Some(Membership::V1("/c")));
    assert_eq!(parse_membership("5:name=memory:/x\n"), None);
}

proptest! {
    #[test]
    fn random_text_never_panics(text in "\\PC{0,40}(\n\\PC{0,40}){0,3}", number: u64) {
        parse_membership(&text);
        MemoryLimit::parse(&text);
        let line = format!("{number}\n");
        prop_assert!(MemoryLimit::parse(&line).is_some());
    }
}
