use std::{
    error::{self, Error as _},
    fmt,
    sync::Arc,
    time::Duration,
};

use safelight_cache::LoadError;

use crate::Refusal;

/// A boxed error of any kind.
pub(crate) type Cause = Box<dyn error::Error + Send + Sync>;

/// What went wrong in a call, or in a configuration.
///
/// It is shared by all who waited for the same work, so it can be cloned.
#[derive(Clone)]
pub struct Error {
    kind: Arc<Kind>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("{}: {problem}", place(key, *line))]
    Config { key: String, line: Option<usize>, problem: String },
    #[error("line {line}: {problem}")]
    Toml { line: usize, problem: String },
    #[error("cannot read the configuration \"{path}\"")]
    ConfigFile { path: String, source: std::io::Error },
    #[error("cannot use the configuration \"{path}\"")]
    InConfigFile { path: String, source: Error },
    #[error("cannot write the report \"{path}\"")]
    ReportFile { path: String, source: std::io::Error },
    #[error(
        "cannot learn how much memory there is; set `memory.enabled = false` to go on without it"
    )]
    Memory { source: safelight_probe::ProbeError },
    #[error("`{operation}` was not admitted")]
    Refused { operation: &'static str, source: Refusal },
    #[error("`{operation}` was not begun within {waited:?}: no turn came, as {}", why(*turns))]
    Crowded { operation: &'static str, turns: (usize, usize), waited: Duration },
    #[error("`{operation}` failed")]
    Work { operation: &'static str, source: Cause },
    #[error("`{operation}` panicked: {message}")]
    Panicked { operation: &'static str, message: String },
    #[error("`{operation}`: the store gave something else than {wanted} for its key")]
    WrongType { operation: &'static str, wanted: &'static str },
    #[error("another configuration is set globally already")]
    AlreadySet,
}

/// Says how many may work at once, and who wants it so.
fn why((limit, configured): (usize, usize)) -> String {
    if limit == configured {
        return format!("{limit} may work at once (`jobs.at_once`, `jobs.patience`)");
    }
    format!("an action lets {limit} work at once, not {configured} (see `changes`)")
}

fn place(key: &str, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("line {line}: `{key}`"),
        None => format!("`{key}`"),
    }
}

impl Error {
    /// Returns the key of the configuration that is wrong, such as `cache.bytes`.
    pub fn key(&self) -> Option<&str> {
        match &*self.kind {
            Kind::Config { key, .. } => Some(key),
            Kind::InConfigFile { source, .. } => source.key(),
            _ => None,
        }
    }

    /// Returns the line of the configuration that is wrong, from 1.
    pub fn line(&self) -> Option<usize> {
        match &*self.kind {
            Kind::Config { line, .. } => *line,
            Kind::Toml { line, .. } => Some(*line),
            Kind::InConfigFile { source, .. } => source.line(),
            _ => None,
        }
    }

    /// Whether there was no room in time; asking again later may help.
    pub fn is_busy(&self) -> bool {
        match &*self.kind {
            Kind::Crowded { .. } => true,
            Kind::Refused { source, .. } => source.is_busy(),
            _ => false,
        }
    }

    /// Whether the work asks for more memory than there can ever be.
    pub fn is_too_large(&self) -> bool {
        match &*self.kind {
            Kind::Refused { source, .. } => !source.is_busy(),
            _ => self
                .downcast_ref::<safelight_imaging::Error>()
                .is_some_and(safelight_imaging::Error::is_over_limit),
        }
    }

    /// Whether the work itself failed; [`downcast_ref`](Self::downcast_ref) has its error.
    pub fn is_failed(&self) -> bool {
        matches!(&*self.kind, Kind::Work { .. })
    }

    /// Whether the work was not begun for lack of room.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(&*self.kind, Kind::Crowded { .. } | Kind::Refused { .. })
    }

    /// Whether the work panicked.
    pub fn is_panic(&self) -> bool {
        matches!(&*self.kind, Kind::Panicked { .. })
    }

    /// Returns the error of the work, if it is an `E`.
    pub fn downcast_ref<E: error::Error + 'static>(&self) -> Option<&E> {
        match &*self.kind {
            Kind::Work { source, .. } => source.downcast_ref(),
            _ => None,
        }
    }

    /// Wraps an error of the work; that of a job within it stays as it is.
    pub(crate) fn of_work(operation: &'static str, cause: Cause) -> Self {
        match cause.downcast::<Self>() {
            Ok(own) if own.is_refusal() || own.is_failed() || own.is_panic() => *own,
            Ok(other) => Kind::Work { operation, source: other }.into(),
            Err(source) => Kind::Work { operation, source }.into(),
        }
    }

    /// Takes an error out of a shared load, for everybody who waited for it.
    pub(crate) fn of_load(operation: &'static str, error: LoadError) -> Self {
        match error.downcast_ref::<Self>() {
            Some(own) => own.clone(),
            None if error.is_panic() => {
                Kind::Panicked { operation, message: error.to_string() }.into()
            }
            None => Kind::Work { operation, source: Box::new(error) }.into(),
        }
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self { kind: Arc::new(kind) }
    }
}

/// Prints what went wrong; with `{:#}` also why, by all causes.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        let mut cause = self.kind.source().filter(|_| f.alternate());
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Prints as `{:#}` does, for a `main` that returns it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.kind.source()
    }
}
