//! Version 2 of control groups: making the memory controller reach groups below the own one.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use super::{
    group,
    place::{Place, Refusal, Version},
};
use crate::say::say;

#[cfg(test)]
mod tests;

const REMEDY: &str = "run it in a delegated group of its own: \
    systemd-run --user --scope -p Delegate=yes cargo xtask ...";

/// What was changed in the own group; it is undone when this is dropped.
///
/// In version 2 a group that has processes can hand no controller to groups below it. So
/// this process, where it is alone, moves down by one group first.
#[derive(Debug, Default)]
pub(crate) struct Delegation {
    /// The group to which the controller was handed on.
    enabled: Option<PathBuf>,
    /// The group that this process moved from and the one that it is in now.
    moved: Option<(PathBuf, PathBuf)>,
}

impl Delegation {
    /// Sees to it that groups below the own one have limits of memory.
    pub(crate) fn of(place: &Place) -> Result<Self, Refusal> {
        let mut delegation = Self::default();
        if place.version == Version::V2 {
            delegation.hand_on(&place.folder)?;
        }
        Ok(delegation)
    }

    fn hand_on(&mut self, own: &Path) -> Result<(), Refusal> {
        let name = own.display();
        if !lists_memory(&own.join("cgroup.controllers")) {
            let why = format!("the memory controller does not reach the group {name}");
            return Err(Refusal::new(why, REMEDY));
        }
        if lists_memory(&own.join("cgroup.subtree_control")) {
            return Ok(());
        }
        if enable(own).is_err() {
            self.move_down(own)?;
            enable(own).map_err(|error| {
                let why =
                    format!("{name} cannot hand on its memory controller ({error})");
                Refusal::new(why, REMEDY)
            })?;
        }
        self.enabled = Some(own.to_owned());
        Ok(())
    }

    fn move_down(&mut self, own: &Path) -> Result<(), Refusal> {
        let others = group::processes(own);
        if others.iter().any(|pid| *pid != process::id()) {
            let why = format!("other processes are in its group {}", own.display());
            return Err(Refusal::new(why, REMEDY));
        }
        let leaf = own.join(group::name("self"));
        let moved = fs::create_dir(&leaf).and_then(|()| {
            // From now on it is removed in any case.
            self.moved = Some((own.to_owned(), leaf.clone()));
            fs::write(leaf.join("cgroup.procs"), process::id().to_string())
        });
        moved.map_err(|error| {
            let why =
                format!("it may not move into the group {} ({error})", leaf.display());
            Refusal::new(why, REMEDY)
        })
    }
}

impl Drop for Delegation {
    fn drop(&mut self) {
        let mut undo = || -> io::Result<()> {
            if let Some(own) = self.enabled.take() {
                fs::write(own.join("cgroup.subtree_control"), "-memory")?;
            }
            if let Some((own, leaf)) = self.moved.take() {
                fs::write(own.join("cgroup.procs"), process::id().to_string())?;
                fs::remove_dir(leaf)?;
            }
            Ok(())
        };
        if let Err(error) = undo() {
            say(format_args!("the own control group is not as it was: {error}"));
        }
    }
}

fn enable(own: &Path) -> io::Result<()> {
    fs::write(own.join("cgroup.subtree_control"), "+memory")
}

fn lists_memory(path: &Path) -> bool {
    let list = fs::read_to_string(path).unwrap_or_default();
    list.split_whitespace().any(|controller| controller == "memory")
}
