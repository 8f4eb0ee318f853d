//! A control group with a limit of memory, which goes when its guard does.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process, thread,
    time::Duration,
};

use safelight_core::ByteSize;

use super::place::{Place, Refusal, Version};
use crate::say::say;

#[cfg(test)]
mod tests;

/// How all groups of this command begin; the number of the process follows.
const PREFIX: &str = "safelight-oom-";

/// A group that a process may join; what is in it is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Group {
    version: Version,
    folder: PathBuf,
}

impl Group {
    /// Makes a group below the place, with a limit and without swap.
    pub(crate) fn create(
        place: &Place,
        suffix: &str,
        limit: ByteSize,
    ) -> io::Result<Self> {
        let folder = place.folder.join(name(suffix));
        fs::create_dir(&folder)?;
        // From now on it is removed in any case.
        let group = Self { version: place.version, folder };
        let limit = limit.bytes().to_string();
        match place.version {
            Version::V1 => {
                group.write("memory.limit_in_bytes", &limit)?;
                group.write_if_there("memory.memsw.limit_in_bytes", &limit)?;
                group.write_if_there("memory.swappiness", "0")?;
            }
            Version::V2 => {
                group.write("memory.max", &limit)?;
                group.write_if_there("memory.swap.max", "0")?;
            }
        }
        Ok(group)
    }

    /// Tries whether a group can be made, has the limit, and counts kills.
    pub(crate) fn check(place: &Place, limit: ByteSize) -> Result<(), Refusal> {
        let group = Self::create(place, "check", limit).map_err(|error| {
            let below = place.folder.display();
            let why =
                format!("no group with a limit can be made below {below} ({error})");
            Refusal::new(why, "run it as root, or in a delegated group")
        })?;
        match group.n_kills() {
            Some(_) => Ok(()),
            None => Err(Refusal::new(
                "this kernel does not count in a group who was killed for memory",
                "it needs Linux 4.13 or later",
            )),
        }
    }

    /// Returns the file to which a process writes its number to join.
    pub(crate) fn door(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }

    /// Returns how many processes were killed in it for memory; `None` where none counts.
    pub(crate) fn n_kills(&self) -> Option<u64> {
        let file = match self.version {
            Version::V1 => "memory.oom_control",
            Version::V2 => "memory.events",
        };
        let text = fs::read_to_string(self.folder.join(file)).ok()?;
        text.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
    }

    /// Returns the most that was ever charged to it; `None` where the kernel does not say.
    pub(crate) fn peak(&self) -> Option<ByteSize> {
        let file = match self.version {
            Version::V1 => "memory.max_usage_in_bytes",
            Version::V2 => "memory.peak",
        };
        let text = fs::read_to_string(self.folder.join(file)).ok()?;
        text.trim().parse().ok().map(ByteSize::from_bytes)
    }

    fn write(&self, file: &str, text: &str) -> io::Result<()> {
        let path = self.folder.join(file);
        fs::write(&path, text).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })
    }

    /// Writes a file that not every kernel has.
    fn write_if_there(&self, file: &str, text: &str) -> io::Result<()> {
        if self.folder.join(file).exists() { self.write(file, text) } else { Ok(()) }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.folder) {
            say(format_args!(
                "the group {} is left over: {error}",
                self.folder.display()
            ));
        }
    }
}

/// Returns the name of a group of this process.
pub(crate) fn name(suffix: &str) -> String {
    format!("{PREFIX}{}-{suffix}", process::id())
}

/// Returns the numbers of the processes in a group.
pub(crate) fn processes(folder: &Path) -> Vec<u32> {
    let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    text.lines().filter_map(|line| line.trim().parse().ok()).collect()
}

/// Removes groups whose makers run no more; returns how many there were.
pub(crate) fn remove_leftovers(place: &Place, root: &Path) -> usize {
    let removed = leftovers(&place.folder, root).into_iter().filter(|folder| {
        let removed = remove(folder);
        if let Err(error) = &removed {
            say(format_args!("the group {} is left over: {error}", folder.display()));
        }
        removed.is_ok()
    });
    removed.count()
}

/// Returns the folders in a folder that are named so by a process that runs no more.
pub(crate) fn leftovers(folder: &Path, root: &Path) -> Vec<PathBuf> {
    let is_left = |name: &str| {
        let pid = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-'));
        let pid = pid.and_then(|(pid, _)| pid.parse::<u32>().ok());
        pid.is_some_and(|pid| {
            // One of this process cannot be there yet: its number was another's.
            pid == process::id() || !root.join(format!("proc/{pid}")).exists()
        })
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let left = entries.filter(|entry| {
        entry.file_name().to_str().is_some_and(is_left)
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
    });
    left.map(|entry| entry.path()).collect()
}

/// Kills what is in a group, and removes it.
fn remove(folder: &Path) -> io::Result<()> {
    const ATTEMPTS: usize = 100;
    let mut removed = Ok(());
    for _ in 0..ATTEMPTS {
        for pid in processes(folder).into_iter().filter(|pid| *pid != process::id()) {
            kill(pid);
        }
        removed = fs::remove_dir(folder);
        match &removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => pause(),
            _ => return Ok(()),
        }
    }
    removed
}

#[cfg(unix)]
fn kill(pid: u32) {
    use rustix::process::{Pid, Signal, kill_process};

    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    // One that has ended meanwhile needs no signal.
    let _ = pid.map(|pid| kill_process(pid, Signal::KILL));
}

#[cfg(not(unix))]
fn kill(_: u32) {}

#[expect(
    clippy::disallowed_methods,
    reason = "the kernel takes a while to let go of a killed process"
)]
fn pause() {
    thread::sleep(Duration::from_millis(20));
}
