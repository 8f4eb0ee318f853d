use std::{
    ffi::OsStr,
    fmt,
    fs::{self, File},
    io::{self, BufRead, BufReader, Cursor, ErrorKind, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use crate::{Error, error::Kind};

/// Where an image comes from: bytes in memory, a file, or anything that can seek.
///
/// A name is optional; its extension is compared with the content by
/// [`validate`](crate::validate).
///
/// ```
/// use std::io::Cursor;
///
/// use safelight_imaging::Source;
///
/// let bytes = b"\x89PNG\r\n\x1a\n";
/// let from_memory = Source::from_slice(bytes).with_name("cat.png");
/// let from_reader = Source::from_reader(Cursor::new(bytes.to_vec()));
/// assert!(Source::open("/no/such/file.png").unwrap_err().is_io());
/// # let _ = (from_memory, from_reader);
/// ```
pub struct Source<'a> {
    pub(crate) input: Input<'a>,
    name: Option<PathBuf>,
}

impl<'a> Source<'a> {
    /// Takes bytes that are already in memory; nothing is copied.
    pub fn from_slice(bytes: &'a [u8]) -> Self {
        Self { input: Input::Slice(Cursor::new(bytes)), name: None }
    }

    /// Takes a reader, which is read from its first byte whatever its position.
    ///
    /// It is buffered here; what one operation needs is read, not the whole.
    pub fn from_reader(reader: impl Read + Seek + Send + 'a) -> Self {
        let reader: Box<dyn ReadSeek + 'a> = Box::new(reader);
        Self { input: Input::Reader(BufReader::new(reader)), name: None }
    }

    /// Opens a file, and takes its name.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, or is not a regular one ([`Error::is_io`]): to open a
    /// pipe would be to wait for a writer.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        if !fs::metadata(path).map_err(Kind::Read)?.is_file() {
            let what = "not a regular file";
            return Err(Kind::Read(io::Error::new(ErrorKind::InvalidInput, what)).into());
        }
        let file = File::open(path).map_err(Kind::Read)?;
        Ok(Self::from_reader(file).with_name(path))
    }

    /// Names the source; only the extension is looked at.
    #[must_use]
    pub fn with_name(self, name: impl AsRef<Path>) -> Self {
        Self { name: Some(name.as_ref().to_owned()), ..self }
    }

    /// Returns the extension of the name, in lower case.
    pub(crate) fn extension(&self) -> Option<String> {
        let extension = self.name.as_deref()?.extension().map(OsStr::to_string_lossy)?;
        Some(extension.to_ascii_lowercase())
    }
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.input {
            Input::Slice(cursor) => format!("{} bytes", cursor.get_ref().len()),
            Input::Reader(_) => "reader".to_owned(),
        };
        f.debug_struct("Source").field("input", &kind).field("name", &self.name).finish()
    }
}

/// What a boxed reader can do.
pub(crate) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// The bytes of a source, as one type for all decoders.
pub(crate) enum Input<'a> {
    Slice(Cursor<&'a [u8]>),
    Reader(BufReader<Box<dyn ReadSeek + 'a>>),
}

impl Input<'_> {
    /// Measures the length and goes back to the first byte.
    pub(crate) fn measure(&mut self) -> Result<u64, Error> {
        let len = match self {
            Self::Slice(cursor) => cursor.get_ref().len() as u64,
            Self::Reader(reader) => reader.seek(SeekFrom::End(0)).map_err(Kind::Read)?,
        };
        self.rewind().map_err(Kind::Read)?;
        Ok(len)
    }

    /// Moves on by `n` bytes, keeping what is buffered.
    pub(crate) fn advance(&mut self, n: u64) -> io::Result<()> {
        let n = i64::try_from(n).map_err(|_| ErrorKind::InvalidInput)?;
        match self {
            Self::Slice(cursor) => cursor.seek(SeekFrom::Current(n)).map(|_| ()),
            Self::Reader(reader) => reader.seek_relative(n),
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Slice(cursor) => cursor.read(buf),
            Self::Reader(reader) => reader.read(buf),
        }
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Slice(cursor) => cursor.fill_buf(),
            Self::Reader(reader) => reader.fill_buf(),
        }
    }

    fn consume(&mut self, n: usize) {
        match self {
            Self::Slice(cursor) => cursor.consume(n),
            Self::Reader(reader) => reader.consume(n),
        }
    }
}

impl Seek for Input<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Slice(cursor) => cursor.seek(to),
            Self::Reader(reader) => reader.seek(to),
        }
    }

    fn seek_relative(&mut self, by: i64) -> io::Result<()> {
        match self {
            Self::Slice(cursor) => cursor.seek_relative(by),
            Self::Reader(reader) => reader.seek_relative(by),
        }
    }
}
