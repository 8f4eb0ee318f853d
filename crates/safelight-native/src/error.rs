use std::fmt;

/// Why a library did not make an image.
///
/// ```
/// # #[cfg(feature = "webp")] {
/// use safelight_native::webp;
///
/// let error = webp::header(b"RIFF").unwrap_err();
/// assert!(error.is_truncated());
/// assert_eq!(error.to_string(), "the data ends too early");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Truncated,
    Damaged(String),
    Refused(String),
}

impl Error {
    pub(crate) fn truncated() -> Self {
        Self(Kind::Truncated)
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self(Kind::Damaged(what.into()))
    }

    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self(Kind::Refused(what.into()))
    }

    /// Whether the data ends before the pixels do.
    pub fn is_truncated(&self) -> bool {
        self.0 == Kind::Truncated
    }

    /// Whether the pixel data contradicts itself.
    pub fn is_damaged(&self) -> bool {
        matches!(self.0, Kind::Damaged(_))
    }

    /// Whether the library does not take this, which another decoder may.
    ///
    /// Damage outside of the pixel data counts as this too.
    pub fn is_refused(&self) -> bool {
        matches!(self.0, Kind::Refused(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Truncated => f.write_str("the data ends too early"),
            Kind::Damaged(what) => write!(f, "the pixel data is damaged: {what}"),
            Kind::Refused(what) => write!(f, "the library refuses it: {what}"),
        }
    }
}

impl std::error::Error for Error {}
