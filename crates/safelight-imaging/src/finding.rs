use std::fmt;

use crate::{Error, error::Kind};

/// One thing that is wrong with an image, or worth to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What the image has.
    pub found: String,
    /// What was wanted instead.
    pub wanted: String,
    /// What mends it.
    pub fix: &'static str,
}

impl Finding {
    pub(crate) fn error(
        code: Code,
        found: impl Into<String>,
        wanted: impl Into<String>,
    ) -> Self {
        let (found, wanted) = (found.into(), wanted.into());
        Self { code, severity: Severity::Error, found, wanted, fix: code.fix() }
    }

    pub(crate) fn warning(
        code: Code,
        found: impl Into<String>,
        wanted: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, found, wanted) }
    }

    /// Makes a finding of what stopped a reader or a decoder; I/O goes on as an error.
    pub(crate) fn from_error(error: Error) -> Result<Self, Error> {
        use std::error::Error as _;
        Ok(match error.kind() {
            Kind::Read(_) | Kind::Write(..) => return Err(error),
            Kind::Empty => Self::error(Code::Empty, "0 bytes", "an image"),
            Kind::NotAnImage => {
                Self::error(Code::NotAnImage, "no known signature", "an image")
            }
            Kind::UnsupportedFormat(format, _) => {
                Self::error(Code::UnsupportedFormat, format.to_string(), "another format")
            }
            Kind::UnsupportedFeature(format, what) => Self::error(
                Code::UnsupportedFeature,
                format!("{format} with {what}"),
                "a common kind of the format",
            ),
            Kind::Animated(_, n_frames) => {
                Self::error(Code::Animated, format!("{n_frames} frames"), "a still image")
            }
            Kind::OverLimit { what, found, limit } => Self::error(
                Code::OverLimit,
                format!("{what} is {found}"),
                format!("at most {limit}"),
            ),
            Kind::Truncated(format, what) => Self::error(
                Code::Truncated,
                format!("the {format} data ends in {what}"),
                "a whole file",
            ),
            Kind::Corrupt(_, what) => Self::corrupt(what.clone()),
            Kind::Profile(what) => Self::error(
                Code::BadProfile,
                format!("the ICC profile is unusable: {what}"),
                "a valid profile, or none",
            ),
            Kind::Decoder(..)
            | Kind::Panicked(..)
            | Kind::Encoder(..)
            | Kind::Pixels(_)
            | Kind::Work(_) => {
                let cause = error.source().map(ToString::to_string);
                Self::corrupt(cause.unwrap_or_else(|| error.to_string()))
            }
        })
    }

    fn corrupt(what: String) -> Self {
        Self::error(Code::Corrupt, what, "data that follows the format")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, severity, found, wanted, fix } = self;
        write!(f, "{severity} {code}: found {found}, wanted {wanted}; {fix}")
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The image can be used, with the loss or the detour that the finding names.
    Warning,
    /// The image should be refused.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// The kinds of findings; their names never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// There is not a single byte.
    Empty,
    /// The content has no known signature.
    NotAnImage,
    /// The extension of the name is that of another format.
    WrongExtension,
    /// The format is not among those that the rules allow.
    UnsupportedFormat,
    /// The format is known, this variant of it is not.
    UnsupportedFeature,
    /// The file is longer than the rules allow.
    FileTooLarge,
    /// The image would cost more than the limits allow, such as a declared bomb.
    OverLimit,
    /// A side is shorter than the rules allow.
    TooSmall,
    /// A side is longer than the rules allow.
    TooLarge,
    /// The image is too wide or too tall for its other side.
    AspectOutOfRange,
    /// The colors are inks.
    Cmyk,
    /// Samples have 16 bits.
    SixteenBit,
    /// The pixels are stored turned or mirrored.
    ExifRotated,
    /// There are several frames.
    Animated,
    /// The data ends too early.
    Truncated,
    /// A checksum does not match.
    BadChecksum,
    /// The data contradicts its format.
    Corrupt,
    /// The ICC profile cannot be used.
    BadProfile,
    /// Something stands behind the end of the image.
    TrailingData,
}

impl Code {
    /// Returns the stable name, in lower case with hyphens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotAnImage => "not-an-image",
            Self::WrongExtension => "wrong-extension",
            Self::UnsupportedFormat => "unsupported-format",
            Self::UnsupportedFeature => "unsupported-feature",
            Self::FileTooLarge => "file-too-large",
            Self::OverLimit => "over-limit",
            Self::TooSmall => "too-small",
            Self::TooLarge => "too-large",
            Self::AspectOutOfRange => "aspect-out-of-range",
            Self::Cmyk => "cmyk",
            Self::SixteenBit => "sixteen-bit",
            Self::ExifRotated => "exif-rotated",
            Self::Animated => "animated",
            Self::Truncated => "truncated",
            Self::BadChecksum => "bad-checksum",
            Self::Corrupt => "corrupt",
            Self::BadProfile => "bad-profile",
            Self::TrailingData => "trailing-data",
        }
    }

    const fn fix(self) -> &'static str {
        match self {
            Self::Empty => "fetch the file again",
            Self::NotAnImage => "give an image file",
            Self::WrongExtension => "rename the file",
            Self::UnsupportedFormat => "convert the image to an allowed format",
            Self::UnsupportedFeature => "export the image without this feature",
            Self::FileTooLarge => "compress the image more, or scale it down",
            Self::OverLimit => "refuse the file, or raise the limit if it is trusted",
            Self::TooSmall => "use a larger original, or scale it up",
            Self::TooLarge => "scale the image down",
            Self::AspectOutOfRange => "crop or pad the image",
            Self::Cmyk => "convert the image to RGB, through its profile if it has one",
            Self::SixteenBit => "reduce it to 8 bits, unless the precision is needed",
            Self::ExifRotated => "turn the pixels upright and drop the tag",
            Self::Animated => "expect only the first frame, or give a still image",
            Self::Truncated | Self::BadChecksum => "fetch or export the file again",
            Self::Corrupt => "export the image again from its original",
            Self::BadProfile => "export the image with another profile, or without",
            Self::TrailingData => "cut the file at the end of the image",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
