//! The report says what was measured, and reads back as it was written.
#![cfg(feature = "serde")]

use std::time::Duration;

use expect_test::expect_file;
use safelight_core::ManualClock;
use safelight_profiler::{Analysis, Profiler, Rules, report};

/// Some of everything: sizes, failures, repeats, findings, advice, incomplete operations.
fn analysis() -> Analysis {
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).without_cpu_clock().build();
    let convert = profiler.operation("convert");
    for side in [512_u32, 1024, 2048, 4096] {
        for idx in 0..6_u64 {
            let call = convert.pixels(side, side).bytes_in(1000).key(idx % 3);
            let nanos = u64::from(side) * u64::from(side) * (40 + idx % 2);
            let result = call.try_measure(|| {
                clock.advance(Duration::from_nanos(nanos));
                if idx == 5 { Err("broken") } else { Ok(()) }
            });
            assert_eq!(result.is_err(), idx == 5);
        }
    }
    std::mem::forget(profiler.operation("leaked").start());
    let hit_costs = [("convert".to_owned(), Duration::from_micros(2))].into();
    let one = std::num::NonZeroUsize::MIN;
    let rules = Rules { hit_costs, n_cores: one, ..Rules::default() };
    Analysis::new(&profiler.recording(), &rules)
}

#[test]
fn p09_export_parses_to_an_equal_report() {
    let profile = report::Profile::from(&analysis());
    let json = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<report::Profile>(&json).unwrap(), profile);
    assert_eq!(profile.schema_version, report::SCHEMA_VERSION);
}

#[test]
fn p09_a_golden_report_parses_forever() {
    let mut profile = report::Profile::from(&analysis());
    // The reason depends on the features of this build.
    "not measured".clone_into(&mut profile.heap_source);
    profile.operations.iter_mut().flat_map(|o| &mut o.sizes).for_each(|s| s.heap = None);
    let json = serde_json::to_string_pretty(&profile).unwrap();
    expect_file!["golden/profile.v1.json"].assert_eq(&json);
    let golden = include_str!("golden/profile.v1.json");
    assert_eq!(serde_json::from_str::<report::Profile>(golden).unwrap(), profile);
}

#[test]
fn p09_unknown_fields_are_refused() {
    let mut json = serde_json::to_value(report::Profile::from(&analysis())).unwrap();
    json["surprise"] = 1.into();
    assert!(serde_json::from_value::<report::Profile>(json).is_err());
}
