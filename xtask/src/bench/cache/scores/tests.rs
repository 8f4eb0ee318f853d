use expect_test::{Expect, expect};
use safelight_benches::cache_contest::report::Play;

use super::{Row, render, render_detail};

/// Makes the lines of plays; `None` for one that failed.
fn rows(plays: &[(&str, &str, &str, Option<u64>)]) -> Vec<Row> {
    let row = |(setting, contestant, kind, saved_ns): &(_, _, _, Option<u64>)| {
        let outcome = match saved_ns {
            Some(saved_ns) => serde_json::json!({ "score": {
                "n_requests": 10, "n_hits": 5, "bytes": 100, "hit_bytes": 30,
                "cost_ns": 1000, "saved_ns": saved_ns, "peak_bytes": 2048,
                "peak_entries": saved_ns / 100,
            }}),
            None => serde_json::json!({ "failure": "it panicked" }),
        };
        let play = serde_json::json!({
            "setting": setting, "limit_bytes": 4096, "limit_entries": 3,
            "contestant": contestant, "kind": kind, "outcome": outcome,
        });
        Row::new(&Play::read(&play.to_string()).unwrap())
    };
    plays.iter().map(row).collect()
}

#[track_caller]
fn check(table: &str, expected: &Expect) {
    expected.assert_eq(&format!("{table}\n"));
}

fn two_settings() -> Vec<Row> {
    rows(&[
        ("a 4 KiB/3", "safelight cost-aware", "ours", Some(300)),
        ("a 4 KiB/3", "moka TinyLFU", "peer", Some(200)),
        ("a 4 KiB/3", "moka LRU", "peer", Some(250)),
        ("a 4 KiB/3", "moka as it comes", "loose", Some(400)),
        ("a 4 KiB/3", "quick_cache", "peer", Some(100)),
        ("b 4 KiB/3", "safelight cost-aware", "ours", Some(300)),
        ("b 4 KiB/3", "moka TinyLFU", "peer", Some(290)),
        ("b 4 KiB/3", "moka LRU", "peer", None),
        ("b 4 KiB/3", "moka as it comes", "loose", Some(100)),
        ("b 4 KiB/3", "quick_cache", "peer", None),
    ])
}

#[test]
fn the_best_of_a_family_of_peers_is_shown() {
    check(
        &render(&two_settings(), true),
        &expect![[r"
        | setting   | safelight cost-aware | moka, best of 2 | moka as it comes | quick_cache |
        |-----------|----------------------|-----------------|------------------|-------------|
        | a 4 KiB/3 |               30.0 % |          25.0 % |           40.0 % |      10.0 % |
        | b 4 KiB/3 |               30.0 % |          29.0 % |           10.0 % |           - |
    "]],
    );
}

#[test]
fn on_a_terminal_headers_take_two_lines() {
    check(
        &render(&two_settings()[..5], false),
        &expect![[r"
          setting      safelight       moka,    moka as   quick_cache  
                      cost-aware   best of 2   it comes                
        ───────────────────────────────────────────────────────────────
          a 4 KiB/3       30.0 %      25.0 %     40.0 %        10.0 %  
    "]],
    );
}

#[test]
fn details_name_who_exceeds_the_limits_and_who_failed() {
    check(
        &render_detail(&two_settings()[3..8], true),
        &expect![[r"
        | setting   | contestant           |  saved |   hits | bytes hit |  peak | peak entries | limits      |
        |-----------|----------------------|--------|--------|-----------|-------|--------------|-------------|
        | a 4 KiB/3 | moka as it comes     | 40.0 % | 50.0 % |    30.0 % | 2 KiB |            4 | exceeded    |
        | a 4 KiB/3 | quick_cache          | 10.0 % | 50.0 % |    30.0 % | 2 KiB |            1 | kept        |
        | b 4 KiB/3 | safelight cost-aware | 30.0 % | 50.0 % |    30.0 % | 2 KiB |            3 | kept        |
        | b 4 KiB/3 | moka TinyLFU         | 29.0 % | 50.0 % |    30.0 % | 2 KiB |            2 | kept        |
        | b 4 KiB/3 | moka LRU             |      - |      - |         - |     - |            - | it panicked |
    "]],
    );
}
