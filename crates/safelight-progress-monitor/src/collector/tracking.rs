use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    AlertKind, Config, Rate, Subject, TrackerFrame, Value,
    alarms::{Alarms, Look},
    durations::Durations,
    episode::{Episode, Zone},
    estimate::Estimate,
    track::Track,
    worst::Worst,
};

/// What the collector knows of one tracker.
#[derive(Debug)]
pub(super) struct Tracking {
    pub(super) track: Arc<Track>,
    pub(super) depth: usize,
    pub(super) n_done: u64,
    /// Whether its end was shown.
    pub(super) is_over: bool,
    estimate: Estimate,
    pulse: Pulse,
    slow: Worst,
    stall: Episode,
    slow_update: Episode,
    stuck_update: Episode,
}

/// When something was counted, as far as looks can tell.
#[derive(Debug, Default)]
struct Pulse {
    /// The latest look that saw something new, or at which the work began.
    last: Option<Instant>,
    n_last: u64,
    /// The usual time between looks that see something new.
    usual_gap: Duration,
}

/// What the timed updates are about at one look.
#[derive(Default)]
struct Timed {
    n_in_flight: usize,
    oldest: Option<Duration>,
    longest_new: Option<Duration>,
    n_abandoned: u64,
    longest: Option<Duration>,
    p99: Option<Duration>,
    is_any: bool,
}

impl Tracking {
    pub(super) fn new(track: Arc<Track>, depth: usize) -> Self {
        Self {
            track,
            depth,
            n_done: 0,
            is_over: false,
            estimate: Estimate::default(),
            pulse: Pulse::default(),
            slow: Worst::default(),
            stall: Episode::default(),
            slow_update: Episode::default(),
            stuck_update: Episode::default(),
        }
    }

    /// Whether something was counted since the last look.
    pub(super) fn has_news(&self) -> bool {
        self.track.n_done() != self.n_done || self.track.is_finished() != self.is_over
    }

    /// Takes a look; the one `before` was of the collector, maybe not of this tracker.
    pub(super) fn step(
        &mut self,
        before: Instant,
        now: Instant,
        config: &Config,
        alarms: &mut Alarms,
    ) -> TrackerFrame {
        // The end is read first: what was counted before it is then in the count.
        let is_finished = self.track.is_finished();
        let n_done = self.track.n_done();
        let n_new = n_done.wrapping_sub(self.n_done);
        self.n_done = n_done;
        self.is_over = is_finished;
        let total = self.track.total();
        let n_left = total.map(|total| total.saturating_sub(n_done));
        let took = now.saturating_duration_since(before.max(self.track.born));
        self.estimate.step(n_new, took, n_left);
        let timed = self.look_at_flights(now);
        let has_work = !is_finished
            && match n_left {
                _ if 0 < timed.n_in_flight => true,
                Some(n_left) => 0 < n_done && 0 < n_left,
                None => 0 < n_done && !timed.is_any,
            };
        let stall = self.pulse.step(n_new, has_work, now, config);
        self.alarm(&stall, &timed, now, config, alarms);
        TrackerFrame {
            id: self.track.id,
            name: Arc::clone(&self.track.name),
            depth: self.depth,
            phase: self.track.phase(),
            n_done,
            total,
            rate: Rate::per_second(self.estimate.rate()),
            eta: self.estimate.left().filter(|_| total.is_some() && !is_finished),
            silent: self.pulse.silent(now),
            n_in_flight: timed.n_in_flight,
            oldest: timed.oldest,
            n_abandoned: timed.n_abandoned,
            longest: timed.longest,
            p99: timed.p99,
            is_finished,
        }
    }

    fn look_at_flights(&self, now: Instant) -> Timed {
        let timed = self.track.with_flights(|flights| {
            let oldest = flights.oldest();
            let durations = flights.durations().filter(|durations| 0 < durations.n());
            Timed {
                n_in_flight: flights.n_open(),
                oldest: oldest.map(|begun| now.saturating_duration_since(begun)),
                n_abandoned: flights.n_abandoned(),
                longest: durations.map(Durations::longest),
                p99: durations.and_then(Durations::p99),
                is_any: true,
                longest_new: flights.take_longest(),
            }
        });
        timed.unwrap_or_default()
    }

    fn alarm(
        &mut self,
        stall: &Silence,
        timed: &Timed,
        now: Instant,
        config: &Config,
        alarms: &mut Alarms,
    ) {
        let key = self.track.id;
        let subject = || Subject::Tracker(Arc::clone(&self.track.name));
        let look = Look {
            kind: AlertKind::Stall,
            key,
            zone: stall.zone,
            hold: config.rate_for,
            value: Value::Rate(stall.rate),
            threshold: Value::Rate(config.rate),
        };
        alarms.step(&mut self.stall, &look, now, subject);
        if !timed.is_any {
            return;
        }
        if let Some(took) = timed.longest_new {
            self.slow.add(now, took);
        }
        let worst = self.slow.within(config.latency_window, now).unwrap_or_default();
        // A slow update ends with its window, not by another one that is faster.
        let time = |kind, time: Duration, threshold: Duration| Look {
            kind,
            key,
            zone: Zone::of(time.as_secs_f64(), threshold.as_secs_f64(), 0.0),
            hold: Duration::ZERO,
            value: Value::Time(time),
            threshold: Value::Time(threshold),
        };
        let slow = time(AlertKind::SlowUpdate, worst, config.latency);
        alarms.step(&mut self.slow_update, &slow, now, subject);
        let oldest = timed.oldest.unwrap_or_default();
        let stuck = time(AlertKind::StuckUpdate, oldest, config.in_flight);
        alarms.step(&mut self.stuck_update, &stuck, now, subject);
    }

    /// Ends what is open, as the tracker is going.
    pub(super) fn end(&mut self, now: Instant, alarms: &mut Alarms) {
        let zero = Value::Count(0);
        let episodes = [
            (AlertKind::Stall, &mut self.stall),
            (AlertKind::SlowUpdate, &mut self.slow_update),
            (AlertKind::StuckUpdate, &mut self.stuck_update),
        ];
        for (kind, episode) in episodes {
            let look = Look {
                kind,
                key: self.track.id,
                zone: Zone::Below,
                hold: Duration::ZERO,
                value: zero,
                threshold: zero,
            };
            let subject = || Subject::Tracker(Arc::clone(&self.track.name));
            alarms.step(episode, &look, now, subject);
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.slow.heap_bytes() + self.track.heap_bytes()
    }
}

/// What a pulse says about a stall.
struct Silence {
    zone: Zone,
    rate: Rate,
}

impl Pulse {
    /// Takes a look in.
    ///
    /// Only looks are known, not the moments of updates: time counts from the look that saw
    /// the last one, so a monitor that looks seldom takes nobody for silent.
    fn step(
        &mut self,
        n_new: u64,
        has_work: bool,
        now: Instant,
        config: &Config,
    ) -> Silence {
        let (Some(last), true) = (self.last, has_work) else {
            self.last = has_work.then_some(now);
            self.n_last = n_new;
            return Silence { zone: Zone::Below, rate: config.rate };
        };
        let gap = now.saturating_duration_since(last);
        let period = Duration::try_from_secs_f64(1.0 / config.rate.get());
        let period = period.unwrap_or(Duration::MAX);
        if n_new == 0 {
            let rate = Rate::per_second(1.0 / gap.as_secs_f64().max(1e-9));
            let allowed = self.allowed(period);
            let zone = if allowed < gap { Zone::Above } else { Zone::Between };
            return Silence { zone, rate };
        }
        let rate = Rate::per_second(n_new as f64 / gap.as_secs_f64().max(1e-9));
        let is_fast = 1 < n_new
            || config.rate.get() * (1.0 + config.hysteresis.get()) <= rate.get();
        self.usual_gap = (self.usual_gap * 3 + gap) / 4;
        self.last = Some(now);
        self.n_last = n_new;
        Silence { zone: if is_fast { Zone::Below } else { Zone::Between }, rate }
    }

    /// Returns how long it may be silent.
    ///
    /// What comes in large pieces may take as long as the piece is worth at the lowest rate,
    /// but not much longer than it usually takes.
    fn allowed(&self, period: Duration) -> Duration {
        let worth = period.saturating_mul(u32::try_from(self.n_last).unwrap_or(u32::MAX));
        period.max(worth.min(self.usual_gap.saturating_mul(3)))
    }

    fn silent(&self, now: Instant) -> Option<Duration> {
        self.last.map(|last| now.saturating_duration_since(last))
    }
}
