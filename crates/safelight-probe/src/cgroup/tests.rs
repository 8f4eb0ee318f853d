use std::{fs, path::Path};

use proptest::prelude::*;
use safelight_core::ByteSize;

use super::{Version, membership::Membership, mount::Mount, stat::parse_clean_cache};
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
fn lowest_limit_of_both_versions_is_read() {
    let own = "sys/fs/cgroup/a/b/memory.max=536870912\n";
    assert_eq!(read(&["proc/self/cgroup=0::/a/b\n", own]), Ok(LIMIT));
    let above = "sys/fs/cgroup/a/memory.max=536870912\n";
    let higher = "sys/fs/cgroup/a/b/memory.max=736870912\n";
    assert_eq!(read(&["proc/self/cgroup=0::/a/b\n", higher, above]), Ok(LIMIT));
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
    assert_eq!(read(&[v2]), Err("cannot access /sys/fs/cgroup".into()));
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
    let parse = |text: &'static str| {
        let membership = Membership::parse(text.as_bytes());
        let text = |bytes| str::from_utf8(bytes).expect("it was text");
        (membership.memory_v1.map(text), membership.v2.map(text))
    };
    assert_eq!(parse("0::/a:b\n"), (None, Some("/a:b")));
    let joined = "3:cpu,memory:/c\n0::/d\n";
    assert_eq!(parse(joined), (Some("/c"), Some("/d")));
    assert_eq!(parse("5:name=memory:/x\n"), (None, None));
    assert_eq!(parse("memory\n:\n::\n"), (None, Some("")));
}

#[test]
fn mount_that_shows_most_of_the_groups_is_taken() {
    let mountinfo = b"1 1 0:1 /other /x rw - cgroup2 c rw\n\
                      1 1 0:1 /a/b /deep rw - cgroup2 c rw\n\
                      1 1 0:1 /a /good rw - cgroup2 c rw\n";
    let find = |group: &str| {
        let (root, group) = (Path::new("/root"), Path::new(group));
        Mount::find(root, mountinfo, Version::V2, group).folder(Path::new(""))
    };
    assert_eq!(find("/a/b/c"), Path::new("/root/good"));
    assert_eq!(find("/other/c"), Path::new("/root/x"));
    // Of none of them can the group be seen.
    assert_eq!(find("/"), Path::new("/root/x"));
}

/// The naive model: a map of all lines, the first of equal keys.
fn clean_cache(lines: &[(&str, u64)]) -> Option<u64> {
    let get = |key| lines.iter().find(|line| line.0 == key).map(|line| line.1);
    let lists = get("inactive_file")?.checked_add(get("active_file")?)?;
    let busy = get("file_dirty")?.checked_add(get("file_writeback")?)?;
    Some(lists.saturating_sub(busy))
}

proptest! {
    #[test]
    fn m02_clean_cache_equals_the_model(
        lines in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "inactive_file", "active_file", "file_dirty", "file_writeback", "file",
                    "shmem", "total_active_file", "unevictable",
                ]),
                prop_oneof![4 => 0_u64..1 << 40, 1 => any::<u64>()],
            ),
            0..20,
        ),
    ) {
        let print = |(key, value): &(&str, u64)| format!("{key} {value}\n");
        let text: String = lines.iter().map(print).collect();
        let expected = clean_cache(&lines).map(ByteSize::from_bytes);
        prop_assert_eq!(parse_clean_cache(&text, Version::V2), expected);
    }

    #[test]
    fn random_text_never_panics(text in "\\PC{0,40}(\n\\PC{0,40}){0,3}", number: u64) {
        Membership::parse(text.as_bytes());
        MemoryLimit::parse(&text);
        for version in [Version::V1, Version::V2] {
            parse_clean_cache(&text, version);
        }
        let line = format!("{number}\n");
        prop_assert!(MemoryLimit::parse(&line).is_some());
    }
}
