//! Report files, written whole or not at all.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::Timestamp;
use safelight_benches::photo_set;
use serde::Serialize;

mod place;
#[cfg(test)]
mod tests;

use self::place::Place;

/// Where reports go when nobody says where.
pub(crate) fn default_dir() -> PathBuf {
    workspace_root().join("target/safelight")
}

/// Where generated images are kept; the name changes with how they are made.
pub(crate) fn photo_dir() -> PathBuf {
    default_dir().join(format!("photos/v1-seed{}", photo_set::SEED))
}

/// Returns the present time for file names and reports.
#[expect(clippy::disallowed_methods, reason = "reports say when they were made")]
pub(crate) fn now() -> Timestamp {
    Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Returns the root of this workspace.
pub(crate) fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("xtask lies in the workspace").to_owned()
}

/// Writes a document as JSON; a link is followed, and stays.
///
/// A file of that name is replaced in one step, so a reader sees the old one or the new
/// one, and a full disk leaves the old one as it was. What is no file, such as a pipe or
/// `/dev/stdout`, is written into.
pub(crate) fn write_json(path: &Path, document: &impl Serialize) -> Result<()> {
    let written = Place::of(path).and_then(|place| place.write(document));
    written.with_context(|| format!("cannot write the report {}", path.display()))
}

/// Checks that a report can be written there, before anything is measured.
pub(crate) fn check(path: &Path) -> Result<()> {
    let checked = Place::of(path).and_then(|place| place.check());
    checked.with_context(|| format!("cannot write the report {}", path.display()))
}

/// Returns the time as it stands in file names: `20261123T141500.000Z`.
pub(crate) fn file_stamp(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%S.%3fZ").to_string()
}
