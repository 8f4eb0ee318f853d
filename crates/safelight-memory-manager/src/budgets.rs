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
/// With [`Rule::Headroom`] they grow with elevated pressure too.
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
    growth: Growth,
}

/// Growth that goes on.
///
/// It is counted from where it began and not from step to step, so that nothing is lost to
/// rounding however short the steps are.
#[derive(Clone, Copy, Debug)]
struct Growth {
    since: Instant,
    from: ByteSize,
    configured: ByteSize,
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
    /// They may fill memory up to this part, which may well be elevated pressure, so that
    /// does not stop their growth: the rule itself bounds it.
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

    /// Changes the settings; budgets go on from where they are.
    pub fn set_config(&mut self, config: Config) {
        self.config = config;
    }

    /// Takes note of the situation; returns what the consumers may hold in all.
    pub fn step(&mut self, situation: &Situation, now: Instant) -> ByteSize {
        let target = self.target(situation);
        let configured = situation.configured;
        let anew = |since, from| Growth { since, from, configured };
        let Some(last) = self.last else {
            self.last = Some(Last { at: now, budget: target, growth: anew(now, target) });
            return target;
        };
        let goes_on = last.growth.configured == configured;
        let growth = if goes_on { last.growth } else { anew(last.at, last.budget) };
        let may_grow = self.may_grow(situation.pressure);
        let most = if may_grow { self.grown(&growth, now) } else { last.budget };
        let most = most.max(last.budget);
        let budget = target.min(most);
        // It goes on while time is all that holds it up.
        let goes_on = may_grow && most < target;
        let growth = if goes_on { growth } else { anew(now, budget) };
        self.last = Some(Last { at: now, budget, growth });
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

    fn may_grow(&self, pressure: Pressure) -> bool {
        match self.config.rule {
            Rule::Available(_) => pressure < Pressure::Elevated,
            Rule::Headroom(_) => pressure < Pressure::High,
        }
    }

    fn grown(&self, growth: &Growth, now: Instant) -> ByteSize {
        let elapsed = now.saturating_duration_since(growth.since);
        if self.config.regrow <= elapsed {
            return ByteSize::MAX;
        }
        let share = elapsed.as_secs_f64() / self.config.regrow.as_secs_f64();
        growth.from + part(Share::new(share), growth.configured)
    }
}

fn part(share: Share, of: ByteSize) -> ByteSize {
    // Rounded, so that a fifth of five is one.
    ByteSize::from_bytes((share.get() * of.bytes() as f64).round() as u64)
}
