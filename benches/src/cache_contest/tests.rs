use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use expect_test::{Expect, expect};
use proptest::{collection::vec, prelude::*};
use safelight_core::{ByteSize, ManualClock};

use super::{
    Blob, Contestant, Entrant, ExactLru, Kind, Live, Score, entrants, halve, weak_return,
};
use crate::cache_trace::{Limits, Request, Setting, Synthetic, Trace};

fn limits(bytes: u64, n_entries: usize) -> Limits {
    let entries = NonZeroUsize::new(n_entries).expect("the tests use limits over 0");
    Limits { bytes: ByteSize::from_bytes(bytes), entries }
}

fn request(key: u64, bytes: u64, cost_us: u64) -> Request {
    let cost = Duration::from_micros(cost_us);
    Request { key, bytes: ByteSize::from_bytes(bytes), cost }
}

fn entrant(name: &str) -> Entrant {
    entrants().into_iter().find(|entrant| entrant.name == name).unwrap()
}

/// Plays the main trace, or its beginning, under limits.
fn main_setting(n_requests: usize, limits: Limits) -> Setting {
    let synthetic = Synthetic { n_requests, ..Synthetic::default() };
    Setting::new(Arc::new(synthetic.trace("synthetic")), limits)
}

/// Plays a script like `a=3 b=4`, sizes in bytes and a cost of 1 µs each.
#[track_caller]
fn check(name: &str, limits: Limits, script: &str, expected: &Expect) {
    let parse = |word: &str| {
        let (key, bytes) = word.split_once('=').unwrap();
        request(key.as_bytes()[0].into(), bytes.parse().unwrap(), 1)
    };
    let requests = script.split(' ').map(parse).collect();
    let trace = Arc::new(Trace { name: "script".to_owned(), requests });
    let score = entrant(name).play(&Setting::new(trace, limits));
    let Score { hits, hit_bytes, peak_bytes, peak_entries, .. } = score;
    expected.assert_eq(&format!(
        "{hits} hits of {hit_bytes}, peak {peak_bytes} in {peak_entries}"
    ));
}

#[test]
fn lru_evicts_the_oldest_by_either_limit() {
    check(
        "exact LRU",
        limits(10, 3),
        "a=1 b=1 c=1 a=1 d=1 a=1 b=1",
        &expect!["2 hits of 2 B, peak 3 B in 3"],
    );
    check(
        "exact LRU",
        limits(10, 9),
        "a=4 b=4 a=4 c=4 a=4 b=4",
        &expect!["2 hits of 8 B, peak 8 B in 2"],
    );
}

#[test]
fn lru_rejects_what_is_over_the_limit_and_keeps_the_others() {
    check(
        "exact LRU",
        limits(10, 9),
        "a=4 b=11 a=4",
        &expect!["1 hits of 4 B, peak 4 B in 1"],
    );
}

#[test]
fn a_changed_object_is_a_miss() {
    let script = "a=4 a=5 a=5 a=4";
    check("exact LRU", limits(10, 9), script, &expect!["1 hits of 5 B, peak 5 B in 1"]);
    check(
        "offline greedy",
        limits(10, 9),
        script,
        &expect!["1 hits of 5 B, peak 5 B in 1"],
    );
}

#[test]
fn the_bound_holds_only_what_is_asked_for_again() {
    check(
        "offline greedy",
        limits(10, 1),
        "a=4 b=4 c=4 b=4 a=4",
        &expect!["1 hits of 4 B, peak 4 B in 1"],
    );
}

#[test]
fn values_count_as_long_as_they_live() {
    let live = Arc::new(Live::default());
    let values = [3, 4].map(|bytes| Blob::new(ByteSize::from_bytes(bytes), &live));
    assert_eq!((live.bytes().bytes(), live.entries()), (7, 2));
    drop(values);
    assert_eq!((live.bytes().bytes(), live.entries()), (0, 0));
}

/// The same policy, written so that it is plainly right: a list, the latest use last.
struct NaiveLru(Limits, Vec<(u64, u64)>);

impl NaiveLru {
    fn access(&mut self, key: u64, bytes: u64) -> bool {
        let Self(limits, held) = self;
        let is_hit = held.contains(&(key, bytes));
        held.retain(|(other, _)| *other != key);
        if bytes <= limits.bytes.bytes() {
            held.push((key, bytes));
        }
        let sum = |held: &[(u64, u64)]| held.iter().map(|(_, bytes)| bytes).sum::<u64>();
        while limits.bytes.bytes() < sum(held) || limits.entries.get() < held.len() {
            held.remove(0);
        }
        is_hit
    }
}

proptest! {
    #[test]
    fn lru_is_that_of_a_naive_model(
        max_bytes in 0_u64..40,
        max_entries in 1_usize..8,
        accesses in vec((0_u64..12, 0_u64..3), 0..200),
    ) {
        let limits = limits(max_bytes, max_entries);
        let live = Arc::new(Live::default());
        let mut lru = ExactLru::new(limits);
        let mut naive = NaiveLru(limits, Vec::new());
        for (key, change) in accesses {
            // Most keys keep their size.
            let bytes = 1 + key + change / 2;
            let is_hit = lru.access(&request(key, bytes, 1), &live);
            prop_assert_eq!(is_hit, naive.access(key, bytes));
            prop_assert_eq!(live.entries(), naive.1.len());
        }
    }

    #[test]
    fn exact_contestants_keep_the_limits_on_any_trace(
        max_kib in 0_u64..40,
        max_entries in 1_usize..8,
        accesses in vec((0_u64..12, 0_u64..3, 0_u64..9), 1..100),
    ) {
        let requests = accesses
            .into_iter()
            .map(|(key, change, cost)| {
                // Most keys keep their size.
                request(key, 5000 * key + change / 2, cost)
            })
            .collect();
        let trace = Arc::new(Trace { name: "any".to_owned(), requests });
        let setting = Setting::new(trace, limits(max_kib << 10, max_entries));
        for entrant in entrants() {
            if matches!(entrant.kind, Kind::Peer | Kind::Loose) {
                continue;
            }
            let score = entrant.play(&setting);
            prop_assert!(score.is_within(setting.limits), "{}: {score:?}", entrant.name);
        }
    }
}

#[test]
fn the_bound_saves_more_than_any_who_does_not_know_the_future() {
    for limits in [limits(256 << 20, 50), limits(256 << 20, 400)] {
        let setting = main_setting(20_000, limits);
        let bound = entrant("offline greedy").play(&setting);
        assert!(bound.is_within(limits), "{bound:?}");
        for Entrant { name, kind, .. } in entrants() {
            if !matches!(kind, Kind::Bound | Kind::Loose) {
                let score = entrant(name).play(&setting);
                assert!(score.saved < bound.saved, "{name}: {score:?}, bound: {bound:?}");
            }
        }
    }
}

#[test]
fn our_lru_is_that_of_the_textbook() {
    // By entries alone: in bytes it also counts what it keeps for an entry itself.
    let setting = main_setting(20_000, limits(1 << 40, 400));
    let [ours, textbook] =
        ["safelight LRU", "exact LRU"].map(|name| entrant(name).play(&setting));
    assert_eq!(ours, textbook);
}

#[test]
fn our_default_saves_more_than_lru() {
    for limits in [limits(256 << 20, 50), limits(256 << 20, 400)] {
        let setting = main_setting(20_000, limits);
        let [default, lru] = ["safelight cost-aware", "safelight LRU"]
            .map(|name| entrant(name).play(&setting));
        assert!(lru.saved.mul_f64(1.2) < default.saved, "{lru:?}, {default:?}");
    }
}

#[test]
fn a_score_adds_up() {
    let setting = main_setting(5000, limits(256 << 20, 400));
    let totals = setting.trace.totals();
    for entrant in entrants() {
        let score = entrant.play(&setting);
        assert_eq!(score.requests, 5000);
        assert_eq!(score.cost, totals.cost);
        assert!(0 < score.hits && score.hits < score.requests, "{score:?}");
        assert!(score.saved < score.cost && score.hit_bytes < score.bytes, "{score:?}");
        for share in [score.hit_ratio(), score.byte_hit_ratio(), score.saved_share()] {
            assert!((0.0..1.0).contains(&share.get()), "{share}");
        }
    }
}

#[test]
fn what_is_timed_does_happen() {
    // It panics where it does not.
    let clock = ManualClock::new();
    for n_entries in [1, 2, 50, 2000] {
        let n_entries = NonZeroUsize::new(n_entries).unwrap();
        assert_eq!(halve(n_entries, &clock), Duration::ZERO);
        assert_eq!(weak_return(n_entries, &clock), Duration::ZERO);
    }
}
