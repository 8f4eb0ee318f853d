use std::time::{Duration, Instant};

use super::moment::Moment;
use crate::{Config, Rate, episode::Zone};

/// When something was counted, as far as looks can tell.
///
/// What is counted gives credit: so long a silence is in order at the lowest rate. When the
/// credit is used up it stalls, and what is missing then is a debt, which grows at the rate
/// where the stall ends. It has ended when what is counted has paid the debt: a job that is
/// steadily too slow never does that, in however large or small pieces it comes.
///
/// Times are in seconds where they are reckoned with: there is a pulse for each tracker.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// The latest look that saw something new, or at which the work began.
    last: Option<Instant>,
    /// The time from then to the latest look.
    silent: Duration,
    /// The longest of the silences that ended lately.
    longest: f64,
    /// How long it may be silent.
    credit: f64,
    /// How many are missing.
    debt: f64,
    /// What is missing is never more than that of so much time.
    memory: f64,
}

/// Credit that is used up but for the rounding.
const NO_CREDIT: f64 = 1e-9;

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
        moment: &Moment<'_>,
    ) -> Silence {
        let Moment { now, period, .. } = *moment;
        if self.last.is_none() || !has_work {
            *self = Self::default();
            self.last = has_work.then_some(now);
            self.earn(n_new, period.as_secs_f64());
            return Silence { zone: Zone::Below, rate: None };
        }
        // A tracker that had work at the look before was looked at then.
        let took = moment.passed();
        self.silent = self.silent.saturating_add(took.time());
        let gap = self.silent.as_secs_f64();
        self.pass(took.secs(), gap, moment.config);
        // At the end of a silence, n are one more than pauses between them.
        let n_seen = if n_new == 0 { 1 } else { n_new };
        let rate = Rate::per_second(n_seen as f64 / gap.max(1e-9));
        let zone = if n_new == 0 {
            self.zone_of_silence(period)
        } else {
            self.end_silence(gap, period.as_secs_f64(), now);
            self.earn(n_new, period.as_secs_f64());
            if 0.0 < self.debt { Zone::Between } else { Zone::Below }
        };
        Silence { zone, rate: Some(rate) }
    }

    fn end_silence(&mut self, gap: f64, period: f64, now: Instant) {
        self.last = Some(now);
        self.silent = Duration::ZERO;
        // A single long silence may have been a stall, and makes none usual.
        let usual = self.longest.max(period) * 8.0;
        self.longest = self.longest.max(gap.min(usual));
    }

    /// Lets time pass: credit goes, debt grows, and what was long ago fades.
    fn pass(&mut self, took: f64, gap: f64, config: &Config) {
        self.credit = (self.credit - took).max(0.0);
        self.longest = (self.longest - took / 2.0).max(0.0);
        self.memory = (self.memory - took / 2.0).max(gap);
        let pace = config.rate.get() * (1.0 + config.hysteresis.get());
        self.debt = (self.debt + pace * took).min(pace * self.memory);
    }

    /// Takes in what was counted.
    ///
    /// What comes in large pieces may take as long as the piece is worth at the lowest rate,
    /// but not much longer than it takes lately.
    fn earn(&mut self, n_new: u64, period: f64) {
        self.debt = (self.debt - n_new as f64).max(0.0);
        let most = period.max(self.longest * 3.0);
        self.credit = (self.credit + period * n_new as f64).min(most);
    }

    fn zone_of_silence(&self, period: Duration) -> Zone {
        let is_used_up = self.credit < NO_CREDIT;
        if is_used_up && period < self.silent { Zone::Above } else { Zone::Between }
    }

    /// Returns the look from which on silence counts.
    pub(super) fn last(&self) -> Option<Instant> {
        self.last
    }

    /// Returns how long nothing was counted, for one that has work.
    pub(super) fn silent(&self) -> Option<Duration> {
        self.last.map(|_| self.silent)
    }
}

/// Returns the time between two updates at the lowest rate.
pub(super) fn period(config: &Config) -> Duration {
    Duration::try_from_secs_f64(1.0 / config.rate.get()).unwrap_or(Duration::MAX)
}
