use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    counts::Counts,
    excuse::{Excuse, Held},
    moment::Moment,
    pulse::{Pulse, Silence},
};
use crate::{
    AlertKind, Rate, Subject, TrackerFrame, Value,
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
    counts: Counts,
    pub(super) n_done: u64,
    phase: Option<Arc<str>>,
    /// The state of the phase that this agrees with.
    phase_version: u64,
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
    excuse: Excuse,
    slow: Worst,
    stall: Episode,
    slow_update: Episode,
    stuck_update: Episode,
}

/// What the timed updates are about at one look.
#[derive(Default)]
struct Timed {
    n_begun: u64,
    n_in_flight: usize,
    oldest: Option<Duration>,
    /// Whether one may be why nothing is counted, and goes on for no longer than it may.
    is_permitted: bool,
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
            counts: Counts::default(),
            n_done: 0,
            phase: None,
            phase_version: 0,
            is_over: false,
            n_begun: 0,
            observed: Duration::ZERO,
            is_resumed: false,
            estimate: Estimate::default(),
            pulse: Pulse::default(),
            excuse: Excuse::default(),
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

    /// Takes a look, and writes what is to be shown into a place of this tracker.
    pub(super) fn step(
        &mut self,
        moment: &Moment<'_>,
        alarms: &mut Alarms,
        shown: &mut TrackerFrame,
    ) {
        // The end is read first: what was counted before it is then in the count.
        let is_finished = self.track.is_finished();
        let n_done = self.counts.n_done(&self.track);
        let n_new = n_done.wrapping_sub(self.n_done);
        self.n_done = n_done;
        self.is_over = is_finished;
        let total = self.track.total();
        let n_left = total.map(|total| total.saturating_sub(n_done));
        let passed = moment.passed_since(self.track.born);
        self.estimate.step(n_new, &passed, n_left);
        self.observed += passed.time();
        let timed = self.look_at_flights(moment);
        self.n_begun = timed.n_begun;
        let has_work = !is_finished
            && match n_left {
                _ if 0 < timed.n_in_flight => true,
                _ if self.track.is_resting(n_done) => false,
                Some(n_left) => 0 < n_done && 0 < n_left,
                None => 0 < n_done && !timed.is_any,
            };
        self.alarm(n_new, has_work, &timed, moment, alarms);
        shown.total = total;
        self.show(&timed, moment, shown);
    }

    fn show(&mut self, timed: &Timed, moment: &Moment<'_>, shown: &mut TrackerFrame) {
        self.refresh_phase();
        // What did not change is not written: a name or phase counts who has it.
        let address = |phase: &Option<Arc<str>>| phase.as_ref().map(Arc::as_ptr);
        if !address(&shown.phase).eq(&address(&self.phase)) {
            shown.phase.clone_from(&self.phase);
        }
        // A moment after a wake says nothing about how fast it goes.
        let is_known = moment.config.shortest <= self.observed;
        let is_within = shown.total.is_some_and(|total| self.n_done <= total);
        let has_eta = is_known && is_within && !self.is_over;
        shown.depth = self.depth;
        shown.n_done = self.n_done;
        shown.rate = is_known.then(|| Rate::per_second(self.estimate.rate()));
        shown.eta = if has_eta { self.estimate.left() } else { None };
        shown.silent = self.pulse.silent();
        shown.n_in_flight = timed.n_in_flight;
        shown.oldest = timed.oldest;
        shown.n_abandoned = timed.n_abandoned;
        shown.longest = timed.longest;
        shown.p99 = timed.p99;
        shown.is_finished = self.is_over;
    }

    fn refresh_phase(&mut self) {
        let version = self.track.phase_version();
        if self.phase_version < version {
            self.phase_version = version;
            self.phase = self.track.phase();
        }
    }

    fn look_at_flights(&self, moment: &Moment<'_>) -> Timed {
        let Moment { now, config, period, .. } = *moment;
        let last = self.pulse.last();
        // One that began after a silence that is an alert by itself is not its cause.
        let is_cause = |begun: Instant| {
            let after = last.map(|last| begun.saturating_duration_since(last));
            after.is_some_and(|after| after <= period)
        };
        let is_permitted = |begun: Instant| {
            now.saturating_duration_since(begun) <= config.in_flight && is_cause(begun)
        };
        let timed = self.track.with_flights(|flights| {
            let oldest = flights.oldest();
            let durations = flights.durations().filter(|durations| 0 < durations.n());
            Timed {
                n_begun: flights.n_begun(),
                n_in_flight: flights.n_open(),
                oldest: oldest.map(|begun| now.saturating_duration_since(begun)),
                is_permitted: flights.any(is_permitted),
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
        n_new: u64,
        has_work: bool,
        timed: &Timed,
        moment: &Moment<'_>,
        alarms: &mut Alarms,
    ) {
        let is_resumed = std::mem::take(&mut self.is_resumed);
        let silence = self.pulse.step(n_new, has_work, moment);
        let was_stuck = self.stuck_update.is_open();
        if timed.is_any {
            self.alarm_of_times(timed, moment, alarms);
        }
        let is_stuck = self.stuck_update.is_open();
        let held = Held { is_permitted: timed.is_permitted, was_stuck, is_stuck };
        let is_excused = self.excuse.step(&held, n_new, moment);
        let is_unknown = is_resumed || is_excused && silence.zone == Zone::Above;
        let silence = if is_unknown { Silence::unknown() } else { silence };
        self.alarm_of_silence(&silence, moment, alarms);
    }

    fn alarm_of_silence(
        &mut self,
        silence: &Silence,
        moment: &Moment<'_>,
        alarms: &mut Alarms,
    ) {
        let Moment { now, config, .. } = *moment;
        let look = Look {
            kind: AlertKind::Stall,
            key: self.track.id,
            zone: silence.zone,
            hold: config.rate_for,
            value: silence.rate.map(Value::Rate),
            threshold: Value::Rate(config.rate),
        };
        let subject = || Subject::Tracker(Arc::clone(&self.track.name));
        alarms.step(&mut self.stall, &look, now, subject);
    }

    fn alarm_of_times(
        &mut self,
        timed: &Timed,
        moment: &Moment<'_>,
        alarms: &mut Alarms,
    ) {
        let Moment { now, config, .. } = *moment;
        if let Some(took) = timed.longest_new {
            self.slow.add(now, took);
        }
        let worst = self.slow.within(config.latency_window, now);
        let time = |kind, time: Option<Duration>, threshold: Duration, hysteresis| Look {
            kind,
            key: self.track.id,
            zone: time.map_or(Zone::Below, |time| {
                Zone::of(time.as_secs_f64(), threshold.as_secs_f64(), hysteresis)
            }),
            hold: Duration::ZERO,
            value: time.map(Value::Time),
            threshold: Value::Time(threshold),
        };
        let subject = || Subject::Tracker(Arc::clone(&self.track.name));
        // A slow update ends with its window, not by another one that is faster.
        let slow = time(AlertKind::SlowUpdate, worst, config.latency, 0.0);
        alarms.step(&mut self.slow_update, &slow, now, subject);
        let (oldest, hysteresis) = (timed.oldest, config.hysteresis.get());
        let stuck = time(AlertKind::StuckUpdate, oldest, config.in_flight, hysteresis);
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
        self.stall.resume();
        self.is_resumed = true;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.slow.heap_bytes() + self.counts.heap_bytes() + self.track.heap_bytes()
    }
}
