use std::path::{Path, PathBuf};

use safelight_core::ByteSize;

use crate::{MemoryLimit, ProbeError, Reading, procfs};

#[cfg(test)]
mod tests;

/// Version 1 writes the largest multiple of the page size for "unlimited".
const NO_LIMIT_FROM: u64 = 1 << 62;

/// The hierarchy that owns the memory of a process, and its place therein.
#[derive(Debug, PartialEq)]
enum Membership<'a> {
    V1(&'a str),
    V2(&'a str),
}

impl MemoryLimit {
    /// Reads the limit of this process' own cgroup, with all files under `root`.
    pub(crate) fn read_under(root: &Path) -> Reading<Self> {
        let path = root.join("proc/self/cgroup");
        let text = procfs::read(&path)?;
        let membership = parse_membership(&text)
            .ok_or_else(|| ProbeError::missing("cgroup", &path))?;
        let mount = root.join("sys/fs/cgroup");
        let file = match membership {
            Membership::V1(group) => {
                own(&mount.join("memory"), group).join("memory.limit_in_bytes")
            }
            Membership::V2(group) => {
                let unified = mount.join("unified");
                let mount = if unified.is_dir() { unified } else { mount };
                own(&mount, group).join("memory.max")
            }
        };
        match procfs::read(&file) {
            Ok(text) => Self::parse(&text)
                .ok_or_else(|| ProbeError::missing("limit in bytes", &file)),
            // The root has no such file, nor has a group without the controller.
            Err(error)
                if error.is_unavailable() && file.parent().is_some_and(Path::is_dir) =>
            {
                Ok(Self::Unlimited)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a number of bytes, or "max".
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "max" {
            return Some(Self::Unlimited);
        }
        let bytes: u64 = text.parse().ok()?;
        let limited = bytes < NO_LIMIT_FROM;
        Some(if limited {
            Self::Bytes(ByteSize::from_bytes(bytes))
        } else {
            Self::Unlimited
        })
    }
}

/// Finds the memory controller: in version 1 where that has it, else in version 2.
fn parse_membership(text: &str) -> Option<Membership<'_>> {
    let mut v2 = None;
    for line in text.lines() {
        // The path may hold colons itself.
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else {
            continue;
        };
        if controllers.split(',').any(|controller| controller == "memory") {
            return Some(Membership::V1(group));
        }
        if controllers.is_empty() {
            v2 = Some(Membership::V2(group));
        }
    }
    v2
}

/// Returns the folder of a group; in a container that is the mount itself.
fn own(mount: &Path, group: &str) -> PathBuf {
    let folder = mount.join(group.trim_start_matches('/'));
    if folder.is_dir() { folder } else { mount.to_owned() }
}
