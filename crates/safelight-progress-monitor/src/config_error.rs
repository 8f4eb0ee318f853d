use std::{error::Error, fmt};

/// A value of a [`Config`](crate::Config) that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    key: &'static str,
    wanted: &'static str,
}

impl ConfigError {
    pub(crate) fn new(key: &'static str, wanted: &'static str) -> Self {
        Self { key, wanted }
    }

    /// Returns the name of the field.
    pub fn key(&self) -> &'static str {
        self.key
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` must be {}", self.key, self.wanted)
    }
}

impl Error for ConfigError {}
