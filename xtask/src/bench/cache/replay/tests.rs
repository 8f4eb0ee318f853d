use std::time::Duration;

use safelight_cache::Stats;

use super::{N_ROUNDS, Round, Row};

/// Rounds in which the cache saves 600 ms of 1 s, and says that it saves `claimed_ms`.
fn rounds(claimed_ms: [u64; N_ROUNDS]) -> Vec<Round> {
    let stats = |claimed| Stats {
        n_hits: 200,
        n_misses: 100,
        load_time: Duration::from_millis(370),
        time_saved: Duration::from_millis(claimed),
        ..Stats::default()
    };
    let (with, without) = (Duration::from_millis(400), Duration::from_secs(1));
    claimed_ms
        .into_iter()
        .map(|claimed| Round { with, without, stats: stats(claimed) })
        .collect()
}

#[test]
fn what_it_says_is_compared_with_what_it_saved() {
    let row = Row::new("CPU", &rounds([630; N_ROUNDS]));
    assert_eq!((row.saved_ns, row.claimed_ns), (Some(600e6), Some(630e6)));
    assert_eq!((row.ratio, row.verdict), (Some(1.05), "met"));
    assert_eq!(row.overhead_ns, Some(100e3), "30 ms over 300 requests");
}

#[test]
fn the_whole_interval_decides() {
    let verdict = |claimed| Row::new("CPU", &rounds(claimed)).verdict;
    assert_eq!(verdict([450; N_ROUNDS]), "missed");
    assert_eq!(verdict([700; N_ROUNDS]), "missed");
    let mut one_off = [600; N_ROUNDS];
    one_off[3] = 100;
    assert_eq!(verdict(one_off), "met", "one round at either end is left out");
    one_off[7] = 100;
    assert_eq!(verdict(one_off), "inconclusive");
}

#[test]
fn what_could_not_be_measured_is_unresolved() {
    let row = Row::new("CPU", &[]);
    assert_eq!((row.saved_ns, row.ratio, row.verdict), (None, None, "unresolved"));
}
