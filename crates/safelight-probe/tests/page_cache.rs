//! What the kernel of this machine calls used, in a cgroup of its own where one may be made.

#![cfg(target_os = "linux")]

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use safelight_core::ByteSize;
use safelight_probe::{Binding, Limit, Sample, Sampler};
use tempfile::TempDir;

const FILE: ByteSize = ByteSize::mib(64);

/// What pages of the kernel and a shell may take, on top of what is measured.
const SLACK: ByteSize = ByteSize::mib(16);

#[derive(Clone, Copy)]
struct Names {
    membership: &'static str,
    limit: &'static str,
    usage: &'static str,
}

const V1: Names = Names {
    membership: "4:memory:",
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
};

const V2: Names =
    Names { membership: "0::", limit: "memory.max", usage: "memory.current" };

/// Finds the folder of this process' own cgroup, in the usual places.
fn own_cgroup() -> Option<(Names, PathBuf)> {
    let text = fs::read_to_string("/proc/self/cgroup").ok()?;
    let lines =
        || text.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
    let v1 = lines().find(|(names, _)| names.split(',').any(|name| name == "memory"));
    let (names, mount, group) = match v1 {
        Some((_, group)) => (V1, "/sys/fs/cgroup/memory", group),
        None => (V2, "/sys/fs/cgroup", lines().find(|line| line.0.is_empty())?.1),
    };
    let below = Path::new(mount).join(group.trim_start_matches('/'));
    let folder = if below.is_dir() { below } else { mount.into() };
    folder.join(names.usage).exists().then_some((names, folder))
}

/// A cgroup below the own one with a limit, and a tree that says that we are in it.
struct Group {
    names: Names,
    folder: PathBuf,
    root: TempDir,
}

impl Group {
    fn create(name: &str, limit: ByteSize) -> Result<Self, String> {
        let (names, own) = own_cgroup().ok_or("the own cgroup is not found")?;
        let folder = own.join(format!("safelight-{name}-{}", std::process::id()));
        let failed = |error: io::Error| format!("{}: {error}", folder.display());
        fs::create_dir(&folder).map_err(failed)?;
        let root = tempfile::tempdir().expect("a folder for the tree");
        let group = Self { names, folder: folder.clone(), root };
        group.set_limit(limit).map_err(failed)?;
        let process = group.root.path().join("proc/self");
        fs::create_dir_all(&process).expect("the folder");
        let line = format!("{}/group\n", names.membership);
        fs::write(process.join("cgroup"), line).expect("the file");
        group.mount(&process);
        Ok(group)
    }

    /// Lets the tree name the real folder as the mount, seen from the real root.
    fn mount(&self, process: &Path) {
        let mount = self.root.path().join("groups");
        fs::create_dir(&mount).expect("the folder");
        symlink(&self.folder, mount.join("group")).expect("the link");
        let kind = if self.names.limit == V1.limit { "cgroup" } else { "cgroup2" };
        let line = format!("1 1 0:1 / /groups rw - {kind} none rw,memory\n");
        fs::write(process.join("mountinfo"), line).expect("the file");
    }

    fn set_limit(&self, limit: ByteSize) -> io::Result<()> {
        fs::write(self.folder.join(self.names.limit), limit.bytes().to_string())
    }

    /// Runs a script inside of it.
    fn run(&self, script: &str) -> Result<(), String> {
        let procs = self.folder.join("cgroup.procs");
        let script = format!("set -e; echo $$ > '{}'; {script}", procs.display());
        let output = Command::new("sh").args(["-c", &script]).output();
        let output = output.map_err(|error| error.to_string())?;
        let message = || String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(message()) }
    }

    fn limit(sample: &Sample) -> &Limit {
        let own = sample.limits.iter().find(|limit| limit.binding != Binding::Host);
        own.expect("the group has a limit")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The kernel refuses as long as a process is in it; ours have ended.
        if let Err(error) = fs::remove_dir(&self.folder) {
            eprintln!("{} stays behind: {error}", self.folder.display());
        }
    }
}

/// Returns a folder on a real disk; memory file systems have no page cache to drop.
fn disk() -> Option<TempDir> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).ok()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        Some((left.split(' ').nth(4)?, right.split(' ').next()?))
    });
    let holds = |(mount, _): &(&str, &str)| folder.path().starts_with(mount);
    let (_, kind) = mounts.filter(holds).max_by_key(|(mount, _)| mount.len())?;
    (!["tmpfs", "ramfs"].contains(&kind)).then_some(folder)
}

#[test]
fn m02_in_a_real_cgroup_clean_cache_is_available_and_shared_memory_is_not() {
    let group = match Group::create("cache", ByteSize::mib(256)) {
        Ok(group) => group,
        Err(why) => return eprintln!("SKIPPED, no cgroup may be made here: {why}"),
    };
    let Some(disk) = disk() else { return eprintln!("SKIPPED, no disk is here") };
    let mut sampler = Sampler::open_under(group.root.path());
    let before = Group::limit(sampler.sample()).clone();
    assert_eq!(before.size, ByteSize::mib(256));

    let file = disk.path().join("file");
    let (file, mib) = (file.display(), FILE.bytes() >> 20);
    let script = format!(
        "dd if=/dev/zero of='{file}' bs=1M count={mib} conv=fsync; \
         cat '{file}' > /dev/null; cat '{file}' > /dev/null"
    );
    if let Err(why) = group.run(&script) {
        return eprintln!("SKIPPED, the group takes no process: {why}");
    }
    let cached = Group::limit(sampler.sample()).clone();
    let clean = cached.clean_cache.expect("the kernel tells");
    assert!(FILE <= clean + SLACK, "{cached:?}");
    assert!(before.available() <= cached.available() + SLACK, "{before:?} {cached:?}");

    let shared = tempfile::tempdir_in("/dev/shm");
    let Ok(shared) = shared else { return eprintln!("SKIPPED, no shared memory") };
    let file = shared.path().join("file");
    let script = format!("dd if=/dev/zero of='{}' bs=1M count={mib}", file.display());
    group.run(&script).expect("the group took a process before");
    let held = Group::limit(sampler.sample()).clone();
    assert!(held.available() + FILE <= cached.available() + SLACK, "{cached:?} {held:?}");
    eprintln!("cached {cached:?}, held {held:?}");
}

#[test]
fn m01_a_real_cgroup_that_vanishes_is_no_limit_any_more() {
    let group = match Group::create("vanishing", ByteSize::mib(64)) {
        Ok(group) => group,
        Err(why) => return eprintln!("SKIPPED, no cgroup may be made here: {why}"),
    };
    let mut sampler = Sampler::open_under(group.root.path());
    assert_eq!(Group::limit(sampler.sample()).size, ByteSize::mib(64));
    fs::remove_dir(&group.folder).expect("it is empty");
    let sample = sampler.sample();
    assert!(sample.limits.is_empty(), "{sample:?}");
    fs::create_dir(&group.folder).expect("it was made before");
    group.set_limit(ByteSize::mib(32)).expect("it was set before");
    let found = (0..16).any(|_| !sampler.sample().limits.is_empty());
    assert!(found, "{:?}", sampler.sample());
    assert_eq!(Group::limit(sampler.sample()).size, ByteSize::mib(32));
}

/// Returns how much less there is.
fn fall(before: ByteSize, after: ByteSize) -> i128 {
    i128::from(before.bytes()) - i128::from(after.bytes())
}

/// The usage of the real own cgroup, with a limit that is made up a little above.
fn with_a_limit_that_is_made_up() -> Option<TempDir> {
    let (names, own) = own_cgroup()?;
    let usage = fs::read_to_string(own.join(names.usage)).ok()?;
    let usage: u64 = usage.trim().parse().ok()?;
    let root = tempfile::tempdir().expect("a folder for the tree");
    let process = root.path().join("proc/self");
    let mount = if names.limit == V1.limit { "memory/own" } else { "own" };
    let group = root.path().join("sys/fs/cgroup").join(mount);
    fs::create_dir_all(&process).expect("the folder");
    fs::create_dir_all(&group).expect("the folder");
    let line = format!("{}/own\n", names.membership);
    fs::write(process.join("cgroup"), line).expect("the file");
    let limit = usage + ByteSize::gib(2).bytes();
    fs::write(group.join(names.limit), limit.to_string()).expect("the file");
    for file in [names.usage, "memory.stat"] {
        symlink(own.join(file), group.join(file)).expect("the link");
    }
    Some(root)
}

#[test]
fn m02_file_read_twice_does_not_use_memory() {
    let Some(disk) = disk() else { return eprintln!("SKIPPED, no disk is here") };
    let made_up = with_a_limit_that_is_made_up();
    if made_up.is_none() {
        eprintln!("SKIPPED for the own cgroup, its files are not found");
    }
    let groups = made_up.as_ref().map(|root| Sampler::open_under(root.path()));
    for mut sampler in groups.into_iter().chain([Sampler::open()]) {
        let (mut falls, mut drifts) = (Vec::new(), Vec::new());
        // Others use memory meanwhile: one quiet moment is enough.
        for attempt in 0..8 {
            let path = disk.path().join(format!("file-{attempt}"));
            let mut available = || {
                let headroom = sampler.sample().headroom.clone();
                headroom.expect("a limit can be read").available
            };
            let before = available();
            write_and_read_twice(&path).expect("the disk takes it");
            let after = available();
            // It is in the cache now, so that nothing changes by us.
            read(&path).expect("it was read before");
            falls.push(fall(before, after));
            drifts.push(fall(after, available()).abs());
            fs::remove_file(&path).expect("it was written");
            if falls[attempt] < i128::from(FILE.bytes() / 2) {
                break;
            }
        }
        let quiet = falls.last().is_some_and(|fall| *fall < i128::from(FILE.bytes() / 2));
        let restless = drifts.iter().all(|drift| i128::from(SLACK.bytes()) < *drift);
        if !quiet && restless {
            eprintln!("SKIPPED, others use too much meanwhile: {falls:?} {drifts:?}");
        } else {
            assert!(quiet, "{falls:?} {drifts:?}");
        }
    }
}

fn write_and_read_twice(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    let block = vec![7_u8; 1 << 20];
    for _ in 0..FILE.bytes() >> 20 {
        file.write_all(&block)?;
    }
    // What is dirty is used.
    file.sync_all()?;
    read(path)?;
    read(path)
}

fn read(path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut block = vec![0_u8; 1 << 20];
    while 0 < file.read(&mut block)? {}
    Ok(())
}
