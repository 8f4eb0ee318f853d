use std::path::Path;

use safelight_core::ByteSize;

use super::source::{SAMPLES_PER_REFRESH, parse_rss};
use crate::{
    Reading,
    kept_file::{KeptFile, Reader},
};

/// The kept file of who reads the own process only.
#[derive(Debug)]
pub(crate) struct OwnSource {
    reader: Reader,
    statm: KeptFile,
    /// How many readings follow before it looks again for a file that had failed.
    readings_left: u8,
}

impl OwnSource {
    pub(crate) fn open() -> Self {
        Self::open_under(Path::new("/"))
    }

    pub(crate) fn open_under(root: &Path) -> Self {
        Self {
            reader: Reader::new(),
            statm: KeptFile::at(root.join("proc/self/statm")),
            readings_left: SAMPLES_PER_REFRESH,
        }
    }

    pub(crate) fn rss(&mut self) -> Reading<ByteSize> {
        if self.readings_left == 0 {
            self.statm.retry();
            self.readings_left = SAMPLES_PER_REFRESH;
        }
        self.readings_left -= 1;
        self.statm.parse(&mut self.reader, "resident set", parse_rss)
    }
}
