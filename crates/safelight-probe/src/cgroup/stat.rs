use safelight_core::ByteSize;

use crate::{cgroup::Version, procfs};

/// Reads from `memory.stat` how many pages of files the kernel can drop at once.
///
/// Those are the pages on the two lists for files (one for what was read once, one for what
/// was read again) that are neither dirty nor being written. Shared memory is counted as
/// `file` and `cache` but is not on these lists, nor are locked pages.
/// `None` where one of the four numbers is missing.
pub(crate) fn parse_clean_cache(text: &str, version: Version) -> Option<ByteSize> {
    let [mut inactive, mut active, mut dirty, mut writeback] = [None; 4];
    for line in text.split('\n') {
        let line = match version {
            Version::V1 => line.strip_prefix("total_"),
            Version::V2 => Some(line),
        };
        // Most lines are told from the wanted ones by their first letter, at less cost.
        let begins = |line: &&str| line.starts_with(['i', 'a', 'd', 'f', 'w']);
        let Some((key, value)) = line.filter(begins).and_then(|l| l.split_once(' '))
        else {
            continue;
        };
        let number = match (version, key) {
            (_, "inactive_file") => &mut inactive,
            (_, "active_file") => &mut active,
            (Version::V1, "dirty") | (Version::V2, "file_dirty") => &mut dirty,
            (Version::V1, "writeback") | (Version::V2, "file_writeback") => {
                &mut writeback
            }
            _ => continue,
        };
        *number = number.or(Some(procfs::number(value)?));
    }
    let cache = inactive?.checked_add(active?)?;
    let busy = dirty?.checked_add(writeback?)?;
    // A page may be dirty and being written; counting it twice is on the safe side.
    Some(ByteSize::from_bytes(cache.saturating_sub(busy)))
}
