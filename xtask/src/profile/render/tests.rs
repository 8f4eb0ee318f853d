use expect_test::{expect, expect_file};

use super::{Format, caching_rows, memory, render, replayed};
use crate::profile::document::{
    AtOnce, Caching, CachingRow, Development, Document, Memory, RequestReplay, Span,
};

#[test]
fn the_golden_report_renders_as_tables_and_as_markdown() {
    let golden = include_str!("../document/golden.v1.json");
    let document: Document = serde_json::from_str(golden).unwrap();
    expect_file!["golden.txt"].assert_eq(&render(&document, Format::Table));
    expect_file!["golden.md"].assert_eq(&render(&document, Format::Markdown));
}

#[test]
fn a_cache_that_does_not_pay_is_said_to() {
    let row = |operation: &str, cold_ns: u64, speedup: f64, advice: &str| CachingRow {
        operation: operation.to_owned(),
        n_files: 3,
        cold_ns,
        hit_by_identity_ns: 700,
        hit_by_content_ns: 600_000,
        speedup_by_identity: speedup,
        speedup_by_content: speedup / 857.0,
        advice_by_identity: advice.to_owned(),
        advice_by_content: "do_not_cache".to_owned(),
        needed_hit_share: None,
    };
    let caching = Caching {
        operations: vec![
            row("check attributes", 280, 0.4, "do_not_cache"),
            row("inspect", 3_500, 5.0, "cache"),
        ],
        replay: Some(RequestReplay {
            operation: "thumbnail".to_owned(),
            n_files: 8,
            n_requests: 400,
            max_entries: 4,
            max_bytes: 268_435_456,
            hit_share: 0.75,
            without_ns: 8_000_000_000,
            with_ns: 2_000_000_000,
            time_saved_ns: 6_010_000_000,
        }),
    };
    expect![[r"
        | operation        |    work | hit, key: identity | speed-up | pays from |       advice | hit, key: content |    speed-up |       advice |
        |------------------|---------|--------------------|----------|-----------|--------------|-------------------|-------------|--------------|
        | check attributes |  280 ns |             700 ns |    0.40x |     never | do not cache |            600 µs | under 0.01x | do not cache |
        | inspect          | 3.50 µs |             700 ns |    5.00x |     never |        cache |            600 µs | under 0.01x | do not cache |"]].assert_eq(&caching_rows(&caching, Format::Markdown));
    expect!["- 400 requests for thumbnails of 8 files, 4 entries held at most: 8.00 s without the cache, 2.00 s with it (4.0x); 75 % of the requests hit; 6.01 s saved as the cache counts it, 6.00 s as measured"].assert_eq(&replayed(&caching));
}

#[test]
fn memory_is_told_with_the_limit_that_binds_and_what_is_not_known() {
    let span = |first: u64, least: u64, most: u64, last: u64| {
        let [start_bytes, least_bytes, most_bytes, end_bytes] =
            [first, least, most, last].map(|mib| mib << 20);
        Some(Span { start_bytes, least_bytes, most_bytes, end_bytes })
    };
    let known = Memory {
        binding: Some("hard limit of cgroup /jobs".to_owned()),
        limit_bytes: Some(512 << 20),
        used_bytes: Some(100 << 20),
        available: span(500, 300, 500, 412),
        rss: span(12, 12, 200, 90),
        highest_pressure: Some("normal".to_owned()),
        n_samples: 40,
        development: Development::Leak {
            per_minute_bytes: 60 << 20,
            time_to_limit_s: Some(420),
        },
        at_once: vec![AtOnce {
            operation: "thumbnail PNG".to_owned(),
            dimensions: "4096x4096".to_owned(),
            max_peak_bytes: 49 << 20,
            n_fit: 6,
        }],
        recommendations: vec!["find what grows".to_owned()],
        unread: Vec::new(),
    };
    expect![[r"
        500 MiB could be had at the start and 300 MiB at the least, until what binds is met: hard limit of cgroup /jobs; pressure was normal at most, in 40 looks
        resident set of this process: 12 MiB at the start, 200 MiB at most, 90 MiB at the end; it grows steadily by 60 MiB a minute, and is at the limit in 7 min
        find what grows"]]
    .assert_eq(&memory::lines(&known).join("\n"));
    expect![[r"
        | operation     | image     | highest peak heap | fit at once |
        |---------------|-----------|-------------------|-------------|
        | thumbnail PNG | 4096x4096 |            49 MiB |           6 |"]]
    .assert_eq(&memory::at_once(&known, Format::Markdown));
    let unknown = Memory {
        available: None,
        rss: None,
        recommendations: Vec::new(),
        unread: vec!["memory limit: no such file".to_owned()],
        ..known
    };
    expect![[r"
        how much can be had is not known
        not read: memory limit: no such file"]]
    .assert_eq(&memory::lines(&unknown).join("\n"));
}
