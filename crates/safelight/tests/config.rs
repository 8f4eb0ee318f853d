//! The configuration in TOML.

use std::time::Duration;

use expect_test::{Expect, expect};
use safelight::{ByteSize, Capacity, Config, Share};

#[track_caller]
fn check(toml: &str, expected: &Expect) {
    let error = Config::from_toml(toml).expect_err(toml);
    expected.assert_eq(&format!("{:?} {:?}: {error}", error.key(), error.line()));
}

#[test]
fn x03_unknown_keys_are_errors_that_name_key_and_line() {
    check(
        "\n[cache]\nbytes = '1 MiB'\nentrys = 3",
        &expect![[
            r#"Some("cache.entrys") Some(4): line 4: `cache.entrys`: there is no such key; did you mean `cache.entries`?"#
        ]],
    );
    check(
        "[cash]\nbytes = '1 MiB'",
        &expect![[
            r#"Some("cash") Some(1): line 1: `cash`: there is no such section, but profiler, cache, memory, jobs, progress, actions, images, frames"#
        ]],
    );
    check(
        "mode = 3",
        &expect![[
            r#"Some("mode") Some(1): line 1: `mode`: there is no such section, but profiler, cache, memory, jobs, progress, actions, images, frames"#
        ]],
    );
    check(
        "[progress]\nwidth = 3",
        &expect![[
            r#"Some("progress.width") Some(2): line 2: `progress.width`: there is no such key"#
        ]],
    );
    check(
        "[cache.bytes]\nx = 1",
        &expect![[
            r#"Some("cache.bytes") Some(1): line 1: `cache.bytes`: must be a size like "64 MiB", not a table"#
        ]],
    );
}

#[test]
fn x03_impossible_values_are_errors_that_name_key_and_line() {
    check(
        "[cache]\nbytes = 12",
        &expect![[
            r#"Some("cache.bytes") Some(2): line 2: `cache.bytes`: must be a size like "64 MiB", not 12"#
        ]],
    );
    check(
        "[cache]\nbytes = '12 parsecs'",
        &expect![[
            r#"Some("cache.bytes") Some(2): line 2: `cache.bytes`: must be a size like "64 MiB", not "12 parsecs""#
        ]],
    );
    check(
        "[cache]\nentries = -1",
        &expect![[
            r#"Some("cache.entries") Some(2): line 2: `cache.entries`: must be a whole number or "none", not -1"#
        ]],
    );
    check(
        "[cache]\npolicy = 'fifo'",
        &expect![[
            r#"Some("cache.policy") Some(2): line 2: `cache.policy`: must be "cost aware" or "lru", not "fifo""#
        ]],
    );
    check(
        "[memory]\nhigh = 0.5",
        &expect![[
            r#"Some("memory.high") Some(2): line 2: `memory.high`: must be at least `memory.elevated`"#
        ]],
    );
    check(
        "[memory]\n\ncapacity = '140 %'",
        &expect![[
            r#"Some("memory.capacity") Some(3): line 3: `memory.capacity`: must be a size like "512 MiB" or a part like "80 %", not "140 %""#
        ]],
    );
    check(
        "[jobs]\nat_once = 0",
        &expect![[
            r#"Some("jobs.at_once") Some(2): line 2: `jobs.at_once`: must be a whole number from 1 up, not 0"#
        ]],
    );
    check(
        "[jobs]\npatience = 'long'",
        &expect![[
            r#"Some("jobs.patience") Some(2): line 2: `jobs.patience`: must be a time like "100 ms", not "long""#
        ]],
    );
    check(
        "[progress]\nlatency = '100 ms'\nshortest = '1 ms'",
        &expect![[
            r#"Some("progress.shortest") Some(3): line 3: `progress.shortest`: `shortest` must be from 100 ms to 5 s"#
        ]],
    );
    check(
        "[frames]\nresolutions = ['1280 x 720', '0 x 0']",
        &expect![[
            r#"Some("frames.resolutions") Some(2): line 2: `frames.resolutions`: must be a list of sizes like ["1280 x 720"], not ["1280 x 720", "0 x 0"]"#
        ]],
    );
    check(
        "[images]\nleast_side = 10\nmost_side = 5",
        &expect![[
            r#"Some("images.most_side") Some(3): line 3: `images.most_side`: must be at least `images.least_side`"#
        ]],
    );
    check(
        "[actions]\nmode = 'perhaps'",
        &expect![[
            r#"Some("actions.mode") Some(2): line 2: `actions.mode`: must be "act", "dry run" or "off", not "perhaps""#
        ]],
    );
}

#[test]
fn what_is_no_toml_is_said_with_its_line() {
    check(
        "[cache]\nbytes = ",
        &expect![
            "None Some(2): line 2: string values must be quoted, expected literal string"
        ],
    );
    check(
        "[cache]\nttl = '1 s'\nttl = '2 s'",
        &expect!["None Some(3): line 3: duplicate key"],
    );
}

#[test]
fn what_is_not_given_is_the_default() {
    assert_eq!(Config::from_toml("").unwrap(), Config::default());
    let config =
        Config::from_toml("[memory]\ncapacity = '1 GiB'\nhigh = '90 %'").unwrap();
    let memory = config.memory.unwrap();
    assert_eq!(memory.capacity, Capacity::Bytes(ByteSize::gib(1)));
    assert_eq!(memory.control.high, Share::new(0.9));
    assert_eq!(memory.control.critical, Share::new(0.95));
}

#[test]
fn a_part_is_off_whatever_else_is_said_of_it() {
    let config = Config::from_toml("[cache]\nenabled = false\nbytes = '1 MiB'").unwrap();
    assert!(config.cache.is_none());
    let keys = Config::keys().iter().filter(|key| key.name().starts_with("cache."));
    let values: Vec<_> = keys.filter_map(|key| key.value(&config)).collect();
    assert_eq!(values, ["false"]);
}

#[test]
fn x03_every_key_is_read_back_as_it_is_written() {
    let config = Config::default();
    for key in Config::keys() {
        let (section, name) = key.name().split_once('.').unwrap();
        let value = key.value(&config).unwrap();
        let toml = format!("[{section}]\n{name} = {value}");
        assert_eq!(Config::from_toml(&toml).unwrap(), config, "{toml}");
    }
}

#[test]
fn words_are_what_people_write() {
    let config = Config::from_toml(
        "[jobs]\npatience = '1m 30s'\nbytes = '8MiB'\n[cache]\nttl = '2 h'\nentries = 'none'",
    );
    let config = config.unwrap();
    assert_eq!(config.jobs.patience, Duration::from_secs(90));
    assert_eq!(config.jobs.bytes, ByteSize::mib(8));
    let cache = config.cache.unwrap();
    assert_eq!((cache.ttl, cache.limits.entries), (Some(Duration::from_hours(2)), None));
}

#[test]
fn a_file_that_is_wrong_is_named_with_key_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("settings.toml");
    std::fs::write(&path, "[cache]\nbytes = 'much'\n").unwrap();
    let error = Config::from_file(&path).unwrap_err();
    let wanted = format!("cannot use the configuration \"{}\"", path.display());
    assert_eq!(error.to_string(), wanted);
    assert_eq!((error.key(), error.line()), (Some("cache.bytes"), Some(2)));
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with("line 2: `cache.bytes`"), "{cause}");
}
