//! Where this process may make control groups.

use std::{
    fmt, fs,
    path::{Component, Path, PathBuf},
};

#[cfg(test)]
mod tests;

/// The version of control groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

impl Version {
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }
}

/// Why it may not run, and what allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    why: String,
    remedy: String,
}

impl Refusal {
    pub(crate) fn new(why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { why: why.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.why, self.remedy)
    }
}

/// The group of this process, in the hierarchy that limits memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) version: Version,
    pub(crate) folder: PathBuf,
}

impl Place {
    /// Finds it by the files `proc/self/cgroup` and `proc/self/mountinfo` below `root`.
    pub(crate) fn find(root: &Path) -> Result<Self, Refusal> {
        let read = |path: &str| {
            fs::read_to_string(root.join(path)).map_err(|error| {
                let why = format!("/{path} cannot be read ({error})");
                Refusal::new(why, "it needs Linux with control groups")
            })
        };
        let (groups, mounts) = (read("proc/self/cgroup")?, read("proc/self/mountinfo")?);
        let Some((version, group)) = own_group(&groups) else {
            let why = "this process is in no group that could limit memory";
            return Err(Refusal::new(why, "turn the memory controller on in the kernel"));
        };
        let mount = mounts
            .lines()
            .filter_map(|line| Mount::parse(line, version))
            // The one that shows most of the groups above this one.
            .min_by_key(|mount| {
                (!Path::new(group).starts_with(mount.top), mount.top.len())
            });
        let Some(mount) = mount else {
            let why = format!(
                "the hierarchy of control groups of version {} is not mounted",
                version.number()
            );
            return Err(Refusal::new(why, "mount it, or let the container have it"));
        };
        let folder = root.join(mount.folder_of(Path::new(group)));
        if !folder.is_dir() {
            let why = format!("the own group, {}, cannot be seen", folder.display());
            return Err(Refusal::new(why, "run it in the name space of its groups"));
        }
        Ok(Self { version, folder })
    }
}

/// Finds the group in lines like `4:cpu,memory:/a/b` (version 1) and `0::/a/b`.
fn own_group(groups: &str) -> Option<(Version, &str)> {
    let lines = || {
        groups.lines().filter_map(|line| {
            // The path may hold colons itself.
            let (controllers, group) = line.split_once(':')?.1.split_once(':')?;
            Some((controllers, group))
        })
    };
    let v1 = lines().find(|(controllers, _)| is_listed("memory", controllers));
    let v2 = lines().find(|(controllers, _)| controllers.is_empty());
    v1.map(|(_, group)| (Version::V1, group))
        .or(v2.map(|(_, group)| (Version::V2, group)))
}

fn is_listed(name: &str, list: &str) -> bool {
    list.split(',').any(|listed| listed == name)
}

/// A line like `35 31 0:32 /top /folder rw - cgroup cgroup rw,memory`.
struct Mount<'a> {
    /// The group that is seen in the folder; not `/` in most containers.
    top: &'a str,
    folder: &'a Path,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str, version: Version) -> Option<Self> {
        let (place, kind) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let (top, folder) = (place.next()?, place.next()?);
        let mut kind = kind.split(' ');
        let (kind, options) = (kind.next()?, kind.nth(1)?);
        let is_wanted = match version {
            Version::V1 => kind == "cgroup" && is_listed("memory", options),
            Version::V2 => kind == "cgroup2",
        };
        is_wanted.then_some(Self { top, folder: Path::new(folder) })
    }

    /// Returns the folder of a group, without the slash in front.
    fn folder_of(&self, group: &Path) -> PathBuf {
        let mount = self.folder.strip_prefix("/").unwrap_or(self.folder);
        // In a container the path may be one of the host's: then it is the mount itself.
        let below = group.strip_prefix(self.top).ok().filter(|below| {
            below.components().all(|part| matches!(part, Component::Normal(_)))
        });
        match below {
            Some(below) if below != Path::new("") => mount.join(below),
            _ => mount.to_owned(),
        }
    }
}
