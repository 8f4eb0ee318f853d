//! What a hit gives, and what of it comes back.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use safelight_cache::{
    Cache, Class, Key, Limits, Operation, Pinned, Policy, SourceId, Weigh,
};
use safelight_core::{ByteSize, Consumer, ManualClock, Pressure};

fn cache(n_entries: usize) -> Cache<u32, Vec<u8>> {
    let limits = Limits { entries: Some(n_entries), ..Limits::default() };
    Cache::builder().limits(limits).policy(Policy::Lru).build()
}

#[test]
fn c06_a_hit_is_the_same_arc_by_every_way() {
    let cache = cache(10);
    let first = cache.get_or_compute(1, || vec![7; 1000]);
    let ways = [
        cache.get(&1).unwrap(),
        cache.get(&1).unwrap(),
        cache.get_or_compute(1, || unreachable!("it is there")),
        cache.try_get_or_compute(1, || Err("it is there")).unwrap(),
        std::thread::scope(|scope| scope.spawn(|| cache.get(&1)).join())
            .unwrap()
            .unwrap(),
    ];
    assert!(ways.iter().all(|way| Arc::ptr_eq(way, &first)));
    assert_eq!(cache.stats().n_hits, 5);
}

#[test]
fn c06_the_caller_cannot_change_the_cached_value() {
    let cache = cache(10);
    let mut mine = cache.get_or_compute(1, || vec![7]);
    assert!(Arc::get_mut(&mut mine).is_none());
    Arc::make_mut(&mut mine).push(8);
    assert_eq!(*cache.get(&1).unwrap(), [7]);
}

#[test]
fn c07_evicted_but_held_comes_back_and_then_is_gone() {
    let cache = cache(1);
    let held = cache.get_or_compute(1, || vec![1; 1000]);
    cache.insert(2, vec![2]);
    assert_eq!(cache.keys(), [2]);
    assert!(cache.contains(&1), "it would come back");
    assert!(Arc::ptr_eq(&cache.get(&1).unwrap(), &held));
    assert_eq!(cache.stats().n_resurrected, 1);
    assert_eq!(cache.keys(), [1], "it took its place again");
    assert!(Arc::ptr_eq(&cache.get(&1).unwrap(), &held));
    assert_eq!(cache.stats().n_resurrected, 1, "now it is an ordinary hit");
    let pixels = Arc::downgrade(&held);
    drop(held);
    cache.insert(2, vec![2]);
    assert!(pixels.upgrade().is_none(), "nothing keeps the pixels alive");
    assert!(cache.get(&1).is_none() && !cache.contains(&1));
    let stats = cache.stats();
    assert_eq!((stats.n_hits, stats.n_misses), (2, 2));
}

#[test]
fn c07_a_removed_value_never_comes_back() {
    type Remove = fn(&Cache<u32, Vec<u8>>);
    let ways: [Remove; 4] = [
        |cache| drop(cache.remove(&1)),
        |cache| drop(cache.insert(1, vec![9])),
        |cache| cache.clear(),
        |cache| cache.set_limits(Class::Bulk, Limits::ZERO),
    ];
    for remove in ways {
        for is_evicted_first in [false, true] {
            let cache = cache(1);
            let held = cache.get_or_compute(1, || vec![1]);
            if is_evicted_first {
                cache.insert(2, vec![2]);
            }
            remove(&cache);
            let now = cache.get(&1);
            assert!(now.is_none_or(|now| !Arc::ptr_eq(&now, &held)));
        }
    }
}

#[test]
fn c07_a_value_that_was_not_kept_is_found_while_it_is_held() {
    let cache: Cache<u32, Vec<u8>> =
        Cache::builder().limits(Limits { entries: Some(1), ..Limits::default() }).build();
    cache.insert_with_cost(1, vec![1], Duration::from_secs(9));
    let held = cache.insert_with_cost(2, vec![2], Duration::from_nanos(9));
    assert_eq!((cache.keys(), cache.stats().n_refused), (vec![1], 1));
    assert!(Arc::ptr_eq(&cache.get(&2).unwrap(), &held));
    drop(held);
    assert!(cache.get(&2).is_none());
}

#[test]
fn c09_the_time_to_live_is_checked_on_read() {
    let clock = ManualClock::new();
    let ttl = Duration::from_mins(1);
    let cache: Cache<u32, Vec<u8>> =
        Cache::builder().ttl(ttl).clock(clock.clone()).build();
    let held = cache.get_or_compute(1, || vec![1]);
    clock.advance(Duration::new(59, 999_999_999));
    assert!(cache.get(&1).is_some() && cache.contains(&1));
    clock.advance(Duration::from_nanos(1));
    assert!(!cache.contains(&1));
    assert!(cache.get(&1).is_none(), "also while somebody holds it");
    assert_eq!(cache.stats().evictions.n_expired, 1);
    assert_eq!(cache.usage().n_entries, 0);
    drop(held);
    let loaded_again = cache.get_or_compute(1, || vec![2]);
    assert_eq!(*loaded_again, [2]);
    assert_eq!(cache.stats().n_loads, 2);
    clock.advance(ttl);
    drop(loaded_again);
    assert!(ByteSize::ZERO < cache.trim(Pressure::Normal), "what is over goes first");
}

#[test]
fn c09_negative_and_none_like_values_are_values() {
    let cache: Cache<&str, Option<String>> = Cache::default();
    assert!(cache.get_or_compute("camera", || None).is_none());
    assert!(cache.get_or_compute("camera", || unreachable!("it is known")).is_none());
    let checks: Cache<u8, Result<u32, String>> = Cache::default();
    checks.insert(1, Err("not an image".to_owned()));
    assert_eq!(*checks.get(&1).unwrap(), Err("not an image".to_owned()));
    let units: Cache<u8, ()> = Cache::default();
    units.insert(1, ());
    assert!(units.get(&1).is_some());
}

#[test]
fn time_saved_is_what_the_loads_took() {
    let clock = ManualClock::new();
    let cache: Cache<u32, Vec<u8>> = Cache::builder().clock(clock.clone()).build();
    let load = || {
        clock.advance(Duration::from_millis(30));
        vec![1]
    };
    for _ in 0..4 {
        cache.get_or_compute(1, load);
    }
    cache.insert_with_cost(2, vec![2], Duration::from_millis(5));
    cache.insert(3, vec![3]);
    drop([cache.get(&2), cache.get(&3)]);
    let stats = cache.stats();
    assert_eq!(stats.load_time, Duration::from_millis(30));
    assert_eq!(stats.time_saved, Duration::from_millis(3 * 30 + 5));
    assert_eq!(stats.mean_load(), Some(Duration::from_millis(30)));
    assert_eq!(stats.hit_ratio().unwrap().to_string(), "83 %");
}

#[test]
fn warming_stops_when_no_more_fits_and_evicts_nothing() {
    let cache = cache(3);
    cache.insert(7, vec![7]);
    let mut loaded = Vec::new();
    let warmed = cache.warm([7, 1, 2, 3, 4], |key| {
        loaded.push(*key);
        if *key == 1 { Err("broken file") } else { Ok(vec![0]) }
    });
    assert_eq!(loaded, [1, 2, 3, 4]);
    assert_eq!((warmed.n_present, warmed.n_failed), (1, 1));
    assert_eq!((warmed.n_loaded, warmed.n_left), (2, 1));
    assert!(cache.contains(&7) && !cache.contains(&4));
    assert_eq!(cache.stats().evictions.n_capacity, 0);
}

#[test]
fn warming_goes_on_after_a_value_that_is_too_large() {
    let cache: Cache<u32, Vec<u8>> = Cache::new(ByteSize::mib(1));
    let warmed = cache.warm([1, 2, 3], |key| {
        Ok::<_, String>(vec![0; if *key == 1 { 2 << 20 } else { 10 }])
    });
    assert_eq!((warmed.n_loaded, warmed.n_left), (2, 1));
}

#[test]
fn c07_what_cannot_come_back_is_not_contained() {
    let cache = cache(1);
    let held = cache.get_or_compute(1, || vec![1]);
    cache.set_limits(Class::Bulk, Limits::ZERO);
    assert!(!cache.contains(&1) && cache.get(&1).is_none(), "{held:?}");
}

/// The last holder may be the cache itself, for a moment.
#[test]
fn a_value_that_calls_its_cache_when_it_is_dropped_does_no_harm() {
    thread_local! {
        static CACHE: Cache<u32, Caller> = Cache::default();
    }
    struct Caller;
    impl Weigh for Caller {
        fn heap(&self) -> ByteSize {
            ByteSize::ZERO
        }
    }
    impl Drop for Caller {
        fn drop(&mut self) {
            let _ = CACHE.try_with(Cache::usage);
        }
    }
    CACHE.with(|cache| {
        for key in 0..100 {
            cache.insert(key, Caller);
        }
        cache.remove(&99);
        cache.insert(98, Caller);
        cache.set_limits(Class::Bulk, Limits { entries: Some(3), ..Limits::default() });
        cache.reclaim(ByteSize::from_bytes(1));
        cache.clear();
        assert_eq!(cache.usage().n_entries, 0);
    });
}

#[test]
fn keys_are_listed_the_most_worth_first() {
    let cache = cache(5);
    for key in [1, 2, 3] {
        cache.insert(key, vec![0]);
    }
    assert_eq!(cache.keys(), [3, 2, 1]);
}

#[test]
fn a_handle_is_a_shared_cache_and_borrowed_keys_find_owned_ones() {
    let cache: Cache<String, Vec<u8>> = Cache::default();
    let other = cache.clone();
    other.insert("tree.jpg".to_owned(), vec![1]);
    assert!(cache.contains("tree.jpg"));
    assert!(cache.get("tree.jpg").is_some());
    assert!(cache.pin("tree.jpg").is_some());
    assert!(cache.remove("tree.jpg").is_some());
    assert!(cache.get("tree.jpg").is_none());
}

#[test]
fn a_value_of_any_weight_is_taken() {
    struct Huge;
    impl Weigh for Huge {
        fn heap(&self) -> ByteSize {
            ByteSize::MAX
        }
    }
    let limits = Limits { bytes: ByteSize::MAX, entries: None };
    let cache = Cache::builder().limits(limits).build();
    cache.insert(1, Huge);
    cache.insert(2, Huge);
    assert!(cache.usage().n_entries <= 1);
}

#[test]
fn a_replaced_value_keeps_how_often_its_key_was_asked_for() {
    let limits = Limits { entries: Some(2), ..Limits::default() };
    let cache: Cache<u32, Vec<u8>> = Cache::builder().limits(limits).build();
    let cost = Duration::from_millis(1);
    cache.insert_with_cost(1, vec![1], cost);
    cache.insert_with_cost(2, vec![2], cost);
    for _ in 0..50 {
        cache.get(&1);
    }
    cache.insert_with_cost(1, vec![3], cost);
    for key in 3..10 {
        cache.insert_with_cost(key, vec![4], cost);
        cache.insert_with_cost(key, vec![5], cost);
    }
    assert_eq!(*cache.get(&1).unwrap(), [3]);
}

#[test]
fn c09_what_is_out_of_time_holds_no_room() {
    let clock = ManualClock::new();
    let ttl = Duration::from_mins(1);
    let limits = Limits { entries: Some(1), ..Limits::default() };
    let cache: Cache<u32, Vec<u8>> =
        Cache::builder().limits(limits).ttl(ttl).clock(clock.clone()).build();
    cache.insert_with_cost(1, vec![1], Duration::from_secs(9));
    clock.advance(ttl);
    cache.insert_with_cost(2, vec![2], Duration::from_nanos(1));
    assert_eq!(cache.keys(), [2]);
}

#[test]
fn costs_without_bounds_do_not_overflow() {
    let cache: Cache<u32, Vec<u8>> = Cache::default();
    cache.insert_with_cost(1, vec![1], Duration::MAX);
    for _ in 0..3 {
        cache.get(&1);
    }
    assert!(Duration::from_secs(1 << 33) < cache.stats().time_saved);
}

#[test]
fn a_value_whose_drop_panics_gives_its_room_free() {
    struct Bad(bool);
    impl Weigh for Bad {
        fn heap(&self) -> ByteSize {
            ByteSize::ZERO
        }
    }
    impl Drop for Bad {
        fn drop(&mut self) {
            assert!(!self.0, "it is bad");
        }
    }
    let limits = Limits { entries: Some(1), ..Limits::default() };
    let cache = Cache::builder().limits(limits).policy(Policy::Lru).build();
    cache.insert(1, Bad(true));
    let panic = catch_unwind(AssertUnwindSafe(|| drop(cache.insert(2, Bad(false)))));
    assert!(panic.is_err());
    cache.insert(3, Bad(false));
    assert_eq!(cache.keys(), [3]);
}

#[test]
fn a_value_that_inserts_when_it_is_dropped_does_not_wait_for_itself() {
    thread_local! {
        static CACHE: Cache<u32, Caller> = Cache::builder()
            .limits(Limits { entries: Some(1), ..Limits::default() })
            .policy(Policy::Lru)
            .build();
    }
    struct Caller(u32);
    impl Weigh for Caller {
        fn heap(&self) -> ByteSize {
            ByteSize::ZERO
        }
    }
    impl Drop for Caller {
        fn drop(&mut self) {
            if self.0 == 1 {
                CACHE.with(|cache| drop(cache.insert(7, Self(7))));
            }
        }
    }
    CACHE.with(|cache| {
        cache.insert(1, Caller(1));
        cache.insert(2, Caller(2));
        assert_eq!(cache.usage().n_entries, 1);
    });
}

#[test]
fn c07_those_that_come_back_again_and_again_leave_no_trace() {
    let cache = cache(5);
    let held: Vec<_> = (0..100).map(|key| cache.insert(key, vec![1])).collect();
    for _ in 0..100 {
        for key in 0..100 {
            assert!(cache.get(&key).is_some());
        }
    }
    assert_eq!(cache.stats().n_hits, 10_000);
    drop(held);
    (100..200).for_each(|key| drop(cache.insert(key, vec![1])));
    assert!((0..100).all(|key| !cache.contains(&key)));
}

#[test]
fn c04_a_file_that_is_rewritten_in_place_is_a_miss() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("photo.jpg");
    let cache: Cache<Key<u32>, Vec<u8>> = Cache::default();
    let read = |width| {
        let source = SourceId::file(&path).unwrap();
        let key = Key::new(source, Operation::new("read", 1), width);
        cache.try_get_or_compute(key, || std::fs::read(&path)).unwrap()
    };
    std::fs::write(&path, "one").unwrap();
    assert_eq!(*read(320), *b"one");
    assert_eq!(*read(320), *b"one");
    assert_eq!(*read(640), *b"one");
    std::fs::write(&path, "two").unwrap();
    assert_eq!(*read(320), *b"two");
    assert_eq!((cache.stats().n_loads, cache.stats().n_hits), (3, 1));
}

#[test]
fn a_pin_is_on_the_value_that_it_gives() {
    let cache = cache(2);
    cache.insert(1, vec![1]);
    let pinned = cache.pin(&1).unwrap();
    assert_eq!((*Pinned::key(&pinned), pinned[0]), (1, 1));
    assert!(Arc::ptr_eq(Pinned::value(&pinned), &cache.get(&1).unwrap()));
    cache.set_limits(Class::Bulk, Limits::ZERO);
    assert!(cache.pin(&1).is_none(), "the cache does not own it any more");
}
