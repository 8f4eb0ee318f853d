use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A value, or why there is none.
pub type Reading<T> = Result<T, ProbeError>;

/// Something of the operating system could not be read.
#[derive(Clone, Debug)]
pub struct ProbeError {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// This platform does not tell.
    Unavailable { what: &'static str },
    /// A file could not be read or written. Shared, because an I/O error cannot be cloned.
    File { path: PathBuf, source: Arc<io::Error> },
    /// A file was read, but what was looked for is not in it.
    Missing { what: &'static str, path: PathBuf },
    /// A call failed.
    Call { what: &'static str, source: Arc<dyn Error + Send + Sync> },
}

impl ProbeError {
    /// Whether asking again is pointless: this machine or platform does not tell.
    pub fn is_unavailable(&self) -> bool {
        match &self.kind {
            Kind::Unavailable { .. } | Kind::Missing { .. } => true,
            Kind::File { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Kind::Call { .. } => false,
        }
    }

    /// Whether the process lacks the right to read it.
    pub fn is_denied(&self) -> bool {
        matches!(&self.kind, Kind::File { source, .. }
            if source.kind() == io::ErrorKind::PermissionDenied)
    }

    pub(crate) fn unavailable(what: &'static str) -> Self {
        Self { kind: Kind::Unavailable { what } }
    }

    pub(crate) fn file(path: &Path, source: io::Error) -> Self {
        Self { kind: Kind::File { path: path.to_owned(), source: Arc::new(source) } }
    }

    pub(crate) fn missing(what: &'static str, path: &Path) -> Self {
        Self { kind: Kind::Missing { what, path: path.to_owned() } }
    }

    pub(crate) fn call(
        what: &'static str,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self { kind: Kind::Call { what, source: Arc::new(source) } }
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
