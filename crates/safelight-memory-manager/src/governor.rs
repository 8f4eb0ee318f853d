use std::time::{Duration, Instant};

use safelight_core::{ByteSize, Pressure, Share};

use crate::{Config, Reading};

/// Tells from readings how scarce memory is, and when something is to be done about it.
///
/// A level begins as soon as use reaches its line. It ends when use has stayed below
/// another line, [`Config::gap`] lower, for [`Config::dwell`]; and in any case when use has
/// stayed below the line where it began for [`Config::longest_hold`], so that no steady use
/// between the two lines holds it for good.
///
/// There is one action where a level begins, from below only, and from [`Pressure::High`]
/// on another each [`Config::cool_down`] while use stays above its line. Below that there is
/// nothing to let go of, and so nothing to repeat.
///
/// ```
/// use std::time::Instant;
/// # use safelight_core::{Clock, ManualClock};
/// use safelight_memory_manager::{ByteSize, Config, Governor, Pressure, Reading};
///
/// # let now: Instant = ManualClock::new().now();
/// let mut governor = Governor::new(Config::default());
/// let reading = Reading { limit: ByteSize::mib(1000), used: ByteSize::mib(860) };
/// let decision = governor.step(&reading, now);
/// assert_eq!(decision.level, Pressure::High);
/// // Back to where no level is left.
/// assert_eq!(decision.action.map(|action| action.wanted), Some(ByteSize::mib(160)));
/// assert_eq!(governor.step(&reading, now).action, None);
/// ```
#[derive(Clone, Debug)]
pub struct Governor {
    config: Config,
    level: Pressure,
    /// Since when use is below the line where the level began.
    below_since: Option<Instant>,
    /// Since when use is below the line where the level ends.
    calm_since: Option<Instant>,
    acted_at: Option<Instant>,
}

/// What follows from one reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// How scarce memory is now.
    pub level: Pressure,
    /// How scarce it was before.
    pub previous: Pressure,
    /// What is to be done, if anything.
    pub action: Option<Action>,
}

/// What is to be done once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Action {
    /// The level that asks for it.
    pub level: Pressure,
    /// What consumers should let go of: nothing below [`Pressure::High`], all they can at
    /// [`Pressure::Critical`].
    pub wanted: ByteSize,
}

const LEVELS: [Pressure; 3] = [Pressure::Critical, Pressure::High, Pressure::Elevated];

impl Governor {
    /// Starts at [`Pressure::Normal`].
    pub fn new(config: Config) -> Self {
        Self {
            config,
            level: Pressure::Normal,
            below_since: None,
            calm_since: None,
            acted_at: None,
        }
    }

    /// Changes the settings; the level stays until the next reading.
    pub fn set_config(&mut self, config: Config) {
        self.config = config;
    }

    /// Returns how scarce memory is.
    pub fn level(&self) -> Pressure {
        self.level
    }

    /// Takes a reading; says what is to be done.
    pub fn step(&mut self, reading: &Reading, now: Instant) -> Decision {
        let previous = self.level;
        let reached = self.highest(reading, Share::ZERO);
        let is_rise = self.level < reached;
        if is_rise {
            self.move_to(reached);
        } else if reached == self.level {
            self.below_since = None;
            self.calm_since = None;
        } else {
            self.fall(reached, reading, now);
        }
        let repeats = Pressure::High <= reached && reached == previous;
        let is_due = is_rise || (repeats && self.has_cooled_down(now));
        let action = (is_due && self.level != Pressure::Normal).then(|| {
            self.acted_at = Some(now);
            Action { level: self.level, wanted: self.wanted(reading) }
        });
        Decision { level: self.level, previous, action }
    }

    /// Lets a level end whose line is not reached.
    fn fall(&mut self, reached: Pressure, reading: &Reading, now: Instant) {
        let below_since = *self.below_since.get_or_insert(now);
        if self.config.longest_hold <= elapsed(below_since, now) {
            return self.move_to(reached);
        }
        let left = self.highest(reading, self.config.gap);
        if self.level <= left {
            self.calm_since = None;
            return;
        }
        let calm_since = *self.calm_since.get_or_insert(now);
        if self.config.dwell <= elapsed(calm_since, now) {
            self.move_to(left);
            // It is below the line of that level as well: its time runs from now on.
            self.below_since = (reached < left).then_some(now);
        }
    }

    fn move_to(&mut self, level: Pressure) {
        self.level = level;
        self.below_since = None;
        self.calm_since = None;
    }

    fn has_cooled_down(&self, now: Instant) -> bool {
        let since = self.acted_at.map(|acted_at| elapsed(acted_at, now));
        since.is_none_or(|since| self.config.cool_down <= since)
    }

    /// Returns the highest level whose line, lowered by `gap`, is reached.
    fn highest(&self, reading: &Reading, gap: Share) -> Pressure {
        let share = reading.share();
        let reached = |level: &Pressure| {
            let line = Share::new(self.line(*level).get() - gap.get());
            line <= share && Share::ZERO < share
        };
        if self.is_below_floor(reading, gap) {
            return Pressure::Critical;
        }
        LEVELS.into_iter().find(reached).unwrap_or(Pressure::Normal)
    }

    /// Whether too few bytes are left; half as many again are needed to be out of it.
    fn is_below_floor(&self, reading: &Reading, gap: Share) -> bool {
        let most = ByteSize::from_bytes(reading.limit.bytes() / 8);
        let floor = self.config.floor.min(most).bytes();
        let exit = if gap == Share::ZERO { 0 } else { floor / 2 };
        reading.available() < ByteSize::from_bytes(floor + exit)
    }

    fn line(&self, level: Pressure) -> Share {
        match level {
            Pressure::Normal => Share::ZERO,
            Pressure::Elevated => self.config.elevated,
            Pressure::High => self.config.high,
            Pressure::Critical => self.config.critical,
        }
    }

    fn wanted(&self, reading: &Reading) -> ByteSize {
        match self.level {
            Pressure::Normal | Pressure::Elevated => ByteSize::ZERO,
            Pressure::High => {
                let end = (self.config.elevated.get() - self.config.gap.get()).max(0.0);
                let end = (reading.limit.bytes() as f64 * end) as u64;
                reading.used - ByteSize::from_bytes(end)
            }
            Pressure::Critical => reading.used,
        }
    }
}

fn elapsed(since: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(since)
}
