//! What is shown, what is an alert, and how often somebody looks.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use safelight::{
    Config, Safelight,
    progress_monitor::{Change, Collector, Frame, Monitor, Reading, Tracker},
};
use safelight_core::{ByteSize, Clock, ManualClock};

use crate::{WORK, bare};

pub(crate) fn trackers_shown(config: &Config) -> String {
    let shown = Arc::new(Mutex::new("nothing".to_owned()));
    let theirs = Arc::clone(&shown);
    let sink = move |frame: &Frame| {
        let trackers = frame.trackers.iter();
        let lines: Vec<_> =
            trackers.map(|shown| format!("{} {}", shown.name, shown.n_done)).collect();
        *theirs.lock().expect("nobody panics") = lines.join(", ");
    };
    let config = Config { progress: config.progress.clone(), ..bare(config) };
    let builder = Safelight::builder().config(config).sink(sink);
    let safelight = builder.start().expect("the configuration is possible");
    safelight.run(WORK, 1, || 1_u8).expect("there is room");
    // The last frame has everything.
    safelight.stop();
    let shown = shown.lock().expect("nobody panics").clone();
    format!("{shown} shown")
}

const MS: Duration = Duration::from_millis(1);

/// A monitor with its collector, the time, and what is read of the process.
struct Scene {
    clock: ManualClock,
    begun: Instant,
    monitor: Monitor,
    collector: Collector,
    reading: Reading,
}

impl Scene {
    /// Takes the first look.
    fn new(config: &Config) -> Self {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let settings = config.progress.clone().expect("it is on");
        let collector = Collector::new(&monitor, settings).expect("it was checked");
        let (begun, reading) = (clock.now(), Reading::default());
        let mut scene = Self { clock, begun, monitor, collector, reading };
        scene.look();
        scene
    }

    fn look(&mut self) -> &Frame {
        self.collector.step(self.clock.now(), &self.reading)
    }

    /// Looks as often as the collector asks for, doing this before each look.
    fn run(&mut self, time: Duration, mut work: impl FnMut(&mut Reading, Duration)) {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            let interval = self.collector.interval().min(end - self.clock.now());
            self.clock.advance(interval);
            work(&mut self.reading, interval);
            self.look();
        }
    }

    /// Takes some looks, doing this before each; returns the intervals after them.
    fn intervals(&mut self, mut work: impl FnMut(&mut Self)) -> String {
        let mut intervals = vec![self.collector.interval()];
        for _ in 0..8 {
            let interval = self.collector.interval();
            self.clock.advance(interval);
            work(self);
            self.look();
            intervals.push(self.collector.interval());
        }
        let millis = intervals.iter().map(|time| time.as_millis().to_string());
        format!("{} ms", millis.collect::<Vec<_>>().join(", "))
    }

    /// Returns what was told, `+` where it began and `-` where it ended.
    fn told(&self) -> String {
        let told = self.collector.notices().map(|notice| {
            let sign = if notice.change == Change::Raised { '+' } else { '-' };
            let at = notice.at - self.begun;
            format!("{sign}{} at {:.1} s", notice.alert.kind.name(), at.as_secs_f64())
        });
        let told: Vec<_> = told.collect();
        if told.is_empty() { "no alert".to_owned() } else { told.join(", ") }
    }
}

/// A job of 2.5 s, and one that does not end for 40 s.
pub(crate) fn alerts_of_jobs(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let tracker = scene.monitor.tracker("work");
    let slow = tracker.start();
    scene.clock.advance(2_500 * MS);
    slow.finish();
    scene.look();
    let stuck = tracker.start();
    scene.run(40_000 * MS, |_, _| ());
    stuck.finish();
    scene.told()
}

/// Some memory, much of it, a bit less, and little again.
pub(crate) fn alerts_of_memory(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let tracker = scene.monitor.tracker("work");
    for (mb, secs) in [(400, 2), (600, 5), (480, 5), (100, 5)] {
        scene.reading.rss = Some(ByteSize::from_bytes(mb * 1_000_000));
        scene.run(secs * 1000 * MS, |_, _| tracker.add(1));
    }
    scene.told()
}

/// Little work, much for ten seconds, and little again.
pub(crate) fn alerts_of_cpu(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let tracker = scene.monitor.tracker("work");
    let mut used = Duration::ZERO;
    for (cores, secs) in [(0.1, 2), (0.9, 10), (0.1, 5)] {
        scene.run(secs * 1000 * MS, |reading, time| {
            tracker.add(1);
            used += time.mul_f64(cores);
            reading.cpu = Some(used);
        });
    }
    scene.told()
}

pub(crate) fn alerts_of_queues(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let waiting = scene.monitor.gauge("waiting");
    for depth in [50, 150, 50] {
        waiting.set(depth);
        scene.run(5000 * MS, |_, _| ());
    }
    scene.told()
}

/// A job that does three in each look, and nothing for a minute.
pub(crate) fn stalls(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let tracker = scene.monitor.tracker("work");
    tracker.set_total(1_000_000);
    scene.run(5000 * MS, |_, _| tracker.add(3));
    scene.run(60_000 * MS, |_, _| ());
    scene.told()
}

pub(crate) fn intervals_without_news(config: &Config) -> String {
    Scene::new(config).intervals(|_| ())
}

pub(crate) fn intervals_with_news(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let tracker = scene.monitor.tracker("work");
    scene.intervals(|_| tracker.add(1))
}

/// There is news, and the process is too large.
pub(crate) fn intervals_under_stress(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let tracker = scene.monitor.tracker("work");
    scene.reading.rss = Some(ByteSize::gib(2));
    scene.intervals(|_| tracker.add(1))
}

/// There is news, and a look takes 10 ms of CPU.
pub(crate) fn intervals_of_costly_looks(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let tracker = scene.monitor.tracker("work");
    let mut used = Duration::ZERO;
    scene.intervals(|scene| {
        tracker.add(1);
        used += 10 * MS;
        scene.reading.own_cpu = Some(used);
    })
}

/// There is news, and a frame is shown in 150 ms.
pub(crate) fn intervals_of_slow_sinks(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let tracker = scene.monitor.tracker("work");
    scene.intervals(|scene| {
        tracker.add(1);
        scene.collector.note_shown(150 * MS, 0);
    })
}

/// Five slow jobs at once, and some time after that.
pub(crate) fn what_is_remembered(config: &Config) -> String {
    let mut scene = Scene::new(config);
    let trackers = [0; 5].map(|_| scene.monitor.tracker("work"));
    let updates: Vec<_> = trackers.iter().map(Tracker::start).collect();
    scene.clock.advance(2_500 * MS);
    for update in updates {
        update.finish();
    }
    let frame = scene.look();
    let (n_shown, n_more) = (frame.notices.len(), frame.n_more_notices);
    scene.run(30_000 * MS, |_, _| ());
    let (n_looks, n_notices) =
        (scene.collector.history().len(), scene.collector.notices().len());
    format!(
        "{n_looks} looks, {n_notices} notices; {n_shown} and {n_more} more in a frame"
    )
}
