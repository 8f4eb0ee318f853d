use std::error::Error;

use safelight_core::ByteSize;
use safelight_probe::{ProbeError, Reading};

use super::document::Unread;

/// Takes values out of readings, and notes why the others have none.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) unread: Vec<Unread>,
}

impl Notes {
    pub(super) fn add(&mut self, what: impl Into<String>, error: &ProbeError) {
        self.note(what.into(), describe(error));
    }

    /// Returns the value, or notes the error.
    pub(super) fn known<T>(
        &mut self,
        what: impl Into<String>,
        reading: Reading<T>,
    ) -> Option<T> {
        reading.map_err(|error| self.add(what, &error)).ok()
    }

    pub(super) fn bytes(
        &mut self,
        what: &str,
        reading: &Reading<ByteSize>,
    ) -> Option<u64> {
        self.known(what, reading.clone()).map(ByteSize::bytes)
    }

    /// Returns the value, or notes a reason of our own.
    pub(super) fn some<T>(
        &mut self,
        what: impl Into<String>,
        value: Option<T>,
        reason: &str,
    ) -> Option<T> {
        if value.is_none() {
            self.note(what.into(), reason.to_owned());
        }
        value
    }

    fn note(&mut self, what: String, reason: String) {
        self.unread.push(Unread { what, reason });
    }
}

/// Returns an error with its causes, but for those that it quotes already.
fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.extend([": ", &more]);
        }
        cause = error.source();
    }
    text
}
