use std::{fs, time::Duration};

use expect_test::expect;
use safelight_core::ByteSize;

use super::{Arguments, File, Settings};
use crate::{image_operation::ImageOperation, status, status::Status, units::Size};

fn settings(toml: &str) -> Settings {
    File::parse(toml).expect("the test writes a valid file").into_settings()
}

#[test]
fn every_key_changes_its_setting() {
    let default = settings("");
    let all = settings(
        r#"
        sizes = ["64", "32x16"]
        ops = ["convert"]
        repeat = 3
        time_budget = "5s"
        thumbnail = "100x50"
        slow = "20 ms"
        heap_peak = "1 MiB"
        cpu_cores = 0.5
        exponent = 2.0
        "#,
    );
    assert_eq!(all.sizes, [Size::new(64, 64), Size::new(32, 16)]);
    assert_eq!(all.ops, [ImageOperation::Convert]);
    assert_eq!(all.max_rounds.get(), 3);
    assert_eq!(all.time_budget, Duration::from_secs(5));
    assert_eq!(all.thumbnail, Size::new(100, 50));
    assert_eq!(all.rules.slow, Duration::from_millis(20));
    assert_eq!(all.rules.heap_peak, ByteSize::mib(1));
    assert!(all.rules.cpu < default.rules.cpu);
    assert!(default.rules.exponent < all.rules.exponent);
}

#[test]
fn wrong_files_are_refused_with_key_and_line() {
    let error = |toml: &str| File::parse(toml).expect_err("the test writes a wrong file");
    expect![[r#"
        TOML parse error at line 2, column 1
          |
        2 | szes = ["64"]
          | ^^^^
        unknown field `szes`, expected one of `sizes`, `ops`, `repeat`, `time_budget`, `thumbnail`, `slow`, `heap_peak`, `cpu_cores`, `exponent`
    "#]]
    .assert_eq(&error("repeat = 3\nszes = [\"64\"]"));
    for (toml, named) in [
        ("repeat = 0", "repeat"),
        ("time_budget = \"soon\"", "time_budget"),
        ("thumbnail = \"0x5\"", "thumbnail"),
        ("heap_peak = \"much\"", "heap_peak"),
        ("cpu_cores = -1.0", "cpu_cores"),
        ("exponent = nan", "exponent"),
        ("ops = [\"paint\"]", "ops"),
    ] {
        assert!(error(toml).contains(named), "{toml}: {}", error(toml));
    }
}

#[test]
fn arguments_win_over_the_file_and_a_missing_file_is_wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("profile.toml");
    fs::write(&path, "repeat = 3\nthumbnail = \"64\"").unwrap();
    let mut arguments = Arguments {
        config: Some(path),
        thumbnail: Some(Size::new(32, 32)),
        ..Arguments::default()
    };
    let settings = Settings::new(&arguments).unwrap();
    assert_eq!((settings.max_rounds.get(), settings.thumbnail), (3, Size::new(32, 32)));

    arguments.config = Some(dir.path().join("absent.toml"));
    let error = Settings::new(&arguments).unwrap_err();
    assert_eq!(status::for_error(&error), Status::Usage);
    assert!(error.to_string().contains("absent.toml"), "{error}");
}
