use safelight_core::ByteSize;

use super::Source;
use crate::Reading;

/// What reads the own process only, where sysinfo answers.
#[derive(Debug)]
pub(crate) struct OwnSource {
    source: Source,
}

impl OwnSource {
    pub(crate) fn open() -> Self {
        Self { source: Source::open() }
    }

    pub(crate) fn rss(&mut self) -> Reading<ByteSize> {
        self.source.rss()
    }
}
