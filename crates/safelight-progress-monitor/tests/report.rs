//! The report says what was seen, and reads back as it was written.
#![cfg(feature = "serde")]

use std::time::Duration;

use expect_test::expect_file;
use safelight_core::{ByteSize, Clock, ManualClock};
use safelight_progress_monitor::{Collector, Config, Monitor, Reading, report};

/// Some of everything: phases, children, timed updates, alerts, measures, messages.
fn collector() -> Collector {
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector =
        Collector::new(&monitor, Config::default()).expect("the defaults can be meant");
    let folder = monitor.tracker("folder");
    folder.set_total(20);
    folder.set_phase("decode");
    let file = folder.child("file");
    let gauge = monitor.gauge("decoder");
    let _stuck = file.start();
    for look_idx in 0..8_u64 {
        clock.advance(Duration::from_millis(500));
        folder.add(2);
        file.tracked(|| clock.advance(Duration::from_millis(50 * look_idx)));
        gauge.set(40 * look_idx);
        // In the end there is less, so that something is over.
        let rss = if look_idx < 7 { 100_000_000 * look_idx } else { 200_000_000 };
        let rss = Some(ByteSize::from_bytes(rss));
        let cpu = Some(Duration::from_millis(200 * look_idx));
        folder.message(format!("look {look_idx}"));
        collector
            .step(clock.now(), &Reading { rss, cpu, own_cpu: cpu.map(|cpu| cpu / 100) });
    }
    std::mem::forget((folder, file));
    collector
}

#[test]
fn export_parses_to_an_equal_report() {
    let collector = collector();
    let export = report::Export::from(&collector);
    let json = serde_json::to_string(&export).unwrap();
    assert_eq!(serde_json::from_str::<report::Export>(&json).unwrap(), export);
    assert_eq!(export.schema_version, report::SCHEMA_VERSION);
    assert_eq!(export.summary.footprint_bytes, collector.footprint().bytes());
    assert_eq!(export.summary.n_done, collector.n_done());
    assert_eq!(export.metrics.len(), 8);
}

#[test]
fn a_golden_report_parses_forever() {
    let mut export = report::Export::from(&collector());
    // Sizes depend on the platform, numbers of trackers on the other tests.
    export.summary.footprint_bytes = 0;
    for (id, row) in (0..).zip(&mut export.latest.trackers) {
        // The last digits of exponentials depend on the platform as well.
        row.id = id;
        row.rate_per_second =
            row.rate_per_second.map(|rate| (rate * 100.0).round() / 100.0);
        row.eta_ns = row.eta_ns.map(|eta| eta / 10_000_000);
    }
    let json = serde_json::to_string_pretty(&export).unwrap();
    expect_file!["golden/progress.v1.json"].assert_eq(&json);
    let golden = include_str!("golden/progress.v1.json");
    assert_eq!(serde_json::from_str::<report::Export>(golden).unwrap(), export);
}

#[test]
fn unknown_fields_are_refused() {
    let mut json = serde_json::to_value(report::Export::from(&collector())).unwrap();
    json["surprise"] = 1.into();
    assert!(serde_json::from_value::<report::Export>(json).is_err());
}

#[cfg(feature = "schemars")]
#[test]
fn the_schema_is_that_of_the_code() {
    let schema = schemars::schema_for!(report::Export);
    let json = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../docs/schema/progress.v1.json"].assert_eq(&json);
}
