use std::{fs, io, io::Write, path::Path};

use crate::{Error, Safelight, error::Kind};

impl Safelight {
    /// Writes a [`report`](Self::report) as JSON.
    ///
    /// It is written to a file beside and then takes the place of the one of that name, so
    /// a reader sees the old report or the new one, and a full disk leaves the old one as it
    /// was. The permissions of an old report stay. What is no file, such as `/dev/stdout`, is written to as it is.
    ///
    /// # Errors
    ///
    /// When it cannot be written; the error names the path.
    pub fn write_report(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let json = self.report().to_json();
        write(path, json.as_bytes()).map_err(|source| {
            Kind::ReportFile { path: path.display().to_string(), source }.into()
        })
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        // Behind a link it is the file that is replaced, and not the link.
        Ok(old) if old.is_file() => {
            replace(&fs::canonicalize(path)?, bytes, Some(old.permissions()))
        }
        Ok(_) => fs::OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Err(_) => replace(path, bytes, None),
    }
}

fn replace(
    path: &Path,
    bytes: &[u8],
    permissions: Option<fs::Permissions>,
) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let dir = parent.unwrap_or(Path::new("."));
    let mut file = shared_with_others(&mut tempfile::Builder::new()).tempfile_in(dir)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Gives a file the permissions that the user's umask allows, as any new file has.
fn shared_with_others<'a, 'b>(
    builder: &'a mut tempfile::Builder<'b, 'b>,
) -> &'a mut tempfile::Builder<'b, 'b> {
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}
