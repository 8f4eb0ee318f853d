use std::fmt;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a program does about memory.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub(super) enum Arm {
    /// Now and then it cuts the cache, where much is used.
    Thresholds,
    /// The cache follows what is used, many times a second.
    Reactive,
    /// The same, and jobs ask before they decode.
    Permits,
}

impl Arm {
    pub(super) const ALL: [Self; 3] = [Self::Thresholds, Self::Reactive, Self::Permits];
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Thresholds => "thresholds",
            Self::Reactive => "reactive",
            Self::Permits => "permits",
        })
    }
}
