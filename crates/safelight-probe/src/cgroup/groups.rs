use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Limit, MemoryLimit, ProbeError, Psi, Reading,
    cgroup::{
        Version,
        group::Group,
        membership::Membership,
        mount::{self, Mount},
    },
    kept_file::{KeptFile, Reader},
};

/// The cgroups of this process, its own and every one above it that can be seen.
#[derive(Debug)]
pub(crate) struct Groups {
    root: PathBuf,
    membership: KeptFile,
    /// What the file of the membership said when the groups were found.
    seen: Vec<u8>,
    /// The folder that the own group should have, and whether it was there then.
    folder: Option<(PathBuf, bool)>,
    /// From the own one upwards.
    memory: Vec<Group>,
    pressure: Option<KeptFile>,
    /// Counts how often the groups were looked for.
    generation: u32,
    /// Why the groups are not known.
    error: Option<ProbeError>,
    /// Why it is not known whether the process is still in them.
    stale: Option<ProbeError>,
}

impl Groups {
    pub(crate) fn find(root: &Path, reader: &mut Reader) -> Self {
        let mut groups = Self {
            root: root.to_owned(),
            membership: KeptFile::at(root.join("proc/self/cgroup")),
            seen: Vec::new(),
            folder: None,
            memory: Vec::new(),
            pressure: None,
            generation: 0,
            error: None,
            stale: None,
        };
        groups.refresh(reader);
        groups
    }

    /// Looks whether the process is where it was, and tries again what had failed.
    pub(crate) fn refresh(&mut self, reader: &mut Reader) {
        self.membership.retry();
        let bytes = match self.membership.read(reader) {
            Ok(bytes) => bytes,
            // What is known may still hold.
            Err(error) => {
                self.stale = Some(error);
                return;
            }
        };
        self.stale = None;
        let is_there =
            |(folder, was_there): &(PathBuf, bool)| folder.is_dir() == *was_there;
        // It is built anew when it was never found, too.
        let is_same = 0 < self.generation && bytes == self.seen;
        if is_same && self.folder.as_ref().is_none_or(is_there) {
            self.memory.iter_mut().for_each(Group::retry);
            self.pressure.iter_mut().for_each(KeptFile::retry);
            return;
        }
        self.seen.clear();
        self.seen.extend_from_slice(bytes);
        self.build();
    }

    /// Returns why the groups are not known, or not whether they are still the right ones.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &ProbeError> {
        self.stale.iter().chain(&self.error)
    }

    /// Reads the sizes of all limits.
    pub(crate) fn sizes(&mut self, reader: &mut Reader) -> Vec<Reading<MemoryLimit>> {
        let mut sizes = Vec::new();
        for group in &mut self.memory {
            sizes.extend(group.sizes(reader));
        }
        sizes
    }

    /// Adds all limits that are set.
    pub(crate) fn read_into(
        &mut self,
        reader: &mut Reader,
        limits: &mut Vec<Limit>,
        unread: &mut Vec<ProbeError>,
    ) {
        unread.extend(self.errors().cloned());
        for group in &mut self.memory {
            group.read_into(reader, limits, unread);
        }
    }

    pub(crate) fn psi(&mut self, reader: &mut Reader) -> Reading<Psi> {
        let Some(pressure) = &mut self.pressure else {
            return Err(ProbeError::unavailable("memory pressure of the cgroup"));
        };
        let psi = pressure.parse(reader, "pressure", Psi::parse)?;
        Ok(psi.with_source(self.generation))
    }

    fn build(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        // Without it the usual folders are taken.
        let mountinfo =
            fs::read(self.root.join("proc/self/mountinfo")).unwrap_or_default();
        let find = |version, group| {
            let group = mount::path(group);
            let mount = Mount::find(&self.root, &mountinfo, version, group);
            let below = mount.below(group);
            (mount, below)
        };
        let membership = Membership::parse(&self.seen);
        // Beside version 1 processes mostly are in the root of version 2, whose pressure is
        // that of the host and says nothing of the group that limits memory.
        let is_own = |group: &&[u8]| membership.memory_v1.is_none() || *group != b"/";
        self.pressure = membership.v2.filter(is_own).map(|group| {
            let (mount, below) = find(Version::V2, group);
            let own = mount.nearest(below);
            KeptFile::at(mount.folder(own).join("memory.pressure"))
        });
        let memory = match (membership.memory_v1, membership.v2) {
            (Some(group), _) => Some((Version::V1, group)),
            (None, Some(group)) => Some((Version::V2, group)),
            (None, None) => None,
        };
        let Some((version, group)) = memory else {
            let path = self.root.join("proc/self/cgroup");
            self.error = Some(ProbeError::missing("cgroup", path));
            self.folder = None;
            self.memory.clear();
            return;
        };
        let (mount, below) = find(version, group);
        let own = mount.nearest(below);
        self.memory = chain(version, &mount, own);
        self.folder = Some((mount.folder(below), own == below));
        let folder = mount.folder(own);
        self.error =
            fs::metadata(&folder).err().map(|error| ProbeError::file(folder, error));
    }
}

/// Returns a group and all above it that its usage counts against.
fn chain(version: Version, mount: &Mount, own: &Path) -> Vec<Group> {
    let mut groups = Vec::new();
    for below in own.ancestors() {
        let folder = mount.folder(below);
        let counts = below == own || Group::counts_below(version, &folder);
        if !counts || Group::is_topmost(version, &folder) {
            break;
        }
        groups.push(Group::new(version, &folder, below));
    }
    groups
}
