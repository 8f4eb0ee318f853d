use std::{
    error, fmt,
    fs::{self, File, Metadata},
    hash::{Hash, Hasher},
    io,
    path::{self, Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::ContentHash;

/// Keeps fingerprints apart from all other BLAKE3 hashes.
const FINGERPRINT_CONTEXT: &str =
    "safelight-cache 2026 fingerprint of the identity of a source, version 1";

/// How long after a change the times of a file may not yet tell of another one.
///
/// FAT keeps times in steps of two seconds, which is the coarsest step in use.
const YOUNG: Duration = Duration::from_secs(2);

/// The identity of what an operation reads: a file in one state, or content wherever it lies.
///
/// A file is known by its absolute path, device, inode, length and the times of its last
/// change of content and of attributes, to the nanosecond.
/// A file that changed less than two seconds ago, or in the future, may change again
/// without a trace in its times, so its content is hashed too. This costs one read of the
/// file, and one miss when it comes of age, as its identity is then another.
/// Elsewhere than on Unix there is no device and inode, and the time of creation stands in
/// for that of the attributes.
///
/// Two paths to one file are two identities. Symbolic links are followed, but kept in the
/// path. What no identity can see is a change by a clock that runs more than two seconds
/// behind, such as that of a file server.
///
/// Copies share what they hold. Hashing takes in a few words only, comparing takes in all.
///
/// ```
/// use safelight_cache::{ContentHash, SourceId};
///
/// let file = SourceId::file("Cargo.toml")?;
/// assert!(file.path().is_some_and(|path| path.is_absolute()));
///
/// let upload = SourceId::content(ContentHash::of(b"the bytes of a JPEG file"));
/// assert!(upload.path().is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourceId(Identity);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Identity {
    File(Arc<FileState>),
    Content(ContentHash),
}

/// The cheap and telling parts come first, because they are compared in this order.
#[derive(Debug, PartialEq, Eq)]
struct FileState {
    inode: u64,
    len: u64,
    /// In nanoseconds after the year 1970 began, as is the next one.
    modified_ns: i128,
    changed_ns: i128,
    device: u64,
    /// Only of young files.
    content: Option<ContentHash>,
    path: PathBuf,
}

impl SourceId {
    /// Identifies a file as it is now.
    ///
    /// A caller that keeps the identity keeps asking for the file in this state: make a new
    /// one for each request, which costs about a microsecond.
    ///
    /// # Errors
    ///
    /// When there is no such file, it is not a regular file, or it cannot be read.
    /// The error names the path, and is of the kind of its cause.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    pub fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        // Asked before the file is looked at: it may look younger than it is, but not older.
        Self::file_at(path, SystemTime::now())
    }

    /// Identifies a file as [`file`](Self::file) does, for callers with their own clock.
    ///
    /// `now` is the time before this call; it says which files are young.
    ///
    /// # Errors
    ///
    /// As those of [`file`](Self::file).
    pub fn file_at(path: impl AsRef<Path>, now: SystemTime) -> io::Result<Self> {
        let path = path.as_ref();
        match FileState::read(path, now) {
            Ok(state) => Ok(Self(Identity::File(Arc::new(state)))),
            Err(cause) => {
                let kind = cause.kind();
                Err(io::Error::new(kind, Unidentified { path: path.to_owned(), cause }))
            }
        }
    }

    /// Identifies content, wherever it comes from.
    pub const fn content(hash: ContentHash) -> Self {
        Self(Identity::Content(hash))
    }

    /// Returns the absolute path of a file; none for content.
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Identity::File(file) => Some(&file.path),
            Identity::Content(_) => None,
        }
    }

    /// Returns the hash of the content; none for a file whose times are enough.
    pub fn content_hash(&self) -> Option<ContentHash> {
        match &self.0 {
            Identity::File(file) => file.content,
            Identity::Content(hash) => Some(*hash),
        }
    }

    /// Returns a hash of all that the identity consists of, the same in every process.
    ///
    /// It is for names that leave the program, such as the `ETag` of HTTP. For a file it says
    /// where and in which state it is, and not what is in it: of a copy it is another one.
    ///
    /// ```
    /// use safelight_cache::{ContentHash, SourceId};
    ///
    /// let upload = SourceId::content(ContentHash::of(b"the bytes of a JPEG file"));
    /// assert!(upload.fingerprint().to_string().starts_with("c1341c722b4db833"));
    /// assert_ne!(upload.fingerprint(), SourceId::file("Cargo.toml")?.fingerprint());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn fingerprint(&self) -> ContentHash {
        let mut hasher = blake3::Hasher::new_derive_key(FINGERPRINT_CONTEXT);
        match &self.0 {
            Identity::Content(hash) => {
                hasher.update(b"content").update(hash.as_bytes());
            }
            Identity::File(file) => {
                let FileState { inode, len, modified_ns, changed_ns, device, .. } =
                    **file;
                hasher.update(b"file").update(&inode.to_le_bytes());
                hasher.update(&len.to_le_bytes()).update(&device.to_le_bytes());
                hasher
                    .update(&modified_ns.to_le_bytes())
                    .update(&changed_ns.to_le_bytes());
                // What has no fixed length comes last, and what may be missing says so.
                hasher.update(&[file.content.is_some().into()]);
                if let Some(content) = &file.content {
                    hasher.update(content.as_bytes());
                }
                hasher.update(file.path.as_os_str().as_encoded_bytes());
            }
        }
        ContentHash::from_bytes(hasher.finalize().into())
    }
}

impl FileState {
    /// Reads the state of a file, and the content too where its times are not to be trusted.
    fn read(path: &Path, now: SystemTime) -> io::Result<Self> {
        let state = Self::new(path, &fs::metadata(path)?)?;
        if !state.is_young(now) {
            return Ok(state);
        }
        // State and content come from one handle, so they are of the same file even if the
        // path is given to another one meanwhile. A change between the two does no harm:
        // the pair that it leaves never occurs again, because the times only go on.
        let file = File::open(path)?;
        let state = Self::new(path, &file.metadata()?)?;
        Ok(Self { content: Some(ContentHash::of_reader(file)?), ..state })
    }

    fn new(path: &Path, metadata: &Metadata) -> io::Result<Self> {
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ));
        }
        let Marks { device, inode, modified_ns, changed_ns } = Marks::of(metadata);
        let (len, path) = (metadata.len(), path::absolute(path)?);
        Ok(Self { inode, len, modified_ns, changed_ns, device, content: None, path })
    }

    fn is_young(&self, now: SystemTime) -> bool {
        let changed_ns = self.modified_ns.max(self.changed_ns);
        ns_after_1970(now).saturating_sub(changed_ns) < YOUNG.as_nanos().cast_signed()
    }
}

/// Takes in what tells most files apart, because keys are hashed for every request.
impl Hash for FileState {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.inode);
        state.write_u64(self.len);
        state.write_u64(self.modified_ns as u64);
    }
}

/// What each platform tells in its own way.
struct Marks {
    device: u64,
    inode: u64,
    modified_ns: i128,
    changed_ns: i128,
}

impl Marks {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        let ns = |seconds, ns| i128::from(seconds) * 1_000_000_000 + i128::from(ns);
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            modified_ns: ns(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: ns(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        // A file without a time of change lies in the future, that is, it stays young.
        let modified_ns = metadata.modified().map_or(i128::MAX, ns_after_1970);
        let changed_ns = metadata.created().map_or(i128::MIN, ns_after_1970);
        Self { device: 0, inode: 0, modified_ns, changed_ns }
    }
}

/// Returns nanoseconds after the year 1970 began, negative ones before.
fn ns_after_1970(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos().cast_signed(),
        Err(before) => -before.duration().as_nanos().cast_signed(),
    }
}

/// A file whose identity could not be read.
#[derive(Debug)]
struct Unidentified {
    path: PathBuf,
    cause: io::Error,
}

impl fmt::Display for Unidentified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read the identity of \"{}\"", self.path.display())
    }
}

impl error::Error for Unidentified {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.cause)
    }
}
