use std::fmt;

use super::{Cause, Knob};

/// A row of the [`TABLE`](super::TABLE): what leads to what, how far, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// What is wrong; GPU 0 stands for each.
    pub cause: Cause,
    /// What is set; GPU 0 stands for the one that is full.
    pub knob: Knob,
    /// What a step does.
    pub effect: Effect,
    /// Where steps end.
    pub bound: Bound,
    /// Whether there is more than one step.
    pub repeats: Repeats,
    /// What it is good for.
    pub why: &'static str,
}

/// What a step does to the value of a knob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Multiplies by the first, then divides by the second, rounding down.
    Times(u64, u64),
    /// Adds so many.
    More(u64),
    /// Takes off so many.
    Less(u64),
    /// Goes to the bound.
    ToBound,
}

/// Where the steps of a rule end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At the base times the first by the second.
    OfBase(u64, u64),
    /// At this value.
    At(u64),
    /// Where the configuration says.
    Configured,
    /// Nowhere, as what is counted is over when it is done.
    None,
}

/// Whether a cause that lasts takes another step after each cool-down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeats {
    /// It takes one step.
    Never,
    /// It does.
    EachCoolDown,
}

impl Effect {
    /// Returns where a step leads, the bound apart.
    pub(super) fn apply(self, value: u64, bound: u64) -> u64 {
        match self {
            Self::Times(by, of) => times(value, by, of),
            Self::More(n) => value.saturating_add(n),
            Self::Less(n) => value.saturating_sub(n),
            Self::ToBound => bound,
        }
    }
}

impl Bound {
    /// Returns the value where steps end.
    pub(super) fn of(self, base: u64, configured: u64) -> u64 {
        match self {
            Self::OfBase(by, of) => times(base, by, of),
            Self::At(value) => value,
            Self::Configured => configured,
            Self::None => u64::MAX,
        }
    }
}

fn times(value: u64, by: u64, of: u64) -> u64 {
    let product = u128::from(value) * u128::from(by) / u128::from(of.max(1));
    u64::try_from(product).unwrap_or(u64::MAX)
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(by, of) => write!(f, "times {by}/{of}"),
            Self::More(n) => write!(f, "{n} more"),
            Self::Less(n) => write!(f, "{n} less"),
            Self::ToBound => f.pad("to the bound"),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfBase(by, 1) => write!(f, "{by} times the base"),
            Self::OfBase(by, of) => write!(f, "{by}/{of} of the base"),
            Self::At(value) => write!(f, "{value}"),
            Self::Configured => f.pad("as configured"),
            Self::None => f.pad("none"),
        }
    }
}
