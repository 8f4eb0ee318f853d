use std::{
    io,
    path::{Path, PathBuf},
};

use safelight_cache::{ContentHash, SourceId};
use safelight_imaging::Source;

/// An image to work on: a file, or bytes that are in memory.
///
/// Results are kept under the identity of the file as it is now, or of the content.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    origin: Origin<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Origin<'a> {
    File(&'a Path),
    Bytes { bytes: &'a [u8], name: Option<&'a Path> },
}

impl<'a> Input<'a> {
    /// Takes a file.
    pub fn file(path: &'a (impl AsRef<Path> + ?Sized)) -> Self {
        Self { origin: Origin::File(path.as_ref()) }
    }

    /// Takes bytes.
    pub fn bytes(bytes: &'a [u8]) -> Self {
        Self { origin: Origin::Bytes { bytes, name: None } }
    }

    /// Names bytes; only the extension is looked at.
    #[must_use]
    pub fn with_name(self, path: &'a (impl AsRef<Path> + ?Sized)) -> Self {
        match self.origin {
            Origin::File(_) => self,
            Origin::Bytes { bytes, .. } => {
                Self { origin: Origin::Bytes { bytes, name: Some(path.as_ref()) } }
            }
        }
    }

    pub(crate) fn id(&self) -> io::Result<SourceId> {
        match self.origin {
            Origin::File(path) => SourceId::file(path),
            Origin::Bytes { bytes, .. } => Ok(SourceId::content(ContentHash::of(bytes))),
        }
    }

    pub(crate) fn open(&self) -> Result<Source<'a>, safelight_imaging::Error> {
        match self.origin {
            Origin::File(path) => Source::open(path),
            Origin::Bytes { bytes, name } => {
                let source = Source::from_slice(bytes);
                Ok(match name {
                    Some(name) => source.with_name(name),
                    None => source,
                })
            }
        }
    }

    /// Returns the extension of the name, which a validation compares with the content.
    pub(crate) fn extension(&self) -> Option<String> {
        let name = match self.origin {
            Origin::File(path) => Some(path),
            Origin::Bytes { name, .. } => name,
        };
        let extension = name?.extension()?;
        Some(extension.to_string_lossy().into_owned())
    }
}

impl<'a> From<&'a Path> for Input<'a> {
    fn from(path: &'a Path) -> Self {
        Self::file(path)
    }
}

impl<'a> From<&'a PathBuf> for Input<'a> {
    fn from(path: &'a PathBuf) -> Self {
        Self::file(path)
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Input<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}
