//! The settings: defaults, errors that name the key, and that each one does something.

use std::time::Duration;

use safelight_core::{ByteSize, Clock, Cores, ManualClock, Share};
use safelight_progress_monitor::{AlertKind, Collector, Config, Monitor, Rate, Reading};

type Change = fn(&mut Config);

#[test]
fn g10_impossible_values_are_errors_that_name_the_key() {
    let cases: [(&str, Change); 19] = [
        ("shortest", |c| c.shortest = Duration::from_millis(99)),
        ("shortest", |c| c.shortest = Duration::from_secs(6)),
        ("longest", |c| c.longest = Duration::from_millis(5001)),
        ("longest", |c| c.longest = Duration::ZERO),
        ("longest", |c| {
            c.longest = Duration::from_secs(1);
            c.shortest = Duration::from_secs(2);
        }),
        ("start", |c| c.start = Duration::from_secs(6)),
        ("stressed", |c| c.stressed = Duration::from_millis(1)),
        ("latency", |c| c.latency = Duration::ZERO),
        ("latency_window", |c| c.latency_window = Duration::from_secs(4)),
        ("in_flight", |c| c.in_flight = Duration::ZERO),
        ("rss", |c| c.rss = ByteSize::ZERO),
        ("cpu", |c| c.cpu = Cores::new(0.0)),
        ("own_cpu", |c| c.own_cpu = Cores::new(f64::INFINITY)),
        ("rate", |c| c.rate = Rate::per_second(-1.0)),
        ("hysteresis", |c| c.hysteresis = Share::ONE),
        ("sink_share", |c| c.sink_share = Share::ZERO),
        ("n_history", |c| c.n_history = 0),
        ("n_journal", |c| c.n_journal = 0),
        ("n_notices", |c| c.n_notices = 0),
    ];
    for (key, change) in cases {
        let mut config = Config::default();
        assert_eq!(config.check(), Ok(()));
        change(&mut config);
        let error = Collector::new(&Monitor::new(), config).unwrap_err();
        assert_eq!(error.key(), key);
        let text = error.to_string();
        assert!(text.starts_with(&format!("`{key}`")), "{text}");
        assert!(text.contains(" must be "), "{text}");
    }
}

/// Some work with everything in it; returns what came of it.
fn outcome(config: Config) -> String {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, config).expect("it can be meant");
    let mut log = Vec::new();
    let begun = clock.now();
    let tracker = monitor.tracker("work");
    tracker.set_total(1_000_000);
    let gauge = monitor.gauge("queue");
    let (mut cpu, mut own_cpu) = (Duration::ZERO, Duration::ZERO);
    let mut in_flight = None;
    for look_idx in 0..700_u32 {
        clock.advance(collector.interval() + Duration::from_millis(90));
        let phase = look_idx / 70;
        match phase {
            0 | 2 => tracker.add(10),
            1 => gauge.set(if look_idx % 3 == 0 { 95 } else { 105 }),
            3 => {
                let cores = if look_idx % 70 < 35 { 1.2 } else { 0.6 };
                cpu += (collector.interval() + Duration::from_millis(90)).mul_f64(cores);
            }
            4 => collector.note_shown(Duration::from_millis(400), 0),
            5 => {
                collector.note_shown(Duration::ZERO, 0);
                own_cpu += Duration::from_millis(8);
            }
            6 if in_flight.is_none() => in_flight = Some(tracker.start()),
            7 => drop(in_flight.take()),
            8 if look_idx % 20 == 0 => {
                tracker.tracked(|| clock.advance(Duration::from_millis(120)));
            }
            9 => (0..70).for_each(|_| tracker.message("hello")),
            _ => {}
        }
        if phase == 5 || phase == 4 || phase == 3 {
            tracker.add(1);
        }
        let mb = if phase == 2 && look_idx % 10 < 4 { 505 } else { 440 };
        let rss = Some(ByteSize::from_bytes(mb * 1_000_000));
        let reading = Reading { rss, cpu: Some(cpu), own_cpu: Some(own_cpu) };
        let frame = collector.step(clock.now(), &reading);
        log.push(format!("{:?} {}", frame.interval, frame.messages.len()));
    }
    for notice in collector.notices() {
        let at = notice.at - begun;
        log.push(format!("{at:?} {} {:?}", notice.alert.kind.name(), notice.change));
    }
    let raised = AlertKind::ALL.map(|kind| collector.n_raised(kind));
    format!(
        "{log:?} {raised:?} {} {}",
        collector.history().len(),
        collector.journal().len()
    )
}

#[test]
fn g10_each_key_does_something() {
    let cases: [(&str, Change); 20] = [
        ("latency", |c| c.latency = Duration::from_millis(80)),
        ("latency_window", |c| c.latency_window = Duration::from_secs(20)),
        ("in_flight", |c| c.in_flight = Duration::from_secs(20)),
        ("rss", |c| c.rss = ByteSize::from_bytes(510_000_000)),
        ("rss_for", |c| c.rss_for = Duration::from_secs(9)),
        ("cpu", |c| c.cpu = Cores::new(0.5)),
        ("cpu_for", |c| c.cpu_for = Duration::ZERO),
        ("queue", |c| c.queue = 105),
        ("queue_for", |c| c.queue_for = Duration::from_millis(500)),
        ("rate", |c| c.rate = Rate::per_second(0.1)),
        ("rate_for", |c| c.rate_for = Duration::from_secs(4)),
        ("own_cpu", |c| c.own_cpu = Cores::new(0.02)),
        ("hysteresis", |c| c.hysteresis = Share::new(0.01)),
        ("start", |c| c.start = Duration::from_millis(200)),
        ("shortest", |c| c.shortest = Duration::from_millis(150)),
        ("longest", |c| c.longest = Duration::from_secs(4)),
        ("stressed", |c| c.stressed = Duration::from_secs(2)),
        ("sink_share", |c| c.sink_share = Share::new(0.25)),
        ("n_history", |c| c.n_history = 10),
        ("n_notices", |c| c.n_notices = 10),
    ];
    let plain = outcome(Config::default());
    for (key, change) in cases {
        let mut config = Config::default();
        change(&mut config);
        assert!(outcome(config) != plain, "{key} changes nothing");
    }
    let few = outcome(Config { n_journal: 3, ..Config::default() });
    assert!(few.len() < plain.len(), "n_journal keeps less");
}

#[cfg(feature = "serde")]
#[test]
fn g10_a_file_may_give_a_part_and_errors_name_the_key() {
    let read = toml::from_str::<Config>;
    assert_eq!(read("").unwrap(), Config::default());
    let some =
        read("latency = \"20 ms\"\nrss = \"1.5 GiB\"\ncpu = 2\nqueue = 7\nrate = 0.1");
    let wanted = Config {
        latency: Duration::from_millis(20),
        rss: ByteSize::mib(1536),
        cpu: Cores::new(2.0),
        queue: 7,
        rate: Rate::per_second(0.1),
        ..Config::default()
    };
    // TOML tells integers from other numbers, the settings do not.
    assert_eq!(some.unwrap(), wanted);
    let broken = [
        ("latencyy = \"20 ms\"", "latencyy"),
        ("latency = \"20\"", "latency = "),
        ("latency = \"20 parsecs\"", "expected a time"),
        ("latency = \"-1 s\"", "expected a time"),
        ("latency = 20", "latency = "),
        (
            "latency = 100",
            "a time (write it like \"100 ms\"; units: ns, us, ms, s, min, h)",
        ),
        ("latency = \"3 s min\"", "units: ns, us, ms, s, min, h"),
        ("rss = \"much\"", "rss = "),
        ("rss = \"500\"", "a size with its unit (write it like \"500 MB\""),
        ("rss = 500", "a size with its unit"),
        ("hysteresis = 1.5", "not a share"),
        ("cpu = -1", "not a number from 0 up"),
        ("rate = nan", "not a number from 0 up"),
        ("queue = -1", "queue = "),
    ];
    for (text, part) in broken {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn g10_times_may_be_written_in_any_usual_unit() {
    let latency = |text: &str| {
        let text = format!("latency = \"{text}\"");
        toml::from_str::<Config>(&text).expect(&text).latency
    };
    assert_eq!(latency("3 m"), Duration::from_mins(3));
    assert_eq!(latency("3min"), Duration::from_mins(3));
    // The micro sign, and the Greek letter.
    assert_eq!(latency("5 \u{b5}s"), Duration::from_micros(5));
    assert_eq!(latency("5\u{3bc}s"), Duration::from_micros(5));
}

#[test]
fn g10_an_error_names_both_of_two_values_that_do_not_agree() {
    let said = |change: Change| {
        let mut config = Config::default();
        change(&mut config);
        config.check().unwrap_err().to_string()
    };
    // The one that was changed is not the one that the error is about.
    assert_eq!(
        said(|c| c.shortest = Duration::from_secs(3)),
        "`start` (500 ms) must be from `shortest` (3 s) to `longest` (5 s)"
    );
    assert_eq!(
        said(|c| c.latency_window = Duration::from_secs(4)),
        "`latency_window` (4 s) must be at least `longest` (5 s)"
    );
    assert_eq!(
        said(|c| c.cpu = Cores::new(f64::INFINITY)),
        "`cpu` must be a finite number above 0"
    );
}

#[cfg(feature = "serde")]
#[test]
fn g10_the_file_of_the_readme_is_read() {
    let readme = include_str!("../README.md");
    let (_, sample) = readme.split_once("```toml\n# progress.toml\n").unwrap();
    let (sample, _) = sample.split_once("```").unwrap();
    let config: Config = toml::from_str(sample).unwrap();
    assert!(config != Config::default() && config.check().is_ok(), "{config:?}");
}
