use std::time::Instant;

use safelight_core::{ByteSize, Pressure, Share};

use crate::{Config, Reading};

/// Tells what the consumers may hold in all: less at once, more slowly, and all again.
///
/// What they hold counts as available, because it would be without them: so that their own
/// shrinking changes nothing, and nothing swings.
/// With pressure they get less: no more than they have from [`Pressure::Elevated`] on, half
/// from [`Pressure::High`] on, and nothing but their floors when it is critical.
/// Then they grow back to what is configured, within [`Config::regrow`] if there is room.
///
/// ```
/// # use safelight_core::{Clock, ManualClock};
/// use safelight_memory_manager::{
///     Budgets, ByteSize, Config, Pressure, Reading, Situation,
/// };
///
/// # let now = ManualClock::new().now();
/// let mut budgets = Budgets::new(Config::default());
/// let situation = Situation {
///     reading: Reading { limit: ByteSize::mib(1000), used: ByteSize::mib(700) },
///     pressure: Pressure::Normal,
///     configured: ByteSize::mib(256),
///     held: ByteSize::mib(200),
///     granted: ByteSize::ZERO,
/// };
/// // A fifth of the 300 MiB that are available and the 200 MiB that could be.
/// assert_eq!(budgets.step(&situation, now), ByteSize::mib(100));
/// ```
#[derive(Clone, Debug)]
pub struct Budgets {
    config: Config,
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    at: Instant,
    budget: ByteSize,
}

/// How budgets follow from what there is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// This part of what is available, together with what the consumers hold.
    Available(Share),
    /// This part of the limit, less what is granted or used by others, whichever is more.
    ///
    /// It lets consumers have much, and is for programs whose work takes permits.
    Headroom(Share),
}

/// What budgets depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// How much memory there is.
    pub reading: Reading,
    /// How scarce it is.
    pub pressure: Pressure,
    /// What the consumers may hold when there is plenty.
    pub configured: ByteSize,
    /// What they hold.
    pub held: ByteSize,
    /// What is granted to others.
    pub granted: ByteSize,
}

impl Budgets {
    /// Starts without a past, so that the first step sets what there is room for.
    pub fn new(config: Config) -> Self {
        Self { config, last: None }
    }

    /// Takes note of the situation; returns what the consumers may hold in all.
    pub fn step(&mut self, situation: &Situation, now: Instant) -> ByteSize {
        let target = self.target(situation);
        let budget = self.last.map_or(target, |last| {
            target.min(last.budget + self.growth(&last, situation, now))
        });
        self.last = Some(Last { at: now, budget });
        budget
    }

    fn target(&self, situation: &Situation) -> ByteSize {
        let Situation { reading, pressure, configured, held, granted } = *situation;
        let room = match self.config.rule {
            _ if reading.limit == ByteSize::ZERO => ByteSize::MAX,
            Rule::Available(share) => part(share, reading.available() + held),
            Rule::Headroom(share) => {
                part(share, reading.limit) - granted.max(reading.used - held)
            }
        };
        let plenty = configured.min(room);
        match pressure {
            Pressure::Normal | Pressure::Elevated => plenty,
            Pressure::High => ByteSize::from_bytes(plenty.bytes() / 2),
            Pressure::Critical => ByteSize::ZERO,
        }
    }

    fn growth(&self, last: &Last, situation: &Situation, now: Instant) -> ByteSize {
        if situation.pressure != Pressure::Normal {
            return ByteSize::ZERO;
        }
        let elapsed = now.saturating_duration_since(last.at);
        if self.config.regrow <= elapsed {
            return ByteSize::MAX;
        }
        let share = elapsed.as_secs_f64() / self.config.regrow.as_secs_f64();
        part(Share::new(share), situation.configured)
    }
}

fn part(share: Share, of: ByteSize) -> ByteSize {
    // Rounded, so that a fifth of five is one.
    ByteSize::from_bytes((share.get() * of.bytes() as f64).round() as u64)
}
