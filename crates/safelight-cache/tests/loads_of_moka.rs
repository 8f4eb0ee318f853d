//! What loads do in moka, and why ours are not moka's; see `docs/design.md`.
//!
//! These tests hold moka to what it does today. Where one fails after an update, the design
//! may be simpler.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    thread,
};

#[test]
fn a_load_of_moka_overwrites_a_value_that_is_newer() {
    let moka = moka::sync::Cache::new(10);
    let ours = safelight_cache::Cache::<u8, Vec<u8>>::default();
    moka.get_with(1, || {
        moka.insert(1, vec![2]);
        vec![1]
    });
    ours.get_or_compute(1, || {
        ours.insert(1, vec![2]);
        vec![1]
    });
    assert_eq!(moka.get(&1), Some(vec![1]), "the stale one");
    assert_eq!(*ours.get(&1).unwrap(), [2], "the one that was put there last");
}

#[test]
fn a_removal_does_not_reach_a_load_of_moka() {
    let moka = moka::sync::Cache::new(10);
    let ours = safelight_cache::Cache::<u8, Vec<u8>>::default();
    moka.get_with(1, || {
        moka.invalidate(&1);
        vec![1]
    });
    ours.get_or_compute(1, || {
        ours.remove(&1);
        vec![1]
    });
    assert_eq!(moka.get(&1), Some(vec![1]));
    assert_eq!(ours.get(&1), None);
}

#[test]
fn after_a_panic_every_caller_of_moka_does_the_work_again() {
    const N_CALLERS: u64 = 4;
    let n_loads = AtomicU64::new(0);
    let all = Barrier::new(N_CALLERS as usize);
    let moka = moka::sync::Cache::<u8, Arc<[u8]>>::new(10);
    thread::scope(|scope| {
        for _ in 0..N_CALLERS {
            scope.spawn(|| {
                all.wait();
                let answer = catch_unwind(AssertUnwindSafe(|| {
                    moka.get_with(1, || {
                        n_loads.fetch_add(1, SeqCst);
                        panic!("the decoder gave up")
                    })
                }));
                assert!(answer.is_err());
            });
        }
    });
    assert_eq!(n_loads.into_inner(), N_CALLERS);
}
