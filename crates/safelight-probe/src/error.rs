use std::{error::Error, fmt, io, path::Path, sync::Arc};

/// A value, or why there is none.
pub type Reading<T> = Result<T, ProbeError>;

/// Something of the operating system could not be read.
///
/// A clone shares what it holds, so that it costs no allocation.
#[derive(Clone, Debug)]
pub struct ProbeError {
    kind: Kind,
}

#[derive(Clone, Debug)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "files are read on Linux only")
)]
enum Kind {
    /// This platform does not tell.
    Unavailable { what: &'static str },
    /// A file could not be read or written. Shared, because an I/O error cannot be cloned.
    File { path: Arc<Path>, source: Arc<io::Error> },
    /// A file was read, but what was looked for is not in it.
    Missing { what: &'static str, path: Arc<Path> },
    /// A call failed.
    Call { what: &'static str, cause: Cause, source: Arc<dyn Error + Send + Sync> },
}

/// What a caller can make of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// What was asked for is not there.
    Absent,
    /// The process lacks the right.
    Denied,
    /// Anything else.
    Failed,
}

impl ProbeError {
    /// Whether asking again is pointless: this machine or platform does not tell.
    pub fn is_unavailable(&self) -> bool {
        match &self.kind {
            Kind::Unavailable { .. } | Kind::Missing { .. } => true,
            Kind::File { source, .. } => {
                matches!(
                    source.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::Unsupported
                )
            }
            Kind::Call { cause, .. } => *cause == Cause::Absent,
        }
    }

    /// Whether the process lacks the right to read it.
    pub fn is_denied(&self) -> bool {
        match &self.kind {
            Kind::File { source, .. } => source.kind() == io::ErrorKind::PermissionDenied,
            Kind::Call { cause, .. } => *cause == Cause::Denied,
            Kind::Unavailable { .. } | Kind::Missing { .. } => false,
        }
    }

    pub(crate) fn unavailable(what: &'static str) -> Self {
        Self { kind: Kind::Unavailable { what } }
    }

    pub(crate) fn call(
        what: &'static str,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self::call_because(what, Cause::Failed, source)
    }

    pub(crate) fn call_because(
        what: &'static str,
        cause: Cause,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self { kind: Kind::Call { what, cause, source: Arc::new(source) } }
    }
}

/// Files are read on Linux only.
#[cfg(target_os = "linux")]
impl ProbeError {
    /// Whether a file is not there.
    pub(crate) fn is_absent_file(&self) -> bool {
        matches!(&self.kind, Kind::File { source, .. }
            if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether it stands for just this failure of a file.
    pub(crate) fn is_same_as(&self, error: &io::Error) -> bool {
        matches!(&self.kind, Kind::File { source, .. }
            if source.raw_os_error().is_some()
                && source.raw_os_error() == error.raw_os_error())
    }

    pub(crate) fn file(path: impl Into<Arc<Path>>, source: io::Error) -> Self {
        Self { kind: Kind::File { path: path.into(), source: Arc::new(source) } }
    }

    pub(crate) fn missing(what: &'static str, path: impl Into<Arc<Path>>) -> Self {
        Self { kind: Kind::Missing { what, path: path.into() } }
    }
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Unavailable { what } => {
                write!(f, "{what} is not told by this platform")
            }
            Kind::File { path, .. } => write!(f, "cannot access {}", path.display()),
            Kind::Missing { what, path } => write!(f, "no {what} in {}", path.display()),
            Kind::Call { what, .. } => write!(f, "cannot read {what}"),
        }
    }
}

impl Error for ProbeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::File { source, .. } => Some(source.as_ref()),
            Kind::Call { source, .. } => Some(source.as_ref()),
            Kind::Unavailable { .. } | Kind::Missing { .. } => None,
        }
    }
}
