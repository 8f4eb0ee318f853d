use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::pulse::{Pulse, Silence};
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
    /// Timed updates that had begun.
    n_begun: u64,
    /// How long it was looked at.
    observed: Duration,
    /// Whether nobody looked before this look, for a while.
    is_resumed: bool,
    estimate: Estimate,
    pulse: Pulse,
    slow: Worst,
    stall: Episode,
    slow_update: Episode,
    stuck_update: Episode,
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
            n_begun: 0,
            observed: Duration::ZERO,
            is_resumed: false,
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
        self.track.n_done() != self.n_done
            || self.track.is_finished() != self.is_over
            || self.track.n_begun() != self.n_begun
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
        self.observed += took;
        // A moment after a wake says nothing about how fast it goes.
        let is_known = config.shortest <= self.observed;
        self.n_begun = self.track.n_begun();
        let timed = self.look_at_flights(now);
        let has_work = !is_finished
            && match n_left {
                _ if 0 < timed.n_in_flight => true,
                _ if self.track.is_resting(n_done) => false,
                Some(n_left) => 0 < n_done && 0 < n_left,
                None => 0 < n_done && !timed.is_any,
            };
        let is_resumed = std::mem::take(&mut self.is_resumed);
        let stall = self.pulse.step(n_new, has_work, now, config);
        let stall = if is_resumed { Silence::unknown() } else { stall };
        self.alarm(&stall, &timed, now, config, alarms);
        TrackerFrame {
            id: self.track.id,
            name: Arc::clone(&self.track.name),
            depth: self.depth,
            phase: self.track.phase(),
            n_done,
            total,
            rate: Rate::per_second(if is_known { self.estimate.rate() } else { 0.0 }),
            eta: self
                .estimate
                .left()
                .filter(|_| is_known && total.is_some() && !is_finished),
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
            value: stall.rate.map(Value::Rate),
            threshold: Value::Rate(config.rate),
        };
        alarms.step(&mut self.stall, &look, now, subject);
        if !timed.is_any {
            return;
        }
        if let Some(took) = timed.longest_new {
            self.slow.add(now, took);
        }
        let worst = self.slow.within(config.latency_window, now);
        // A slow update ends with its window, not by another one that is faster.
        let time = |kind, time: Option<Duration>, threshold: Duration| Look {
            kind,
            key,
            zone: if Some(threshold) < time { Zone::Above } else { Zone::Below },
            hold: Duration::ZERO,
            value: time.map(Value::Time),
            threshold: Value::Time(threshold),
        };
        let slow = time(AlertKind::SlowUpdate, worst, config.latency);
        alarms.step(&mut self.slow_update, &slow, now, subject);
        let stuck = time(AlertKind::StuckUpdate, timed.oldest, config.in_flight);
        alarms.step(&mut self.stuck_update, &stuck, now, subject);
    }

    /// Ends what is open, as the tracker is going.
    pub(super) fn end(&mut self, now: Instant, alarms: &mut Alarms) {
        let episodes = [
            (AlertKind::Stall, &mut self.stall),
            (AlertKind::SlowUpdate, &mut self.slow_update),
            (AlertKind::StuckUpdate, &mut self.stuck_update),
        ];
        for (kind, episode) in episodes {
            alarms.close(episode, kind, self.track.id, now);
        }
    }

    /// Lets silence count from the next look on.
    pub(super) fn resume(&mut self) {
        self.pulse = Pulse::default();
        self.is_resumed = true;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.slow.heap_bytes() + self.track.heap_bytes()
    }
}
