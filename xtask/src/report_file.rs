//! Report files, written whole or not at all.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use safelight_benches::photo_set;
use serde::Serialize;

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

/// Writes a document as JSON through a temporary file beside it.
///
/// A file of that name is replaced in one step, so a reader sees the old one or the new
/// one, and a full disk leaves the old one as it was.
pub(crate) fn write_json(path: &Path, document: &impl Serialize) -> Result<()> {
    let dir = directory_of(path);
    let write = || -> io::Result<()> {
        fs::create_dir_all(dir)?;
        let mut file =
            shared_with_others(&mut tempfile::Builder::new()).tempfile_in(dir)?;
        serde_json::to_writer_pretty(&mut file, document)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write the report {}", path.display()))
}

/// Checks that a report can be written there, before anything is measured.
pub(crate) fn check(path: &Path) -> Result<()> {
    let name = path.display();
    if path.is_dir() {
        bail!("cannot write the report {name}: it is a folder");
    }
    let dir = directory_of(path);
    let check = || -> io::Result<()> {
        fs::create_dir_all(dir)?;
        tempfile::tempfile_in(dir).map(drop)
    };
    check().with_context(|| format!("cannot write the report {name}"))
}

fn directory_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Gives a file the permissions that the user's umask allows, as any new file has.
fn shared_with_others<'a, 'b>(
    builder: &'a mut tempfile::Builder<'b, 'b>,
) -> &'a mut tempfile::Builder<'b, 'b> {
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

/// Returns the time as it stands in file names: `20261123T141500.000Z`.
pub(crate) fn file_stamp(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests;
