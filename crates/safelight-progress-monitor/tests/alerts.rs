//! What is an alert, and what is none; each begins and ends once.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use proptest::prelude::*;
use safelight_core::{ByteSize, Clock, Cores, ManualClock, Share};
use safelight_progress_monitor::{
    AlertKind, Change, Collector, Config, Event, Frame, Measure, Monitor, Rate, Reading,
    Severity, Subject, TrackIterator, TrackRead, Tracker, Value,
};

/// A monitor with its collector and the time.
struct Scene {
    clock: ManualClock,
    monitor: Monitor,
    collector: Collector,
    reading: Reading,
}

impl Scene {
    fn new() -> Self {
        Self::with(Config::default())
    }

    fn with(config: Config) -> Self {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let collector = Collector::new(&monitor, config).expect("it can be meant");
        let mut scene = Self { clock, monitor, collector, reading: Reading::default() };
        scene.look();
        scene
    }

    fn look(&mut self) -> &Frame {
        self.collector.step(self.clock.now(), &self.reading)
    }

    /// Looks as often as the collector asks for, doing some work before each look.
    fn run(&mut self, time: Duration, mut work: impl FnMut(Duration)) {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            let interval = self.collector.interval().min(end - self.clock.now());
            self.clock.advance(interval);
            work(interval);
            self.look();
        }
    }

    fn idle(&mut self, time: Duration) {
        self.run(time, |_| ());
    }

    /// Returns what was told: `+stall work`, `-stall work` and so on.
    fn told(&self) -> Vec<String> {
        let told = self.collector.notices().map(|notice| {
            let sign = if notice.change == Change::Raised { '+' } else { '-' };
            format!("{sign}{} {}", notice.alert.kind.name(), notice.alert.subject)
        });
        told.collect()
    }
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn g02_a_thousand_updates_a_second_are_shown_as_a_thousand() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    scene.run(secs(10), |time| tracker.add((time.as_secs_f64() * 1000.0) as u64));
    let rate = scene.collector.frame().trackers[0].rate.unwrap().get();
    assert!((950.0..1050.0).contains(&rate), "{rate}");
    assert_eq!(scene.told(), [""; 0]);
}

#[test]
fn g02_ten_thousand_in_flight_are_all_recorded() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    let updates: Vec<_> = (0..10_000).map(|_| tracker.start()).collect();
    scene.clock.advance(Duration::from_millis(20));
    let frame = scene.look();
    assert_eq!(
        (frame.n_in_flight, frame.oldest),
        (10_000, Some(Duration::from_millis(20)))
    );
    // They end in another order than they began.
    for update in updates.into_iter().rev() {
        update.finish();
    }
    scene.clock.advance(Duration::from_millis(80));
    let shown = &scene.look().trackers[0];
    assert_eq!((shown.n_in_flight, shown.n_done, shown.oldest), (0, 10_000, None));
    assert_eq!(scene.told(), [""; 0]);
}

#[test]
fn g02_an_update_that_never_ends_raises_the_in_flight_alert_once() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    let stuck = tracker.start();
    scene.run(secs(60), |_| tracker.add(100));
    assert_eq!(scene.told(), ["+stuck_update work"]);
    let [alert] = scene.collector.open_alerts()[..] else { panic!("one is open") };
    assert_eq!(alert.kind.severity(), Severity::Critical);
    assert_eq!(alert.threshold, Value::Time(secs(30)));
    assert!(alert.to_string().ends_with("cancel it, or find out what it waits for"));
    drop(stuck);
    scene.run(secs(1), |_| tracker.add(100));
    assert_eq!(scene.told(), ["+stuck_update work", "-stuck_update work"]);
    assert!(scene.collector.open_alerts().is_empty());
}

#[test]
fn g03_no_tracker_for_a_minute_is_no_alert() {
    let mut scene = Scene::new();
    scene.idle(secs(60));
    // Trackers that wait for their work, did all of it, or serve whoever comes, are idle.
    let _waiting = scene.monitor.tracker("waiting");
    let done = scene.monitor.tracker("done");
    done.set_total(3);
    done.add(3);
    scene.monitor.tracked("served", || ());
    scene.idle(secs(60));
    assert_eq!(scene.told(), [""; 0]);
}

#[test]
fn g03_a_silent_tracker_with_work_is_one_alert_cleared_on_resume() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    tracker.set_total(1_000_000);
    scene.run(secs(5), |_| tracker.add(3));
    assert_eq!(scene.told(), [""; 0]);
    scene.idle(secs(60));
    assert_eq!(scene.told(), ["+stall work"]);
    let silent = scene.collector.frame().trackers[0].silent.unwrap();
    assert!((secs(59)..=secs(61)).contains(&silent), "{silent:?}");
    // What was missed at the lowest rate is made good within this.
    scene.run(secs(5), |_| tracker.add(50));
    assert_eq!(scene.told(), ["+stall work", "-stall work"]);
    // The end of the job ends its alert as well.
    scene.idle(secs(60));
    assert_eq!(scene.told().len(), 3);
    drop(tracker);
    scene.idle(secs(10));
    assert_eq!(scene.told()[2..], ["+stall work", "-stall work"]);
}

#[test]
fn g03_one_update_in_ten_seconds_is_one_alert_that_stays() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    tracker.set_total(1000);
    tracker.add(1);
    for _ in 0..10 {
        scene.idle(secs(10));
        tracker.add(1);
    }
    assert_eq!(scene.told(), ["+stall work"], "0.1/s is less than 0.5/s all the time");
}

#[test]
fn g03_large_pieces_that_come_seldom_are_no_stall_but_their_end_is() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("bytes");
    for _ in 0..30 {
        scene.idle(Duration::from_millis(1900));
        tracker.add(1_000_000);
    }
    for _ in 0..10 {
        scene.idle(secs(3));
        tracker.add(1_000_000);
    }
    assert_eq!(scene.told(), [""; 0]);
    scene.idle(secs(60));
    assert_eq!(scene.told(), ["+stall bytes"]);
}

#[test]
fn g03_looking_seldom_is_not_a_stall() {
    // One look in five seconds sees one update each: all it knows is that there was one.
    let config = Config {
        shortest: secs(5),
        start: secs(5),
        stressed: secs(5),
        ..Config::default()
    };
    let mut scene = Scene::with(config);
    let tracker = scene.monitor.tracker("work");
    scene.run(secs(300), |_| tracker.add(5));
    assert_eq!(scene.told(), [""; 0]);
}

#[test]
fn g04_one_slow_update_is_one_alert_that_ends_with_its_window() {
    let mut scene = Scene::new();
    let clock = scene.clock.clone();
    scene.monitor.tracked("work", || clock.advance(Duration::from_millis(150)));
    scene.look();
    scene.idle(secs(9));
    assert_eq!(scene.told(), ["+slow_update work"]);
    scene.idle(secs(20));
    assert_eq!(scene.told(), ["+slow_update work", "-slow_update work"]);
    let alert = &scene.collector.notices().next().unwrap().alert;
    assert_eq!(alert.value, Value::Time(Duration::from_millis(150)));
    assert_eq!(alert.subject, Subject::Tracker("work".into()));
}

#[test]
fn g04_an_update_at_the_threshold_is_no_alert() {
    let mut scene = Scene::new();
    let clock = scene.clock.clone();
    scene.monitor.tracked("work", || clock.advance(Duration::from_millis(100)));
    scene.idle(secs(1));
    assert_eq!(scene.told(), [""; 0]);
}

#[test]
fn g04_one_slow_update_among_many_is_seen() {
    let mut scene = Scene::new();
    let clock = scene.clock.clone();
    let tracker = scene.monitor.tracker("work");
    for _ in 0..99 {
        tracker.tracked(|| clock.advance(Duration::from_millis(1)));
    }
    tracker.tracked(|| clock.advance(secs(5)));
    let shown = &scene.look().trackers[0];
    assert_eq!(shown.longest, Some(secs(5)));
    // 99 of 100 were quick, and that is what the quantile says.
    assert!(shown.p99.unwrap() < Duration::from_millis(2));
    assert_eq!(scene.told()[0], "+slow_update work");
    for _ in 0..2 {
        tracker.tracked(|| clock.advance(secs(5)));
    }
    assert!(secs(4) < scene.look().trackers[0].p99.unwrap());
}

#[test]
fn g05_a_spinning_process_reads_one_core_and_is_one_alert() {
    let mut scene = Scene::new();
    let spin = |scene: &mut Scene, time: Duration, cores: f64| {
        let end = scene.clock.now() + time;
        while scene.clock.now() < end {
            scene.clock.advance(Duration::from_millis(100));
            let used = scene.reading.cpu.unwrap_or_default();
            scene.reading.cpu = Some(used + Duration::from_secs_f64(0.1 * cores));
            scene.look();
        }
    };
    spin(&mut scene, secs(5), 1.0);
    assert_eq!(scene.collector.frame().cpu.unwrap().to_string(), "100 % of one core");
    assert_eq!(scene.told(), ["+cpu process"]);
    spin(&mut scene, secs(5), 0.75);
    assert_eq!(scene.told(), ["+cpu process"], "0.75 is above 0.72, where it ends");
    spin(&mut scene, secs(5), 0.1);
    assert_eq!(scene.told(), ["+cpu process", "-cpu process"]);
    // Short bursts are none.
    for _ in 0..10 {
        spin(&mut scene, secs(1), 2.0);
        spin(&mut scene, secs(1), 0.1);
    }
    assert_eq!(scene.told().len(), 2);
}

#[test]
fn g05_memory_is_that_of_the_process_and_unknown_is_not_zero() {
    let mut scene = Scene::new();
    assert_eq!(scene.look().rss, None);
    scene.reading.rss = Some(ByteSize::from_bytes(500_000_000));
    assert_eq!(scene.look().rss, Some(ByteSize::from_bytes(500_000_000)));
    assert_eq!(scene.told(), [""; 0]);
    scene.reading.rss = Some(ByteSize::from_bytes(500_000_001));
    scene.look();
    assert_eq!(scene.told(), ["+memory process"]);
    assert!(scene.collector.footprint() < ByteSize::mib(1), "that is the monitor's own");
    scene.reading.rss = Some(ByteSize::from_bytes(460_000_000));
    scene.look();
    assert_eq!(scene.told().len(), 1);
    scene.reading.rss = Some(ByteSize::from_bytes(440_000_000));
    scene.look();
    assert_eq!(scene.told(), ["+memory process", "-memory process"]);
}

#[test]
fn g06_a_hundred_trackers_are_no_queue_and_a_long_queue_is_one_alert() {
    let mut scene = Scene::new();
    let _trackers: Vec<_> = (0..102).map(|_| scene.monitor.tracker("t")).collect();
    let gauge = scene.monitor.gauge("decoder");
    scene.look();
    gauge.set(100);
    scene.look();
    assert_eq!(scene.told(), [""; 0]);
    for depth in [101, 99, 102, 95, 101] {
        gauge.set(depth);
        scene.look();
    }
    assert_eq!(scene.told(), ["+queue decoder"]);
    assert_eq!(scene.collector.frame().queues[0].depth, 101);
    gauge.sub(11);
    scene.look();
    assert_eq!(scene.told(), ["+queue decoder", "-queue decoder"]);
    gauge.add(u64::MAX);
    scene.look();
    assert_eq!(scene.told().len(), 3);
    drop(gauge);
    scene.look();
    assert_eq!(scene.told().len(), 4, "a queue that is gone is not long");
}

#[test]
fn a_late_frame_is_an_alert_only_while_something_is_new() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    // Nobody waits for a frame that has nothing new.
    scene.clock.advance(secs(20));
    assert_eq!(scene.look().own.lateness, Duration::ZERO);
    // Looks in time are none, however long the interval has become.
    scene.idle(secs(60));
    assert_eq!(scene.collector.interval(), secs(5));
    scene.clock.advance(secs(5));
    tracker.add(1);
    scene.look();
    assert_eq!(scene.told(), [""; 0]);
    // A look that is late by more than the threshold is one.
    let interval = scene.collector.interval();
    scene.clock.advance(interval + Duration::from_millis(150));
    tracker.add(5);
    assert_eq!(scene.look().own.lateness, Duration::from_millis(150));
    assert_eq!(scene.told(), ["+late_frame display"]);
    let interval = scene.collector.interval();
    scene.clock.advance(interval);
    tracker.add(5);
    scene.look();
    scene.run(secs(8), |_| tracker.add(5));
    assert_eq!(scene.told(), ["+late_frame display"], "one in time is not the end");
    scene.run(secs(8), |_| tracker.add(5));
    assert_eq!(scene.told(), ["+late_frame display", "-late_frame display"]);
    let value = scene.collector.notices().next().unwrap().alert.value;
    assert_eq!(value, Value::Time(Duration::from_millis(150)));
}

proptest! {
    /// Frames that are late now and then are one episode, which ends with its window.
    #[test]
    fn g09_frames_late_now_and_then_are_one_alert_until_the_window_passes(
        late in prop::collection::vec(prop::collection::vec(0_u64..=90, 0..5), 1..40),
    ) {
        let mut scene = Scene::new();
        let tracker = scene.monitor.tracker("work");
        let look = |scene: &mut Scene, ms: u64| {
            let interval = scene.collector.interval();
            scene.clock.advance(interval + Duration::from_millis(ms));
            tracker.add(5);
            scene.look();
        };
        // Between two that are late there are some that are hardly so.
        for hardly in late {
            look(&mut scene, 101);
            for ms in hardly {
                look(&mut scene, ms);
            }
        }
        prop_assert_eq!(scene.told(), ["+late_frame display"]);
        scene.run(secs(11), |_| tracker.add(5));
        prop_assert_eq!(scene.told(), ["+late_frame display", "-late_frame display"]);
    }
}

#[test]
fn a_slow_sink_makes_frames_rarer_until_they_come_in_time() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    let mut n_late = 0;
    for _ in 0..20 {
        // The sink takes 0.8 s, and the look comes when both it and the interval are over.
        scene.collector.note_shown(Duration::from_millis(800), 0);
        let wait = scene.collector.interval().max(Duration::from_millis(800));
        scene.clock.advance(wait);
        tracker.add(50);
        n_late += u32::from(!scene.look().own.lateness.is_zero());
    }
    assert!(n_late <= 2, "{n_late}");
    assert_eq!(scene.collector.interval(), Duration::from_millis(1600));
    assert_eq!(scene.told(), ["+late_frame display", "-late_frame display"]);
}

#[test]
fn its_own_use_of_cpu_makes_frames_rarer() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    let mut run = |cost: Duration| {
        for _ in 0..30 {
            let interval = scene.collector.interval();
            scene.clock.advance(interval);
            tracker.add(1000);
            scene.reading.own_cpu =
                Some(scene.reading.own_cpu.unwrap_or_default() + cost);
            scene.look();
        }
        let own = scene.collector.frame().own.cpu.unwrap_or(Cores::new(0.0));
        (scene.collector.interval(), own.get())
    };
    let (interval, own) = run(Duration::from_millis(10));
    assert!(own <= 0.011, "{own}");
    assert!((Duration::from_millis(900)..secs(2)).contains(&interval), "{interval:?}");
    let (interval, _) = run(Duration::from_micros(100));
    assert_eq!(interval, Duration::from_millis(100));
}

#[test]
fn children_stand_below_their_parents_and_memory_alerts_hide_them() {
    let mut scene = Scene::new();
    let folder = scene.monitor.tracker("folder");
    let other = scene.monitor.tracker("other");
    let file = folder.child("file");
    let part = file.child("part");
    part.add(7);
    let names = |frame: &Frame| -> Vec<(String, usize)> {
        let shown = frame.trackers.iter();
        shown.map(|shown| (shown.name.to_string(), shown.depth)).collect()
    };
    let all = [("folder", 0), ("file", 1), ("part", 2), ("other", 0)];
    let all = all.map(|(name, depth)| (name.to_owned(), depth));
    assert_eq!(names(scene.look()), all);

    scene.reading.rss = Some(ByteSize::gib(1));
    scene.look();
    let frame = scene.look();
    assert_eq!((frame.trackers.len(), frame.n_hidden), (2, 2));
    assert_eq!(frame.measures, [Measure::WidenInterval, Measure::LowerDetail]);
    assert_eq!(frame.interval, secs(1).max(frame.interval));
    scene.reading.rss = Some(ByteSize::mib(1));
    scene.look();
    assert_eq!(names(scene.look()), all);
    // The child of one that ended stands for itself.
    folder.finish();
    scene.look();
    let alone = [("other", 0), ("file", 0), ("part", 1)];
    assert_eq!(names(scene.look()), alone.map(|(name, depth)| (name.to_owned(), depth)));
    assert_eq!(scene.collector.n_done(), 7);
    drop((other, part));
}

proptest! {
    /// Raised and cleared take turns, whatever happens, for each kind and subject.
    #[test]
    fn g09_each_episode_is_told_once(
        steps in prop::collection::vec((0_u64..250, 0_u64..3, 0_u64..900, 0_u64..4000), 0..80),
    ) {
        let mut scene = Scene::new();
        let tracker = scene.monitor.tracker("work");
        let gauge = scene.monitor.gauge("queue");
        for (depth, n, mb, ms) in steps {
            gauge.set(depth);
            tracker.add(n);
            scene.reading.rss = Some(ByteSize::from_bytes(mb * 1_000_000));
            scene.clock.advance(Duration::from_millis(ms));
            scene.look();
        }
        let mut open = std::collections::BTreeSet::new();
        let mut last: Option<Instant> = None;
        for notice in scene.collector.notices() {
            let key = (notice.alert.kind, notice.alert.subject.clone());
            match notice.change {
                Change::Raised => prop_assert!(open.insert(key)),
                Change::Cleared => prop_assert!(open.remove(&key)),
            }
            prop_assert!(last <= Some(notice.at));
            last = Some(notice.at);
        }
        prop_assert_eq!(open.len(), scene.collector.open_alerts().len());
        prop_assert_eq!(open.len(), scene.collector.frame().n_open_alerts);
        let n_raised: u64 = AlertKind::ALL.iter().map(|k| scene.collector.n_raised(*k)).sum();
        let n_told = scene.collector.notices().filter(|n| n.change == Change::Raised).count();
        prop_assert_eq!(n_raised, n_told as u64);
    }
}

#[test]
fn g08_after_a_burst_the_truth_is_shown_at_the_next_look() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    tracker.set_total(400_000);
    scene.run(secs(2), |_| tracker.add(10));
    let before = scene.collector.frame().trackers[0].n_done;
    (0..200_000).for_each(|_| tracker.add(1));
    let interval = scene.collector.interval();
    scene.clock.advance(interval);
    assert_eq!(scene.look().trackers[0].n_done, before + 200_000);
    // Then a stall: the rate goes to nothing instead of living on the burst.
    scene.idle(secs(30));
    let shown = &scene.collector.frame().trackers[0];
    assert_eq!(shown.n_done, before + 200_000);
    let rate = shown.rate.unwrap();
    assert!(rate < Rate::per_second(1.0), "{rate}");
    assert_eq!(scene.told(), ["+stall work"]);
}

/// Lets pieces come steadily, looking at each one and whenever the collector asks for it.
fn steady(scene: &mut Scene, tracker: &Tracker, n: u64, apart: Duration, time: Duration) {
    let end = scene.clock.now() + time;
    while scene.clock.now() < end {
        scene.idle(apart);
        tracker.add(n);
        scene.look();
    }
}

#[test]
fn g03_two_updates_each_ten_seconds_are_one_alert() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    tracker.set_total(1000);
    steady(&mut scene, &tracker, 2, secs(10), secs(200));
    assert_eq!(scene.told(), ["+stall work"]);
}

proptest! {
    /// Steady work, however it is cut, is below the lowest rate or is not.
    #[test]
    fn g03_a_steady_rate_is_one_episode_at_most(
        n in 1_u64..30,
        percent in prop_oneof![5_u32..95, 125_u32..400],
        n_parts in 1_u64..5,
    ) {
        let mut scene = Scene::new();
        let tracker = scene.monitor.tracker("work");
        tracker.set_total(1_000_000);
        let n_parts = n_parts.min(n);
        let wanted = 0.5 * f64::from(percent) / 100.0;
        let cycle = Duration::from_secs_f64(n as f64 / wanted);
        // The parts of a piece come close to each other.
        let close = (cycle / 50).min(Duration::from_millis(200));
        for _ in 0..40 {
            scene.idle(cycle.saturating_sub(close * (n_parts as u32 - 1)));
            for part in 0..n_parts {
                if 0 < part {
                    scene.idle(close);
                }
                tracker.add(n / n_parts + u64::from(part < n % n_parts));
                scene.look();
            }
        }
        // Before the second piece nobody knows how large pieces are.
        let told = scene.told();
        if percent < 100 {
            prop_assert_eq!(told, ["+stall work"]);
        } else {
            prop_assert!(told.len() <= 2, "{:?}", told);
            prop_assert!(scene.collector.open_alerts().is_empty());
        }
    }
}

#[test]
fn g03_an_adapter_at_its_end_is_idle_until_the_next_update() {
    let mut scene = Scene::new();
    let items = scene.monitor.tracker("items");
    items.set_total(10);
    assert_eq!((0..4).tracked(&items).count(), 4);
    let bytes = scene.monitor.tracker("bytes");
    std::io::copy(&mut [1_u8; 9].tracked_bytes(&bytes), &mut std::io::sink()).unwrap();
    scene.idle(secs(60));
    assert_eq!(scene.told(), [""; 0]);
    items.add(1);
    scene.idle(secs(60));
    assert_eq!(scene.told(), ["+stall items"]);
}

#[test]
fn g04_what_ended_carries_what_was_measured_last() {
    let mut scene = Scene::new();
    let gauge = scene.monitor.gauge("decoder");
    let tracker = scene.monitor.tracker("work");
    let update = tracker.start();
    for depth in [150, 170] {
        gauge.set(depth);
        scene.reading.rss = Some(ByteSize::from_bytes(500_000_000 + depth));
        scene.clock.advance(secs(31));
        scene.look();
    }
    drop((gauge, update, tracker));
    scene.reading.rss = None;
    // Late frames are an alert until their window has passed.
    scene.idle(secs(15));
    let cleared: Vec<_> = (scene.collector.notices())
        .filter(|notice| notice.change == Change::Cleared)
        .map(|notice| (notice.alert.kind, notice.alert.value, notice.alert.threshold))
        .collect();
    assert!(scene.collector.open_alerts().is_empty());
    assert!(cleared.contains(&(AlertKind::Queue, Value::Count(170), Value::Count(100))));
    let rss = |bytes| Value::Bytes(ByteSize::from_bytes(bytes));
    assert!(cleared.contains(&(AlertKind::Memory, rss(500_000_170), rss(500_000_000))));
    let stuck = (AlertKind::StuckUpdate, Value::Time(secs(62)), Value::Time(secs(30)));
    assert!(cleared.contains(&stuck), "{cleared:?}");
}

#[test]
fn g09_observers_hear_all_and_frames_hold_what_matters_most() {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let theirs = Arc::clone(&heard);
    let observer = move |event: &Event| {
        if let Event::Notice(notice) = event {
            theirs.lock().unwrap().push((notice.change, notice.alert.kind));
        }
    };
    let collector = Collector::new(&monitor, Config::default()).unwrap();
    let mut collector = collector.with_observer(observer);
    let gauges: Vec<_> = (0..300).map(|_| monitor.gauge("queue")).collect();
    let tracker = monitor.tracker("work");
    let update = tracker.start();
    collector.step(clock.now(), &Reading::default());
    clock.advance(secs(31));
    for gauge in &gauges {
        gauge.set(101);
    }
    tracker.add(1);
    let rss = Some(ByteSize::gib(1));
    let frame = collector.step(clock.now(), &Reading { rss, ..Reading::default() });
    let kinds: Vec<_> = frame.notices.iter().map(|notice| notice.alert.kind).collect();
    let (late, stuck) = (AlertKind::LateFrame, AlertKind::StuckUpdate);
    assert_eq!(kinds[..3], [AlertKind::Memory, late, stuck]);
    assert_eq!((kinds.len(), frame.n_more_notices), (64, 239));
    // More are open than the journal keeps, and each of them is known.
    assert_eq!(collector.open_alerts().len(), 303);
    for gauge in &gauges {
        gauge.set(0);
    }
    drop(update);
    let mut idle = |interval| {
        clock.advance(interval);
        collector.step(clock.now(), &Reading::default());
    };
    // Late frames are an alert until their window has passed.
    (0..12).for_each(|_| idle(secs(1)));
    assert!(collector.open_alerts().is_empty());
    let heard = heard.lock().unwrap();
    for kind in [AlertKind::Queue, AlertKind::Memory, late, stuck] {
        let n = |change| heard.iter().filter(|other| **other == (change, kind)).count();
        assert_eq!(n(Change::Raised), n(Change::Cleared), "{kind:?}");
        assert_eq!(n(Change::Raised), if kind == AlertKind::Queue { 300 } else { 1 });
    }
}

#[test]
fn g06_depths_beyond_all_numbers_are_the_largest_one() {
    let mut scene = Scene::new();
    let gauges = [scene.monitor.gauge("a"), scene.monitor.gauge("b")];
    for gauge in &gauges {
        gauge.set(u64::MAX - 1);
    }
    scene.look();
    assert_eq!(scene.collector.history().last().unwrap().n_waiting, u64::MAX);
}

#[test]
fn g07_a_tiny_share_of_sinks_or_cpu_asks_for_the_longest_interval() {
    let tiny = Share::new(f64::MIN_POSITIVE);
    let mut scene = Scene::with(Config { sink_share: tiny, ..Config::default() });
    scene.collector.note_shown(secs(1), 0);
    scene.clock.advance(secs(1));
    scene.look();
    assert_eq!(scene.collector.interval(), secs(5));

    let own_cpu = Cores::new(f64::MIN_POSITIVE);
    let mut scene = Scene::with(Config { own_cpu, ..Config::default() });
    let tracker = scene.monitor.tracker("work");
    for n in 0..3 {
        scene.clock.advance(secs(1));
        tracker.add(1);
        scene.reading.own_cpu = Some(secs(n));
        scene.look();
    }
    assert_eq!(scene.collector.interval(), secs(5));
}

#[test]
fn g07_a_queue_alone_is_news() {
    let mut scene = Scene::new();
    let gauge = scene.monitor.gauge("queue");
    scene.idle(secs(60));
    assert_eq!(scene.collector.interval(), secs(5));
    for depth in 0..10 {
        let interval = scene.collector.interval();
        scene.clock.advance(interval);
        gauge.set(depth + 1);
        scene.look();
    }
    assert_eq!(scene.collector.interval(), Duration::from_millis(100));
}

#[test]
fn a_late_frame_without_news_neither_begins_nor_ends_an_alert() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    scene.look();
    for n in 0..10 {
        let interval = scene.collector.interval();
        scene.clock.advance(interval + secs(1));
        tracker.add(n % 2);
        scene.look();
    }
    assert_eq!(scene.told(), ["+late_frame display"]);
    // Where nobody waits for frames any more, late ones do not end it.
    tracker.set_total(5);
    for _ in 0..10 {
        let interval = scene.collector.interval();
        scene.clock.advance(interval + secs(1));
        scene.look();
    }
    assert_eq!(scene.told(), ["+late_frame display"]);
    scene.idle(secs(1));
    assert_eq!(scene.told(), ["+late_frame display", "-late_frame display"]);
}

#[test]
fn g02_a_moment_after_a_wake_says_nothing_about_the_rate() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    tracker.set_total(1000);
    scene.clock.advance(Duration::from_millis(1));
    tracker.add(50);
    let shown = &scene.look().trackers[0];
    assert_eq!((shown.n_done, shown.rate, shown.eta), (50, None, None));
    scene.clock.advance(Duration::from_millis(99));
    let shown = &scene.look().trackers[0];
    let rate = shown.rate.unwrap();
    assert!(rate.get() < 600.0 && 400.0 < rate.get(), "{rate}");
    assert!(shown.eta.is_some());
}

#[test]
fn g03_a_silence_that_a_stuck_update_explains_is_told_of_as_stuck_only() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    tracker.set_total(1000);
    scene.run(secs(5), |_| tracker.add(3));
    let stuck = tracker.start();
    scene.idle(secs(29));
    assert_eq!(scene.told(), [""; 0], "an update may take so long");
    scene.idle(secs(31));
    assert_eq!(scene.told(), ["+stuck_update work"]);
    // It is canceled, and a period later it is silent without an update to blame.
    drop(stuck);
    scene.idle(secs(1));
    assert_eq!(scene.told(), ["+stuck_update work", "-stuck_update work"]);
    scene.idle(secs(4));
    assert_eq!(scene.told()[2..], ["+stall work"]);
}

#[test]
fn g03_an_update_that_is_canceled_and_begun_anew_in_time_is_no_stall() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    tracker.set_total(1000);
    scene.run(secs(5), |_| tracker.add(3));
    let stuck = tracker.start();
    scene.idle(secs(40));
    drop(stuck);
    let again = tracker.start();
    scene.idle(secs(1));
    again.finish();
    scene.run(secs(60), |_| tracker.add(3));
    let told = scene.told();
    assert!(!told.iter().any(|told| told.ends_with("stall work")), "{told:?}");
}

#[test]
fn g03_updates_that_fail_one_after_another_are_a_stall() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    for _ in 0..100 {
        let update = tracker.start();
        scene.idle(secs(1));
        drop(update);
    }
    assert_eq!(scene.told(), ["+stall work"]);
    // The first one may take long, but not the next one after its failure.
    let other = scene.monitor.tracker("other");
    for _ in 0..2 {
        let update = other.start();
        scene.idle(secs(20));
        drop(update);
    }
    assert_eq!(scene.told()[1..], ["-stall work", "+stall other"]);
}

#[test]
fn g03_a_silence_after_work_went_on_beside_a_stuck_update_is_told_of() {
    let mut scene = Scene::new();
    let tracker = scene.monitor.tracker("work");
    let _stuck = tracker.start();
    scene.run(secs(60), |_| tracker.add(3));
    assert_eq!(scene.told(), ["+stuck_update work"]);
    scene.idle(secs(60));
    assert_eq!(scene.told(), ["+stuck_update work", "+stall work"]);
    // So is a second update that is stuck: the alert of the first one is still open.
    scene.run(secs(60), |_| tracker.add(100));
    assert_eq!(scene.told()[2..], ["-stall work"]);
    let _other = tracker.start();
    scene.idle(secs(29));
    assert_eq!(scene.told().len(), 3);
    scene.idle(secs(10));
    assert_eq!(scene.told()[3..], ["+stall work"]);
}

proptest! {
    /// Whatever came before it, a long silence of work is told of, and once.
    #[test]
    fn g03_a_long_silence_is_told_of_once(
        steps in prop::collection::vec((0_u64..4, 0_u64..5, 0_u64..40_000), 0..12),
        n_in_flight in 0_usize..3,
    ) {
        let mut scene = Scene::new();
        let tracker = scene.monitor.tracker("work");
        tracker.set_total(1 << 40);
        let mut open = Vec::new();
        for (what, n, ms) in steps {
            match what {
                0 => open.push(tracker.start()),
                1 => drop(open.pop()),
                _ => tracker.add(n),
            }
            scene.idle(Duration::from_millis(ms));
        }
        // So long that no stall is open, nor anything owed.
        scene.run(secs(300), |_| tracker.add(1000));
        let n_stalls = scene.collector.n_raised(AlertKind::Stall);
        let n_stuck = scene.collector.n_raised(AlertKind::StuckUpdate);
        open.extend((0..n_in_flight).map(|_| tracker.start()));
        scene.idle(secs(60));
        let n_stalls = scene.collector.n_raised(AlertKind::Stall) - n_stalls;
        let n_stuck = scene.collector.n_raised(AlertKind::StuckUpdate) - n_stuck;
        prop_assert_eq!(n_stalls + n_stuck, 1);
        prop_assert_eq!(n_stuck == 1, 0 < n_in_flight && open.len() == n_in_flight);
    }
}
