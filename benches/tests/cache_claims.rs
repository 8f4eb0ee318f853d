//! What the cache claims of its default policy and of the time that it saves.

use std::time::Duration;

use safelight_benches::{
    cache_contest::entrants,
    cache_trace::{Setting, settings},
};
use safelight_cache::{Cache, Limits, Weigh};
use safelight_core::{ByteSize, Clock, ManualClock};

/// Plays a setting to one of our policies; returns the time that its hits saved.
fn saved(policy: &str, setting: &Setting) -> Duration {
    let entrants = entrants();
    let entrant = entrants.iter().find(|entrant| entrant.name == policy);
    entrant.expect("it is one of ours").play(setting).saved
}

#[test]
fn c11_the_default_policy_beats_lru_on_the_traces() {
    for setting in settings().iter().step_by(3) {
        let (ours, lru) =
            (saved("safelight cost-aware", setting), saved("exact LRU", setting));
        assert!(lru < ours, "{}: {ours:?} against {lru:?}", setting.name);
    }
}

/// A value that only says what it weighs.
struct Sized(ByteSize);

impl Weigh for Sized {
    fn heap(&self) -> ByteSize {
        self.0
    }
}

#[test]
fn c11_the_time_saved_is_that_of_a_replay_with_and_without_the_cache() {
    let setting = &settings()[0];
    let requests = &setting.trace.requests[..20_000];
    let clock = ManualClock::new();
    let limits = Limits {
        bytes: setting.limits.bytes,
        entries: Some(setting.limits.entries.get()),
    };
    let cache: Cache<u64, Sized> =
        Cache::builder().limits(limits).clock(clock.clone()).build();
    let without: Duration = requests.iter().map(|request| request.cost).sum();
    let start = clock.now();
    for request in requests {
        cache.get_or_compute(request.key, || {
            clock.advance(request.cost);
            Sized(request.bytes)
        });
    }
    let with = clock.now() - start;
    let stats = cache.stats();
    assert!(Duration::ZERO < stats.time_saved);
    assert_eq!(without.checked_sub(with), Some(stats.time_saved));
}
