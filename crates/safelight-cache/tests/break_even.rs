//! When a cache pays, against a naive count of requests.

use std::time::Duration;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use safelight_cache::{BreakEven, Verdict};
use safelight_core::Share;

const US: Duration = Duration::from_micros(1);
const MS: Duration = Duration::from_millis(1);

#[track_caller]
fn check(load: Duration, hit: Duration, expected: &Expect) {
    let work = BreakEven { load, hit };
    let ratio = work.needed_hit_ratio().map(Share::get);
    let text = format!(
        "{work}\n{:?}, {:.3} times as fast, saves {:?}, needs {ratio:?}",
        work.verdict(),
        work.speedup(),
        work.saved_per_hit(),
    );
    expected.assert_eq(&text);
}

#[test]
fn fast_hits_pay_and_slow_ones_do_not() {
    check(
        3_400 * US,
        Duration::from_nanos(1_200),
        &expect![[r"
        cache: a hit takes 1.2 µs instead of 3.4 ms, pays from 0.04 % of requests up
        Cache, 2833.333 times as fast, saves Some(3.3988ms), needs Some(0.00035294117647058826)"]],
    );
    check(
        100 * MS,
        25 * MS,
        &expect![[r"
        cache: a hit takes 25 ms instead of 100 ms, pays from 25 % of requests up
        Cache, 4.000 times as fast, saves Some(75ms), needs Some(0.25)"]],
    );
    check(
        2 * US,
        9 * US,
        &expect![[r"
        do not cache: a hit takes 9 µs, the work 2 µs
        DoNotCache, 0.222 times as fast, saves None, needs None"]],
    );
}

#[test]
fn a_hit_as_slow_as_the_work_does_not_pay() {
    check(
        7 * US,
        7 * US,
        &expect![[r"
        do not cache: a hit takes 7 µs, the work 7 µs
        DoNotCache, 1.000 times as fast, saves None, needs None"]],
    );
    check(
        7 * US,
        Duration::from_nanos(6_999),
        &expect![[r"
            do not cache: a hit takes 7 µs, the work 7 µs
            DoNotCache, 1.000 times as fast, saves Some(1ns), needs Some(0.9998571428571429)"]],
    );
}

#[test]
fn times_too_short_for_the_clock_divide_nothing_by_zero() {
    check(
        Duration::ZERO,
        Duration::ZERO,
        &expect![[r"
        do not cache: a hit takes under 1 ns, the work under 1 ns
        DoNotCache, 1.000 times as fast, saves None, needs None"]],
    );
    check(
        MS,
        Duration::ZERO,
        &expect![[r"
        cache: a hit takes under 1 ns instead of 1 ms, pays from 0 % of requests up
        Cache, 1000000.000 times as fast, saves Some(1ms), needs Some(0.0)"]],
    );
    check(
        Duration::ZERO,
        MS,
        &expect![[r"
        do not cache: a hit takes 1 ms, the work under 1 ns
        DoNotCache, 0.000 times as fast, saves None, needs None"]],
    );
}

#[test]
fn the_longest_times_do_not_overflow() {
    check(
        Duration::MAX,
        US,
        &expect![[r"
        cache: a hit takes 1 µs instead of 18446744073709551616 s, pays from 0.01 % of requests up
        Cache, 18446744073709551616000000.000 times as fast, saves Some(18446744073709551615.999998999s), needs Some(5.421010862427522e-26)"]],
    );
    check(
        US,
        Duration::MAX,
        &expect![[r"
        do not cache: a hit takes 18446744073709551616 s, the work 1 µs
        DoNotCache, 0.000 times as fast, saves None, needs None"]],
    );
    let work = BreakEven { load: Duration::MAX, hit: Duration::MAX };
    assert_eq!(work.expected(Share::ZERO), Duration::MAX);
}

#[test]
fn times_print_in_the_unit_that_keeps_a_digit() {
    let shown =
        [999, 1_000, 1_049, 999_949, 999_950, 12_345_678, 61_000_000_000].map(|ns| {
            let hit = Duration::from_nanos(ns);
            let text = BreakEven { load: Duration::ZERO, hit }.to_string();
            let text = text.strip_prefix("do not cache: a hit takes ").unwrap();
            text.strip_suffix(", the work under 1 ns").unwrap().to_owned()
        });
    expect!["999 ns, 1 µs, 1 µs, 999.9 µs, 1 ms, 12.3 ms, 61 s"]
        .assert_eq(&shown.join(", "));
}

#[test]
fn text_can_be_padded() {
    let work = BreakEven { load: US, hit: MS };
    let padded = format!("{work:>50}|");
    assert_eq!(padded, "     do not cache: a hit takes 1 ms, the work 1 µs|");
}

proptest! {
    /// Every request looks, and the misses do the work: counted in whole nanoseconds.
    #[test]
    fn agrees_with_a_count_of_requests(
        load in 0u64..1_000,
        hit in 0u64..1_000,
        n_requests in 1u64..200,
        hits in 0.0f64..=1.0,
    ) {
        let n_hits = (n_requests as f64 * hits).round() as u64;
        let with = n_requests * hit + (n_requests - n_hits) * load;
        let without = n_requests * load;

        let work = BreakEven { load: Duration::from_nanos(load), hit: Duration::from_nanos(hit) };
        let ratio = Share::of(n_hits as f64, n_requests as f64);
        let expected = work.expected(ratio).as_nanos() as f64;
        prop_assert!((expected - with as f64 / n_requests as f64).abs() <= 1.0);

        // What hits save against the work, less what all the looking costs.
        match work.needed_hit_ratio() {
            Some(needed) if with < without => prop_assert!(needed < ratio),
            Some(needed) if without < with => prop_assert!(ratio < needed),
            Some(needed) => prop_assert!((needed.get() - ratio.get()).abs() < 1e-9),
            None => prop_assert!(with >= without),
        }
        let can_pay = hit < load;
        let is_worth = work.verdict() == Verdict::Cache;
        prop_assert_eq!(is_worth, can_pay && 2 * hit <= load);
        prop_assert_eq!(can_pay, work.needed_hit_ratio().is_some());
        prop_assert_eq!(can_pay, work.speedup() > 1.0 || (hit == 0 && load == 1));
        let saved = work.saved_per_hit().map(|saved| saved.as_nanos());
        prop_assert_eq!(saved, can_pay.then(|| u128::from(load - hit)));
    }
}
