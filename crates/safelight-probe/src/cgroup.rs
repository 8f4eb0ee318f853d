//! The cgroups of this process: where they are and what they limit, versions 1 and 2.

mod group;
mod groups;
mod membership;
mod mount;
mod stat;

use std::path::Path;

use safelight_core::ByteSize;

pub(crate) use groups::Groups;

use crate::{MemoryLimit, ProbeError, Reading, kept_file::Reader, procfs};

#[cfg(test)]
mod tests;

/// Version 1 writes the largest multiple of the page size for "unlimited".
const NO_LIMIT_FROM: u64 = 1 << 62;

/// Which interface a hierarchy has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

impl MemoryLimit {
    /// Reads the lowest limit of this process' cgroups, with all files under `root`.
    pub(crate) fn read_under(root: &Path) -> Reading<Self> {
        let mut reader = Reader::new();
        let mut groups = Groups::find(root, &mut reader);
        let mut lowest = None;
        let mut errors: Vec<ProbeError> = groups.errors().cloned().collect();
        for size in groups.sizes(&mut reader) {
            match size {
                Ok(Self::Bytes(size)) => {
                    lowest =
                        Some(lowest.map_or(size, |lowest: ByteSize| lowest.min(size)));
                }
                Ok(Self::Unlimited) => {}
                Err(error) => errors.push(error),
            }
        }
        match (lowest, errors.into_iter().next()) {
            (Some(size), _) => Ok(Self::Bytes(size)),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(Self::Unlimited),
        }
    }

    /// Reads a number of bytes, or "max".
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "max" {
            return Some(Self::Unlimited);
        }
        let bytes = procfs::number(text)?;
        let limited = bytes < NO_LIMIT_FROM;
        Some(if limited {
            Self::Bytes(ByteSize::from_bytes(bytes))
        } else {
            Self::Unlimited
        })
    }
}
