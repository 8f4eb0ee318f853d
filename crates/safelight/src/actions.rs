//! What is done about what is wrong, and undone when it is over.
//!
//! One [`TABLE`] leads from each [`Cause`] to a step of a [`Knob`]; [`Actions`] follows it.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

mod cause;
mod change;
mod dial;
mod knob;
mod rule;
mod table;

pub use cause::Cause;
pub use change::{Change, Mode};
pub use knob::Knob;
pub use rule::{Bound, Effect, Repeats, Rule};
pub use table::{TABLE, markdown};

use dial::Dial;

/// Turns knobs by the [`TABLE`], and turns them back when nothing is wrong any more.
///
/// It is a state machine: the caller says what is wrong and what time it is, and carries out
/// the changes that come back. It knows nothing of caches or jobs.
///
/// - A cause takes a step as soon as it is there. Where the table repeats it, it takes another
///   each [`Config::cool_down`] while it lasts. Never sooner, not even where it comes and goes.
/// - A step ends at its bound. What one cause has lowered no other one raises.
/// - Where several causes hold a knob, it goes back when the last one is over, to its base and
///   at once, but once in a cool-down at most.
/// - A cache that was raised because of [`Cause::Evictions`] stays so while memory is plenty:
///   that it lets go of less is what raising was for. It goes back at once when memory is
///   scarce.
///
/// Knobs that were given no base are left alone.
///
/// ```
/// use std::time::Duration;
///
/// use safelight::actions::{Actions, Cause, Config, Knob};
/// # use safelight_core::{Clock, ManualClock};
/// use safelight_core::Pressure;
///
/// # let now = ManualClock::new().now();
/// let mut actions = Actions::new(Config::default());
/// actions.set_base(Knob::Jobs, 8);
/// for change in actions.step(&[Cause::Pressure(Pressure::High)], now) {
///     assert_eq!(change.to_string(), "jobs 8 -> 4 count, taken for pressure_high");
/// }
/// assert_eq!(actions.value(Knob::Jobs), Some(4));
/// actions.step(&[], now + Duration::from_secs(1));
/// assert_eq!(actions.value(Knob::Jobs), Some(8));
/// assert_eq!(actions.journal().len(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Actions {
    config: Config,
    dials: BTreeMap<Knob, Dial>,
    journal: VecDeque<Change>,
}

/// The settings of [`Actions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether knobs are turned, or it is only written down that they would be.
    pub mode: Mode,
    /// How soon a cause takes its next step, and a knob goes back again, at the earliest.
    pub cool_down: Duration,
    /// How many changes the journal keeps.
    pub n_journal: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { mode: Mode::Act, cool_down: Duration::from_secs(5), n_journal: 256 }
    }
}

impl Actions {
    /// Starts with nothing wrong and no knobs.
    pub fn new(config: Config) -> Self {
        Self { config, dials: BTreeMap::new(), journal: VecDeque::new() }
    }

    /// Returns the settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Changes the settings; where the mode is another one, all knobs are at their bases.
    pub fn set_config(&mut self, config: Config) {
        if config.mode != self.config.mode {
            self.dials.values_mut().for_each(Dial::reset);
        }
        self.config = config;
    }

    /// Says what is configured for a knob; for [`Knob::Purge`] zero.
    ///
    /// Where that differs from before, the knob is there at once, and what was done to it is
    /// forgotten: a cause that lasts starts again from there in the next step.
    pub fn set_base(&mut self, knob: Knob, base: u64) {
        self.set(knob, Dial::new(knob, base, base));
    }

    /// Says what is configured for a knob whose bound is configured as well.
    ///
    /// That is [`Bound::Configured`] in the [`TABLE`]. Other knobs have theirs from there.
    pub fn set_base_and_bound(&mut self, knob: Knob, base: u64, bound: u64) {
        self.set(knob, Dial::new(knob, base, bound));
    }

    fn set(&mut self, knob: Knob, dial: Dial) {
        let known = self.dials.get(&knob);
        if !known.is_some_and(|known| known.is_configured_as(&dial)) {
            self.dials.insert(knob, dial);
        }
    }

    /// Returns where a knob is now, if it has a base; in a dry run it never leaves that.
    pub fn value(&self, knob: Knob) -> Option<u64> {
        let dial = self.dials.get(&knob)?;
        Some(match self.config.mode {
            Mode::Act => dial.value(),
            Mode::DryRun | Mode::Off => dial.base(),
        })
    }

    /// Takes what is wrong now; returns what to change, in the order of doing it.
    ///
    /// A dry run returns what it would change: see [`Change::mode`].
    pub fn step(&mut self, causes: &[Cause], now: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.config.mode == Mode::Off {
            return changes;
        }
        for dial in self.dials.values_mut() {
            dial.step(causes, now, &self.config, &mut changes);
        }
        self.write(&changes);
        changes
    }

    /// Takes everything back that was done, as nobody will look any more; returns what to
    /// change.
    ///
    /// ```
    /// # use safelight::actions::{Actions, Cause, Config, Knob};
    /// # use safelight_core::{Clock, ManualClock, Pressure};
    /// # let now = ManualClock::new().now();
    /// let mut actions = Actions::new(Config::default());
    /// actions.set_base(Knob::Jobs, 8);
    /// actions.step(&[Cause::Pressure(Pressure::High)], now);
    /// assert_eq!(actions.undo_all(now).len(), 1);
    /// assert_eq!(actions.value(Knob::Jobs), Some(8));
    /// assert!(actions.undo_all(now).is_empty());
    /// ```
    pub fn undo_all(&mut self, now: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        for dial in self.dials.values_mut() {
            dial.undo_now(now, &self.config, &mut changes);
        }
        self.write(&changes);
        changes
    }

    fn write(&mut self, changes: &[Change]) {
        self.journal.extend(changes);
        let n_old = self.journal.len().saturating_sub(self.config.n_journal);
        self.journal.drain(..n_old);
    }

    /// Whether the batch of any GPU has a base.
    pub(crate) fn has_gpus(&self) -> bool {
        self.dials.keys().any(|knob| matches!(knob, Knob::GpuBatch(_)))
    }

    /// Returns the latest changes, the oldest first.
    pub fn journal(&self) -> impl ExactSizeIterator<Item = &Change> {
        self.journal.iter()
    }
}
