//! How a command ends.

use std::{error::Error, fmt, process::ExitCode};

/// The exit code of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done.
    Ok = 0,
    /// It could not be done.
    Failed = 1,
    /// The arguments or the configuration make no sense.
    Usage = 2,
    /// A comparison was too noisy for a verdict.
    Inconclusive = 4,
    /// Ctrl-C; what was measured until then was written.
    Interrupted = 130,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// An error in what the user wrote, as against one that befell us.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for UsageError {}

/// Returns the exit code that an error deserves.
pub(crate) fn for_error(error: &anyhow::Error) -> Status {
    if error.is::<UsageError>() { Status::Usage } else { Status::Failed }
}

/// Returns an error with all its causes.
pub(crate) fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
