use std::time::{Duration, Instant};

use crate::{Config, Rate, episode::Zone};

/// When something was counted, as far as looks can tell.
///
/// What is counted gives credit: so long a silence is in order at the lowest rate. When the
/// credit is used up it stalls, and what is missing then is a debt, which grows at the rate
/// where the stall ends. It has ended when what is counted has paid the debt: a job that is
/// steadily too slow never does that, in however large or small pieces it comes.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// The latest look that saw something new, or at which the work began.
    last: Option<Instant>,
    /// The look before.
    looked: Option<Instant>,
    /// The longest of the silences that ended lately.
    longest: Duration,
    /// How long it may be silent.
    credit: Duration,
    /// How many are missing.
    debt: f64,
    /// What is missing is never more than that of so much time.
    memory: Duration,
}

/// What a pulse says about a stall.
pub(super) struct Silence {
    pub(super) zone: Zone,
    /// The rate since the last update was seen, for one that has work.
    pub(super) rate: Option<Rate>,
}

impl Silence {
    /// Returns what neither begins nor ends a stall.
    pub(super) fn unknown() -> Self {
        Self { zone: Zone::Between, rate: None }
    }
}

impl Pulse {
    /// Takes a look in.
    ///
    /// Only looks are known, not the moments of updates: time counts from the look that saw
    /// the last one, so a monitor that looks seldom takes nobody for silent.
    pub(super) fn step(
        &mut self,
        n_new: u64,
        has_work: bool,
        now: Instant,
        config: &Config,
    ) -> Silence {
        let (Some(last), Some(looked), true) = (self.last, self.looked, has_work) else {
            *self = Self::default();
            self.last = has_work.then_some(now);
            self.looked = self.last;
            self.earn(n_new, period(config));
            return Silence { zone: Zone::Below, rate: None };
        };
        self.looked = Some(now);
        let took = now.saturating_duration_since(looked);
        let gap = now.saturating_duration_since(last);
        self.pass(took, gap, config);
        // At the end of a silence, n are one more than pauses between them.
        let n_seen = if n_new == 0 { 1 } else { n_new };
        let rate = Rate::per_second(n_seen as f64 / gap.as_secs_f64().max(1e-9));
        let zone = if n_new == 0 {
            self.zone_of_silence(gap, period(config))
        } else {
            self.last = Some(now);
            // A single long silence may have been a stall, and makes none usual.
            let usual = self.longest.max(period(config)).saturating_mul(8);
            self.longest = self.longest.max(gap.min(usual));
            self.earn(n_new, period(config));
            if 0.0 < self.debt { Zone::Between } else { Zone::Below }
        };
        Silence { zone, rate: Some(rate) }
    }

    /// Lets time pass: credit goes, debt grows, and what was long ago fades.
    fn pass(&mut self, took: Duration, gap: Duration, config: &Config) {
        self.credit = self.credit.saturating_sub(took);
        self.longest = self.longest.saturating_sub(took / 2);
        self.memory = self.memory.saturating_sub(took / 2).max(gap);
        let pace = config.rate.get() * (1.0 + config.hysteresis.get());
        let grown = self.debt + pace * took.as_secs_f64();
        self.debt = grown.min(pace * self.memory.as_secs_f64());
    }

    /// Takes in what was counted.
    ///
    /// What comes in large pieces may take as long as the piece is worth at the lowest rate,
    /// but not much longer than it takes lately.
    fn earn(&mut self, n_new: u64, period: Duration) {
        self.debt = (self.debt - n_new as f64).max(0.0);
        let worth = period.saturating_mul(u32::try_from(n_new).unwrap_or(u32::MAX));
        let most = period.max(self.longest.saturating_mul(3));
        self.credit = self.credit.saturating_add(worth).min(most);
    }

    fn zone_of_silence(&self, gap: Duration, period: Duration) -> Zone {
        if self.credit.is_zero() && period < gap { Zone::Above } else { Zone::Between }
    }

    pub(super) fn silent(&self, now: Instant) -> Option<Duration> {
        self.last.map(|last| now.saturating_duration_since(last))
    }
}

/// Returns the time between two updates at the lowest rate.
fn period(config: &Config) -> Duration {
    Duration::try_from_secs_f64(1.0 / config.rate.get()).unwrap_or(Duration::MAX)
}
