use std::{borrow::Cow, error::Error, fmt, time::Duration};

use crate::spaced::Spaced;

/// A value of a [`Config`](crate::Config) that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    key: &'static str,
    /// Where the error may be in another value, this one is named too.
    value: Option<Duration>,
    wanted: Cow<'static, str>,
}

impl ConfigError {
    pub(crate) fn new(key: &'static str, wanted: &'static str) -> Self {
        Self { key, value: None, wanted: wanted.into() }
    }

    /// An error of a time that does not agree with others.
    pub(crate) fn of_time(key: &'static str, value: Duration, wanted: String) -> Self {
        Self { key, value: Some(value), wanted: wanted.into() }
    }

    /// Returns the name of the field.
    pub fn key(&self) -> &'static str {
        self.key
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.key)?;
        if let Some(value) = self.value {
            write!(f, " ({})", Spaced(value))?;
        }
        write!(f, " must be {}", self.wanted)
    }
}

impl Error for ConfigError {}
