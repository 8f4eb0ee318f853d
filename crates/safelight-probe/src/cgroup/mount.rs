use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Component, Path, PathBuf},
};

use crate::cgroup::{Version, membership::lists_memory};

/// Where a hierarchy of cgroups can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// The folder, below the caller's root.
    folder: PathBuf,
    /// The group that is seen there as the topmost; not `/` in most containers.
    top: PathBuf,
}

impl Mount {
    /// Finds the mount of the version 2 hierarchy, or of version 1's memory controller.
    ///
    /// Of several it takes the one in which most groups above the given one are seen.
    pub(crate) fn find(
        root: &Path,
        mountinfo: &[u8],
        version: Version,
        group: &Path,
    ) -> Self {
        let lines = mountinfo.split(|&byte| byte == b'\n');
        let mounts = lines.filter_map(|line| Self::parse(root, line, version));
        mounts
            .min_by_key(|mount| {
                (!group.starts_with(&mount.top), mount.top.components().count())
            })
            .unwrap_or_else(|| Self::usual(root, version))
    }

    /// Returns where a group is below the folder.
    ///
    /// In a container the path may be one of the host's: then it is the folder itself.
    pub(crate) fn below<'a>(&self, group: &'a Path) -> &'a Path {
        let below = group.strip_prefix(&self.top).ok().filter(|below| {
            // Outside of what the namespace shows, paths go up.
            below.components().all(|part| matches!(part, Component::Normal(_)))
        });
        below.unwrap_or(Path::new(""))
    }

    /// Returns the nearest place from there upwards that exists.
    pub(crate) fn nearest<'a>(&self, below: &'a Path) -> &'a Path {
        let seen = below.ancestors().find(|below| self.folder(below).is_dir());
        seen.unwrap_or(Path::new(""))
    }

    /// Returns the folder of a place.
    pub(crate) fn folder(&self, below: &Path) -> PathBuf {
        // Joining nothing would add a slash.
        if below == Path::new("") { self.folder.clone() } else { self.folder.join(below) }
    }

    /// Reads a line like `35 31 0:32 /top /folder rw - cgroup cgroup rw,memory`.
    fn parse(root: &Path, line: &[u8], version: Version) -> Option<Self> {
        let mut words = line.split(|&byte| byte == b' ');
        let (top, folder) = (words.nth(3)?, words.next()?);
        let mut words = words.skip_while(|word| *word != b"-").skip(1);
        let (kind, options) = (words.next()?, words.nth(1)?);
        let wanted = match version {
            Version::V1 => kind == b"cgroup" && lists_memory(options),
            Version::V2 => kind == b"cgroup2",
        };
        if !wanted {
            return None;
        }
        let folder = unescape(folder);
        Some(Self {
            folder: root.join(Path::new(&folder).strip_prefix("/").ok()?),
            top: unescape(top).into(),
        })
    }

    /// Returns where systemd and containers mount it.
    fn usual(root: &Path, version: Version) -> Self {
        let mount = root.join("sys/fs/cgroup");
        let folder = match version {
            Version::V1 => mount.join("memory"),
            Version::V2 => {
                let unified = mount.join("unified");
                if unified.is_dir() { unified } else { mount }
            }
        };
        Self { folder, top: "/".into() }
    }
}

/// Replaces the octal numbers that stand for blanks, as in `a\040b`.
fn unescape(escaped: &[u8]) -> OsString {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((&first, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .filter(|_| first == b'\\')
            .and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(octal.unwrap_or(first));
        rest = if octal.is_some() { &after[3..] } else { after };
    }
    OsString::from_vec(bytes)
}

/// Makes a path of bytes.
pub(crate) fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}
