//! Scripted incidents, in simulated time: how often each is told of.
//!
//! An incident is not a clean step: it begins clearly, but then the value goes up and down
//! about its threshold while it lasts, and there is as much noise before and after it.

use std::time::Duration;

use safelight_core::{ByteSize, Clock, ManualClock};
use safelight_progress_monitor::{
    AlertKind, Collector, Config, ConfigError, Gauge, InFlight, Monitor, Reading, Tracker,
};

use crate::progress::trace::Random;

/// Incidents in a script.
pub const N_INCIDENTS: u64 = 100;

/// How long one lasts, and how long there is peace after it.
const INCIDENT: Duration = Duration::from_mins(1);

/// How long its begin is clear.
const BEGIN: Duration = Duration::from_secs(5);

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script {
    /// What it is called in reports.
    pub name: &'static str,
    kind: AlertKind,
    /// Whether updates are counted all the time beside those that are timed.
    has_others: bool,
}

/// All scripts.
pub const SCRIPTS: [Script; 8] = [
    Script::new("three slow updates", AlertKind::SlowUpdate),
    Script::new("an update that never ends, among others", AlertKind::StuckUpdate),
    Script {
        has_others: false,
        ..Script::new("an update that never ends, alone", AlertKind::StuckUpdate)
    },
    Script::new("no updates, though there is work", AlertKind::Stall),
    Script::new("a long queue", AlertKind::Queue),
    Script::new("much memory", AlertKind::Memory),
    Script::new("a busy processor", AlertKind::Cpu),
    Script::new("frames up to 180 ms late", AlertKind::LateFrame),
];

impl Script {
    const fn new(name: &'static str, kind: AlertKind) -> Self {
        Self { name, kind, has_others: true }
    }
}

/// What a monitor made of the incidents of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it is called in reports.
    pub name: &'static str,
    /// How many there were.
    pub n_incidents: u64,
    /// Notifications that something began, of whatever kind.
    pub n_notified: u64,
    /// Incidents that were not told of while they lasted.
    pub n_missed: u64,
    /// Looks that saw the value above the threshold and the look before did not: so often a
    /// rule without memory would have told. `None` where the kind has no such value.
    pub n_crossings: Option<u64>,
}

/// Plays the incidents of a script.
///
/// # Errors
///
/// Never, as the default configuration can be meant.
pub fn play(script: Script, seed: u64) -> Result<Told, ConfigError> {
    let mut scene = Scene::new(seed)?;
    let mut n_missed = 0;
    scene.run(script, None);
    for _ in 0..N_INCIDENTS {
        let before = scene.collector.n_raised(script.kind);
        scene.run(script, Some(BEGIN));
        n_missed += u64::from(scene.collector.n_raised(script.kind) == before);
        scene.run(script, None);
    }
    let raised = AlertKind::ALL.into_iter().map(|kind| scene.collector.n_raised(kind));
    let has_value =
        matches!(script.kind, AlertKind::Queue | AlertKind::Memory | AlertKind::Cpu);
    Ok(Told {
        name: script.name,
        n_incidents: N_INCIDENTS,
        n_notified: raised.sum(),
        n_missed,
        n_crossings: has_value.then_some(scene.n_crossings),
    })
}

/// A process with work, and a monitor that looks at it.
struct Scene {
    clock: ManualClock,
    tracker: Tracker,
    timed: Tracker,
    gauge: Gauge,
    collector: Collector,
    reading: Reading,
    random: Random,
    is_above: bool,
    n_crossings: u64,
}

impl Scene {
    fn new(seed: u64) -> Result<Self, ConfigError> {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let mut collector = Collector::new(&monitor, Config::default())?;
        let tracker = monitor.tracker("images");
        tracker.set_total(1 << 40);
        tracker.add(1);
        collector.step(clock.now(), &Reading::default());
        Ok(Self {
            tracker,
            timed: monitor.tracker("timed"),
            gauge: monitor.gauge("decoder"),
            collector,
            reading: Reading::default(),
            random: Random::new(seed),
            clock,
            is_above: false,
            n_crossings: 0,
        })
    }

    /// Plays an incident, of which so much is clear, or peace.
    fn run(&mut self, script: Script, incident: Option<Duration>) {
        let begun = self.clock.now();
        let is = |kind| incident.is_some() && script.kind == kind;
        let stuck = is(AlertKind::StuckUpdate).then(|| self.timed.start());
        let mut slow =
            Slow { n_left: if is(AlertKind::SlowUpdate) { 3 } else { 0 }, open: None };
        while self.clock.now() < begun + INCIDENT {
            let mut interval = self.collector.interval();
            if is(AlertKind::LateFrame) {
                interval += Duration::from_millis((180.0 * self.random.next()) as u64);
            }
            self.clock.advance(interval);
            if !is(AlertKind::Stall) {
                self.tracker.add(2 + (10.0 * interval.as_secs_f64()) as u64);
            }
            if script.has_others && script.kind == AlertKind::StuckUpdate {
                self.timed.add(2 + (10.0 * interval.as_secs_f64()) as u64);
            }
            slow.look(&self.timed);
            let is_clear = incident.map(|clear| self.clock.now() < begun + clear);
            self.set_values(script.kind, is_clear, interval);
            self.collector.step(self.clock.now(), &self.reading);
        }
        drop(stuck);
    }

    /// Lets the value of that kind waver about a level: `Some` in an incident, and then
    /// whether it is clear.
    fn set_values(&mut self, kind: AlertKind, is_clear: Option<bool>, took: Duration) {
        let level = match is_clear {
            None => 0.5,
            Some(true) => 1.2,
            Some(false) => 1.02,
        };
        // Parts of the threshold; an incident is at times a bit below it.
        let part = level * (0.95 + 0.1 * self.random.next());
        match kind {
            AlertKind::Queue => self.gauge.set((100.0 * part).round() as u64),
            AlertKind::Memory => {
                self.reading.rss = Some(ByteSize::from_bytes((500e6 * part) as u64));
            }
            AlertKind::Cpu => {
                let used = took.mul_f64(0.8 * part);
                self.reading.cpu = Some(self.reading.cpu.unwrap_or_default() + used);
            }
            _ => {}
        }
        let was_above = std::mem::replace(&mut self.is_above, 1.0 < part);
        self.n_crossings += u64::from(self.is_above && !was_above);
    }
}

/// Some updates, each of which lasts for three looks.
struct Slow {
    n_left: u32,
    open: Option<(InFlight, u32)>,
}

impl Slow {
    fn look(&mut self, timed: &Tracker) {
        match self.open.take() {
            Some((update, 3)) => {
                update.finish();
                self.n_left -= 1;
            }
            Some((update, n_looks)) => self.open = Some((update, n_looks + 1)),
            None if 0 < self.n_left => self.open = Some((timed.start(), 0)),
            None => {}
        }
    }
}
