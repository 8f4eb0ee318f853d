use std::fmt;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the server does about memory.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub(super) enum Arm {
    /// Work asks before it decodes, and is refused where there is no room in time.
    Permits,
    /// It decodes all that it is asked for, at once.
    NoPermits,
}

impl Arm {
    pub(super) const ALL: [Self; 2] = [Self::Permits, Self::NoPermits];
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Permits => "permits",
            Self::NoPermits => "no permits",
        })
    }
}
