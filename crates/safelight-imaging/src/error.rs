use std::{error, fmt, io};

use crate::{Format, format::Size};

/// An operation that could not be done, and the property of the file that was the cause.
///
/// ```
/// use safelight_imaging::{Source, inspect};
///
/// let error = inspect(Source::from_slice(b"GIF89a\x02\x00\x01\x00")).unwrap_err();
/// assert!(error.is_unsupported());
/// assert_eq!(error.to_string(), "unsupported: GIF is recognized (2 x 1 pixels) but not decoded");
/// ```
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Kind>);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("reading the source failed")]
    Read(#[source] io::Error),
    #[error("writing the {0} failed")]
    Write(Format, #[source] io::Error),
    #[error("the source is empty")]
    Empty,
    #[error("not an image: no known signature in the first bytes")]
    NotAnImage,
    #[error("unsupported: {} is recognized{} but not decoded", .0, Pixels(*.1))]
    UnsupportedFormat(Format, Option<Size>),
    #[error("unsupported: {0} {1}")]
    UnsupportedFeature(Format, String),
    #[error("a still image is wanted, the {0} is animated: {1} frames")]
    Animated(Format, u32),
    #[error("over the limit: {what} is {found}, the limit is {limit}")]
    OverLimit { what: &'static str, found: String, limit: String },
    #[error("truncated {0}: the data ends in {1}")]
    Truncated(Format, &'static str),
    #[error("corrupt {0}: {1}")]
    Corrupt(Format, String),
    #[error("corrupt {0}: the decoder gave up")]
    Decoder(Format, #[source] Box<dyn error::Error + Send + Sync>),
    #[error("corrupt {0}: the decoder panicked: {1}")]
    Panicked(Format, String),
    #[error("encoding {0} failed")]
    Encoder(Format, #[source] Box<dyn error::Error + Send + Sync>),
    #[error("invalid pixels: {0}")]
    Pixels(String),
    #[error("the work at it panicked: {0}")]
    Work(String),
    #[error("corrupt ICC profile: {0}")]
    Profile(String),
}

impl Error {
    /// Whether the source could not be read, or the sink not be written.
    pub fn is_io(&self) -> bool {
        matches!(*self.0, Kind::Read(_) | Kind::Write(..))
    }

    /// Whether the source holds no known image at all, or nothing.
    pub fn is_not_an_image(&self) -> bool {
        matches!(*self.0, Kind::Empty | Kind::NotAnImage)
    }

    /// Whether the image is of a format, or uses a feature, that is not implemented.
    pub fn is_unsupported(&self) -> bool {
        matches!(*self.0, Kind::UnsupportedFormat(..) | Kind::UnsupportedFeature(..))
    }

    /// Whether the image is animated where only stills are taken.
    ///
    /// See [`Animation::Refuse`](crate::Animation::Refuse).
    pub fn is_animated(&self) -> bool {
        matches!(*self.0, Kind::Animated(..))
    }

    /// Whether the image asks for more than the [`Limits`](crate::Limits) allow.
    pub fn is_over_limit(&self) -> bool {
        matches!(*self.0, Kind::OverLimit { .. })
    }

    /// Whether the image ends before its data does.
    pub fn is_truncated(&self) -> bool {
        matches!(*self.0, Kind::Truncated(..))
    }

    /// Whether the image contradicts its format; a truncated one does not count.
    pub fn is_corrupt(&self) -> bool {
        use Kind::{Corrupt, Decoder, Panicked, Profile};
        matches!(*self.0, Corrupt(..) | Decoder(..) | Panicked(..) | Profile(_))
    }

    /// Whether the work that a [`Batch`](crate::Batch) was given panicked.
    pub fn is_panic(&self) -> bool {
        matches!(*self.0, Kind::Work(_))
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0
    }

    pub(crate) fn corrupt(format: Format, what: impl Into<String>) -> Self {
        Kind::Corrupt(format, what.into()).into()
    }

    pub(crate) fn unsupported(format: Format, what: impl Into<String>) -> Self {
        Kind::UnsupportedFeature(format, what.into()).into()
    }

    /// Sorts an I/O error of a decoder: the end of the data is a truncated image.
    pub(crate) fn from_decoder_io(format: Format, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                Kind::Truncated(format, "the pixel data").into()
            }
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Kind::Decoder(format, error.into()).into()
            }
            _ => Kind::Read(error).into(),
        }
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(kind))
    }
}

/// Prints ` (2 x 1 pixels)`, or nothing where the size is not known.
struct Pixels(Option<Size>);

impl fmt::Display for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(size) => write!(f, " ({size} pixels)"),
            None => Ok(()),
        }
    }
}
