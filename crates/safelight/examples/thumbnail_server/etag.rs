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
        known(headers).any(|tag| tag.trim_start_matches("W/") == self.0)
    }

    /// Whether any thumbnail is as good as known, if there is one: `If-None-Match: *`.
    pub(crate) fn is_any_known(headers: &HeaderMap) -> bool {
        known(headers).any(|tag| tag == "*")
    }
}

fn known(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(IF_NONE_MATCH).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',').map(str::trim))
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
