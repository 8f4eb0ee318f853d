use std::fs;

use anyhow::Result;
use expect_test::{Expect, expect};
use safelight_benches::cache_contest::report::Play;
use safelight_core::ByteSize;

use super::{Contest, UserTrace, judge, render};
use crate::status::{Status, for_error};

/// Makes a play that saves so many of 1000 ns; `None` for one that failed.
fn play(setting: &str, contestant: &str, kind: &str, saved_ns: Option<u64>) -> Play {
    let outcome = match saved_ns {
        Some(saved_ns) => serde_json::json!({ "score": {
            "n_requests": 10, "n_hits": 5, "bytes": 100, "hit_bytes": 50,
            "cost_ns": 1000, "saved_ns": saved_ns, "peak_bytes": 9, "peak_entries": 3,
        }}),
        None => serde_json::json!({ "failure": "it panicked" }),
    };
    let play = serde_json::json!({
        "setting": setting, "limit_bytes": 10, "limit_entries": 3,
        "contestant": contestant, "kind": kind, "outcome": outcome,
    });
    Play::read(&play.to_string()).unwrap()
}

/// Plays a script like `a: ours 300, moka 200`, a setting in each line.
fn contest(script: &str) -> Contest {
    let mut plays = Vec::new();
    let mut settings = Vec::new();
    for line in script.lines() {
        let (setting, contestants) = line.trim().split_once(": ").unwrap();
        settings.push(setting.to_owned());
        for contestant in contestants.split(", ") {
            let (name, saved) = contestant.rsplit_once(' ').unwrap();
            let (name, kind) = match name {
                "ours" => (super::OURS, "ours"),
                "greedy" => (name, "bound"),
                "as it comes" => (name, "loose"),
                name => (name, "peer"),
            };
            plays.push(play(setting, name, kind, saved.parse().ok()));
        }
    }
    Contest { plays, settings, failure: None }
}

#[track_caller]
fn check(contest: &Contest, expected: &Expect) {
    let table = render(&judge(contest), true);
    let lines: Vec<&str> = table.lines().skip(2).collect();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn each_setting_is_judged_by_its_target_and_all_by_their_mean() {
    let script = "synthetic 256 MiB/400: ours 130, moka 100, quick_cache 90
        flat 64 MiB/50: ours 98, moka 90, quick_cache 100";
    check(
        &contest(script),
        &expect![[r"
        | synthetic 256 MiB/400 | 13.0 % | moka        | 10.0 % | 1.300x | >= 1.20x | met     |
        | flat 64 MiB/50        |  9.8 % | quick_cache | 10.0 % | 0.980x | >= 0.97x | met     |
        | mean of all           |      - | -           |      - | 1.140x | >= 1.05x | met     |
    "]],
    );
    let script = "synthetic 256 MiB/400: ours 110, moka 100
        flat 64 MiB/50: ours 90, moka 100";
    check(
        &contest(script),
        &expect![[r"
        | synthetic 256 MiB/400 | 11.0 % | moka      | 10.0 % | 1.100x | >= 1.20x | missed  |
        | flat 64 MiB/50        |  9.0 % | moka      | 10.0 % | 0.900x | >= 0.97x | missed  |
        | mean of all           |      - | -         |      - | 1.000x | >= 1.05x | missed  |
    "]],
    );
}

#[test]
fn who_exceeds_the_limits_or_knows_the_future_is_no_peer() {
    check(
        &contest("flat 64 MiB/50: ours 100, moka 50, as it comes 900, greedy 950"),
        &expect![[r"
        | flat 64 MiB/50 | 10.0 % | moka      |  5.0 % | 2.000x | >= 0.97x | met     |
    "]],
    );
}

#[test]
fn a_peer_that_failed_leaves_it_open() {
    check(
        &contest("a 1 B/1: ours 100, moka -, foyer 50\nb 1 B/1: ours 100, moka 50"),
        &expect![[r"
            | a 1 B/1     |      - | -         |      - |      - | >= 0.97x | unresolved |
            | b 1 B/1     | 10.0 % | moka      |  5.0 % | 2.000x | >= 0.97x | met        |
            | mean of all |      - | -         |      - |      - | >= 1.05x | unresolved |
            unresolved: a 1 B/1: moka: it panicked
            unresolved: mean of all: a setting has no figure
        "]],
    );
}

#[test]
fn a_contest_that_failed_leaves_all_open() {
    let mut contest = contest("a 1 B/1: ours 100, moka 50");
    contest.failure = Some("the contest ended with signal 9".to_owned());
    check(
        &contest,
        &expect![[r"
            | a 1 B/1 |    - | -         |      - |     - | >= 0.97x | unresolved |
            unresolved: a 1 B/1: the contest ended with signal 9
        "]],
    );
}

#[test]
fn without_a_peer_or_a_saving_there_is_nothing_to_compare() {
    let verdicts = |script| {
        let rows = judge(&contest(script)).into_iter();
        rows.map(|row| row.reason.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(verdicts("a 1 B/1: ours 100"), ["not everybody took part"]);
    assert_eq!(verdicts("a 1 B/1: ours 0, moka 0"), ["nobody saves any time"]);
    assert_eq!(verdicts("a 1 B/1: ours 1, moka 0"), [""], "more than nothing");
}

#[test]
fn an_error_in_a_trace_names_file_and_line() {
    let read = |text: &str| -> Result<UserTrace> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mine.csv");
        fs::write(&path, text).unwrap();
        UserTrace::read(&path, ByteSize::mib(256), 50.try_into().unwrap())
    };
    assert_eq!(read("a,1,2\nb,3 MiB,4 ms").unwrap().name, "mine.csv 256 MiB/50");
    let error = read("a,1,2\nb,many,2").err().unwrap();
    assert_eq!(for_error(&error), Status::Usage);
    let message = error.to_string();
    let end =
        r#"mine.csv: line 2: found "many", wanted bytes, like 1572864 or "1.5 MiB""#;
    assert!(message.ends_with(end), "{message}");
}

#[test]
fn a_trace_that_is_not_there_is_named() {
    let path = std::path::Path::new("no/such/trace.csv");
    let error = UserTrace::read(path, ByteSize::mib(1), 1.try_into().unwrap());
    let message = error.err().unwrap().to_string();
    assert!(message.starts_with("no/such/trace.csv: "), "{message}");
}
