use std::{
    fs::{self, File, Metadata},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;

/// What is at the end of a path, and so how a report gets there.
#[derive(Debug)]
pub(super) enum Place {
    /// A file, or none yet: replaced in one step. The path is no link.
    File(PathBuf),
    /// A pipe or a device without memory: written into.
    Stream(PathBuf),
    /// What the standard output goes to: written after what was printed, also into a file.
    Stdout,
}

/// Links that follow each other; the kernel follows no more either.
const MAX_LINKS: usize = 40;

impl Place {
    /// Follows links.
    ///
    /// # Errors
    ///
    /// Where there is something that cannot hold a report.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::File(end_of_links(path)));
            }
            Err(error) => return Err(error),
        };
        if let Some(what) = refused(&metadata) {
            return Err(io::Error::other(format!("it is {what}")));
        }
        if is_stdout(&metadata) {
            return Ok(Self::Stdout);
        }
        if metadata.is_file() {
            return fs::canonicalize(path).map(Self::File);
        }
        Ok(Self::Stream(path.to_owned()))
    }

    /// Tries what can be tried without writing; who reads a pipe would take it for the report.
    pub(super) fn check(&self) -> io::Result<()> {
        let Self::File(path) = self else { return Ok(()) };
        let dir = directory_of(path);
        fs::create_dir_all(dir)?;
        tempfile::tempfile_in(dir).map(drop)
    }

    pub(super) fn write(&self, document: &impl Serialize) -> io::Result<()> {
        match self {
            Self::File(path) => replace(path, document),
            Self::Stream(path) => {
                let stream = File::options().append(true).open(path)?;
                write(io::BufWriter::new(stream), document)
            }
            Self::Stdout => write(io::stdout().lock(), document),
        }
    }
}

/// Writes a file through a temporary one beside it.
fn replace(path: &Path, document: &impl Serialize) -> io::Result<()> {
    let dir = directory_of(path);
    fs::create_dir_all(dir)?;
    let mut file = shared_with_others(&mut tempfile::Builder::new()).tempfile_in(dir)?;
    write(&mut file, document)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn write(mut output: impl Write, document: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut output, document)?;
    output.write_all(b"\n")?;
    output.flush()
}

/// Returns where links lead that lead to nothing.
fn end_of_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&path) else { break };
        path = directory_of(&path).join(target);
    }
    path
}

fn directory_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Says what is there, where a report would destroy it or could not get in.
fn refused(metadata: &Metadata) -> Option<&'static str> {
    if metadata.is_dir() {
        return Some("a folder");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let what = metadata.file_type();
        if what.is_block_device() {
            return Some("a block device, which may hold a file system");
        }
        if what.is_socket() {
            return Some("a socket");
        }
    }
    None
}

/// Whether that is what the standard output goes to.
#[cfg(unix)]
fn is_stdout(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    let stdout = fs::metadata("/dev/stdout");
    stdout.is_ok_and(|stdout| {
        (stdout.dev(), stdout.ino()) == (metadata.dev(), metadata.ino())
    })
}

#[cfg(not(unix))]
fn is_stdout(_: &Metadata) -> bool {
    false
}

/// Gives a file the permissions that the user's umask allows, as any new file has.
fn shared_with_others<'a, 'b>(
    builder: &'a mut tempfile::Builder<'b, 'b>,
) -> &'a mut tempfile::Builder<'b, 'b> {
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}
