//! The cache beside a naive model of it, for any sequence of calls.

use std::time::Duration;

use proptest::prelude::*;
use safelight_cache::{Cache, Class, Limits, Policy, Weigh};
use safelight_core::{ByteSize, ManualClock};

/// A value that weighs whole MiB in the cache.
#[derive(Clone, Debug, PartialEq)]
struct Blob {
    mib: u64,
    version: u32,
}

impl Weigh for Blob {
    fn heap(&self) -> ByteSize {
        let own = Cache::<u8, Self>::OVERHEAD + ByteSize::from_len(size_of::<Self>());
        ByteSize::mib(self.mib) - own
    }
}

#[derive(Clone, Debug)]
enum Call {
    Insert(u8, u64),
    Compute(u8, u64),
    Get(u8),
    Remove(u8),
    RemoveOdd,
    Clear,
    Resize(u64, Option<usize>),
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let key = 0..12u8;
    let mib = 1..6u64;
    let call = prop_oneof![
        6 => (key.clone(), mib.clone()).prop_map(|(key, mib)| Call::Insert(key, mib)),
        6 => (key.clone(), mib).prop_map(|(key, mib)| Call::Compute(key, mib)),
        6 => key.clone().prop_map(Call::Get),
        2 => key.prop_map(Call::Remove),
        1 => Just(Call::RemoveOdd),
        1 => Just(Call::Clear),
        2 => (0..20u64, prop::option::of(0..8usize))
            .prop_map(|(mib, n)| Call::Resize(mib, n)),
    ];
    prop::collection::vec(call, 0..80)
}

/// What an exact cache with least-recently-used eviction does, in the plainest way.
struct Model {
    /// The latest use last.
    entries: Vec<(u8, Blob)>,
    max_mib: u64,
    max_entries: usize,
    n_requests: u64,
    n_hits: u64,
    n_oversize: u64,
}

impl Model {
    fn mib(&self) -> u64 {
        self.entries.iter().map(|(_, blob)| blob.mib).sum()
    }

    fn get(&mut self, key: u8) -> Option<Blob> {
        self.n_requests += 1;
        let idx = self.entries.iter().position(|(known, _)| *known == key)?;
        let entry = self.entries.remove(idx);
        self.entries.push(entry.clone());
        self.n_hits += 1;
        Some(entry.1)
    }

    fn insert(&mut self, key: u8, blob: Blob) {
        self.entries.retain(|(known, _)| *known != key);
        if self.max_mib < blob.mib || self.max_entries == 0 {
            self.n_oversize += 1;
            return;
        }
        self.shrink(self.max_mib - blob.mib, self.max_entries - 1);
        self.entries.push((key, blob));
    }

    fn shrink(&mut self, max_mib: u64, max_entries: usize) {
        while max_mib < self.mib() || max_entries < self.entries.len() {
            self.entries.remove(0);
        }
    }

    fn resize(&mut self, max_mib: u64, entries: Option<usize>) {
        (self.max_mib, self.max_entries) = (max_mib, entries.unwrap_or(usize::MAX));
        self.shrink(self.max_mib, self.max_entries);
    }
}

/// Runs the calls on a cache; returns what each gave, and checks what always holds.
fn run(
    policy: Policy,
    calls: &[Call],
    mut check: impl FnMut(&Cache<u8, Blob>, &Call, Option<Blob>),
) {
    let clock = ManualClock::new();
    let limits = Limits { bytes: ByteSize::mib(10), entries: Some(4) };
    let cache =
        Cache::builder().limits(limits).policy(policy).clock(clock.clone()).build();
    for (version, call) in (0..).zip(calls) {
        let answer = match *call {
            Call::Insert(key, mib) => {
                cache.insert(key, Blob { mib, version });
                None
            }
            Call::Compute(key, mib) => Some(cache.get_or_compute(key, || {
                clock.advance(Duration::from_millis(mib * 10));
                Blob { mib, version }
            })),
            Call::Get(key) => cache.get(&key),
            Call::Remove(key) => cache.remove(&key),
            Call::RemoveOdd => {
                cache.remove_matching(|key| key % 2 == 1);
                None
            }
            Call::Clear => {
                cache.clear();
                None
            }
            Call::Resize(mib, entries) => {
                let limits = Limits { bytes: ByteSize::mib(mib), entries };
                cache.set_limits(Class::Bulk, limits);
                None
            }
        };
        check(&cache, call, answer.map(|blob| (*blob).clone()));
    }
}

proptest! {
    #[test]
    fn c01_c02_c11_lru_is_the_model(calls in calls()) {
        let mut model = Model {
            entries: Vec::new(), max_mib: 10, max_entries: 4,
            n_requests: 0, n_hits: 0, n_oversize: 0,
        };
        let mut version = 0;
        run(Policy::Lru, &calls, |cache, call, answer| {
            let expected = match *call {
                Call::Insert(key, mib) => {
                    model.insert(key, Blob { mib, version });
                    None
                }
                Call::Compute(key, mib) => Some(model.get(key).unwrap_or_else(|| {
                    let blob = Blob { mib, version };
                    model.insert(key, blob.clone());
                    blob
                })),
                Call::Get(key) => model.get(key),
                Call::Remove(key) => {
                    let idx = model.entries.iter().position(|(known, _)| *known == key);
                    idx.map(|idx| model.entries.remove(idx).1)
                }
                Call::RemoveOdd => {
                    model.entries.retain(|(key, _)| key % 2 == 0);
                    None
                }
                Call::Clear => {
                    model.entries.clear();
                    None
                }
                Call::Resize(mib, entries) => {
                    model.resize(mib, entries);
                    None
                }
            };
            assert_eq!(answer, expected, "{call:?}");
            version += 1;
            let usage = cache.usage();
            assert_eq!(usage.bytes, ByteSize::mib(model.mib()), "{call:?}");
            assert_eq!(usage.n_entries, model.entries.len(), "{call:?}");
            let known: Vec<u8> = model.entries.iter().map(|(key, _)| *key).collect();
            assert!(known.iter().all(|key| cache.contains(key)), "{call:?}");
            let stats = cache.stats();
            assert_eq!(stats.n_requests(), model.n_requests);
            assert_eq!(stats.n_hits, model.n_hits);
            assert_eq!(stats.n_oversize, model.n_oversize);
        });
    }

    /// What holds for any policy: the values are those put last, and the sums are right.
    #[test]
    fn c01_c02_sums_hold_for_the_cost_aware_policy(calls in calls()) {
        let mut latest = vec![None::<Blob>; 12];
        let (mut max_mib, mut max_entries) = (10, 4);
        let mut n_requests = 0;
        let mut version = 0;
        run(Policy::CostAware, &calls, |cache, call, answer| {
            match *call {
                Call::Insert(key, mib) => {
                    latest[usize::from(key)] = Some(Blob { mib, version });
                }
                Call::Compute(key, mib) => {
                    n_requests += 1;
                    let fresh = Blob { mib, version };
                    let answer = answer.expect("it is computed if it is not there");
                    let known = &mut latest[usize::from(key)];
                    assert!(answer == fresh || Some(&answer) == known.as_ref());
                    *known = Some(answer);
                }
                Call::Get(key) => {
                    n_requests += 1;
                    let known = &latest[usize::from(key)];
                    assert!(answer.is_none() || answer == *known, "{answer:?}");
                }
                Call::Remove(key) => latest[usize::from(key)] = None,
                Call::RemoveOdd => {
                    // Those that were evicted before cannot come back, nobody holds them.
                    let odd = latest.iter_mut().skip(1).step_by(2);
                    odd.for_each(|known| *known = None);
                }
                Call::Clear => latest.fill(None),
                Call::Resize(mib, entries) => {
                    (max_mib, max_entries) = (mib, entries.unwrap_or(usize::MAX));
                }
            }
            version += 1;
            let held = (0..12u8).filter(|key| cache.contains(key));
            let held: Vec<u64> = held
                .map(|key| latest[usize::from(key)].as_ref().expect("it was put").mib)
                .collect();
            let usage = cache.usage();
            assert_eq!(usage.bytes, ByteSize::mib(held.iter().sum()));
            assert_eq!(usage.n_entries, held.len());
            assert!(usage.bytes <= ByteSize::mib(max_mib), "{usage:?}");
            assert!(usage.n_entries <= max_entries, "{usage:?}");
            let stats = cache.stats();
            assert_eq!(stats.n_requests(), n_requests);
        });
    }
}

#[test]
fn c01_the_second_value_takes_the_place_of_the_first() {
    let cache: Cache<u8, Blob> = Cache::default();
    cache.insert(1, Blob { mib: 3, version: 1 });
    cache.insert(1, Blob { mib: 5, version: 2 });
    assert_eq!(cache.get(&1).unwrap().version, 2);
    assert_eq!(cache.usage().n_entries, 1);
    assert_eq!(cache.usage().bytes, ByteSize::mib(5));
}
