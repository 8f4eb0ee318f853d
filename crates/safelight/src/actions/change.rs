use std::{fmt, time::Instant};

use safelight_progress_monitor::Step;

use super::{Cause, Knob};

/// One turn of a knob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// When.
    pub at: Instant,
    /// What is set.
    pub knob: Knob,
    /// Its value before, in the unit of the knob.
    pub before: u64,
    /// Its value after.
    pub after: u64,
    /// Why; where it is undone, why it was taken last.
    pub reason: Cause,
    /// Whether something is done, or what was done is undone.
    pub step: Step,
    /// Whether it is to be carried out; in a dry run it is not.
    pub mode: Mode,
}

/// Whether knobs are turned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Nothing is decided.
    Off,
    /// It is decided and written down as if knobs were turned, and none is.
    DryRun,
    /// They are.
    #[default]
    Act,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { knob, before, after, reason, .. } = self;
        let (unit, step) = (knob.unit(), self.step.name());
        let dry = if self.mode == Mode::DryRun { " (dry run)" } else { "" };
        write!(f, "{knob} {before} -> {after} {unit}, {step} for {reason}{dry}")
    }
}
