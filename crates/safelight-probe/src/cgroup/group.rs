use std::{fs, path::Path, sync::Arc};

use safelight_core::ByteSize;

use crate::{
    Binding, Limit, LimitKind, MemoryLimit, ProbeError, Reading,
    cgroup::{Version, stat::parse_clean_cache},
    kept_file::{KeptFile, Reader},
    procfs::number,
};

/// The kept files of one cgroup.
#[derive(Debug)]
pub(crate) struct Group {
    version: Version,
    /// Below the mount, from `/`.
    path: Arc<Path>,
    bounds: [Bound; 2],
    stat: KeptFile,
}

/// A limit, and what counts against it.
#[derive(Debug)]
struct Bound {
    kind: LimitKind,
    size: KeptFile,
    usage: KeptFile,
    /// Whether nothing was limited when that was last asked.
    is_unlimited: bool,
}

impl Group {
    /// Makes it from its folder and its path below the mount.
    pub(crate) fn new(version: Version, folder: &Path, below: &Path) -> Self {
        let bound = |kind, size: &str, usage: &str| Bound {
            kind,
            size: KeptFile::at(folder.join(size)),
            usage: KeptFile::at(folder.join(usage)),
            is_unlimited: false,
        };
        let bounds = match version {
            Version::V1 => [
                bound(LimitKind::Hard, "memory.limit_in_bytes", "memory.usage_in_bytes"),
                bound(
                    LimitKind::WithSwap,
                    "memory.memsw.limit_in_bytes",
                    "memory.memsw.usage_in_bytes",
                ),
            ],
            Version::V2 => [
                bound(LimitKind::Hard, "memory.max", "memory.current"),
                bound(LimitKind::High, "memory.high", "memory.current"),
            ],
        };
        Self {
            version,
            path: Path::new("/").join(below).into(),
            bounds,
            stat: KeptFile::at(folder.join("memory.stat")),
        }
    }

    /// Whether what is charged below a group also counts against it.
    ///
    /// It always does in version 2. In version 1 older kernels had a switch for it.
    pub(crate) fn counts_below(version: Version, folder: &Path) -> bool {
        let switch = || fs::read(folder.join("memory.use_hierarchy"));
        version == Version::V2 || !switch().is_ok_and(|bytes| bytes.trim_ascii() == b"0")
    }

    /// Whether it is the topmost group of the machine, which takes no limits.
    ///
    /// In version 1 it has the files of limits nevertheless, and one that no other has.
    pub(crate) fn is_topmost(version: Version, folder: &Path) -> bool {
        version == Version::V1 && folder.join("release_agent").exists()
    }

    /// Asks again for what had failed, and for limits where there were none.
    pub(crate) fn retry(&mut self) {
        for bound in &mut self.bounds {
            bound.is_unlimited = false;
            bound.size.retry();
            bound.usage.retry();
        }
        self.stat.retry();
    }

    /// Reads the sizes of the limits, unlimited ones included.
    pub(crate) fn sizes(
        &mut self,
        reader: &mut Reader,
    ) -> impl Iterator<Item = Reading<MemoryLimit>> {
        self.bounds.iter_mut().map(|bound| bound.size(reader))
    }

    /// Adds the limits that are set, with their usage.
    pub(crate) fn read_into(
        &mut self,
        reader: &mut Reader,
        limits: &mut Vec<Limit>,
        unread: &mut Vec<ProbeError>,
    ) {
        let mut clean_cache = None;
        for bound in &mut self.bounds {
            let size = match bound.size(reader) {
                Ok(MemoryLimit::Bytes(size)) => size,
                Ok(MemoryLimit::Unlimited) => continue,
                Err(error) => {
                    unread.push(error);
                    continue;
                }
            };
            let mut known = |reading: Reading<ByteSize>| {
                reading.map_err(|error| unread.push(error)).ok()
            };
            let charged = known(bound.charged(reader));
            let clean_cache: Option<ByteSize> = *clean_cache.get_or_insert_with(|| {
                let parse = |text: &str| parse_clean_cache(text, self.version);
                known(self.stat.parse(reader, "clean file cache", parse))
            });
            // The two are not read at the same moment.
            let clean_cache = charged.and_then(|charged| Some(clean_cache?.min(charged)));
            let path = Arc::clone(&self.path);
            limits.push(Limit {
                binding: Binding::Cgroup { path, kind: bound.kind },
                size,
                used: charged.map(|charged| charged - clean_cache.unwrap_or_default()),
                clean_cache,
            });
        }
    }
}

impl Bound {
    fn charged(&mut self, reader: &mut Reader) -> Reading<ByteSize> {
        let parse = |text: &str| number(text).map(ByteSize::from_bytes);
        self.usage.parse(reader, "usage in bytes", parse)
    }

    fn size(&mut self, reader: &mut Reader) -> Reading<MemoryLimit> {
        if self.is_unlimited {
            return Ok(MemoryLimit::Unlimited);
        }
        let size = match self.size.parse(reader, "limit in bytes", MemoryLimit::parse) {
            // The topmost group has no such file, nor has one without the controller.
            Err(error) if error.is_absent_file() => Ok(MemoryLimit::Unlimited),
            size => size,
        };
        self.is_unlimited = matches!(size, Ok(MemoryLimit::Unlimited));
        size
    }
}
