//! What a thumbnail is known by to those who have it.

use std::fmt;

use axum::http::{HeaderMap, header::IF_NONE_MATCH};
use safelight::{SourceId, cache::ContentHash};

use crate::parameters::Parameters;

/// The name of a thumbnail: it is another one when the original, what is asked for, or the
/// code that makes it is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ETag(String);

impl ETag {
    pub(crate) fn new(id: &SourceId, parameters: &Parameters) -> Self {
        let (id, version) = (id.fingerprint(), env!("CARGO_PKG_VERSION"));
        let hash = ContentHash::of(format!("{id} {parameters:?} {version}").as_bytes());
        Self(format!("\"{hash:.32}\""))
    }

    /// Whether it is among those of `If-None-Match`.
    pub(crate) fn is_known(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(IF_NONE_MATCH).iter();
        let mut tags = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| {
            line.split(',').map(|tag| tag.trim().trim_start_matches("W/"))
        });
        tags.any(|tag| tag == "*" || tag == self.0)
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
