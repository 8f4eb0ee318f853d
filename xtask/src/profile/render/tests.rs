use expect_test::{expect, expect_file};

use super::{Format, caching_rows, render, replayed};
use crate::profile::document::{Caching, CachingRow, Document, RequestReplay};

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
