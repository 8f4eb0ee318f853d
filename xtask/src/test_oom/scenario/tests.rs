use std::path::PathBuf;

use expect_test::expect;
use safelight_core::ByteSize;

use super::{Arrival, BURST, BURST_EVERY, Scenario, cache_limit};
use crate::test_oom::{arm::Arm, files::PHOTO_PERCENT};

fn scenario(arm: Arm, seed: u64, n_jobs: usize) -> Scenario {
    Scenario {
        arm,
        limit_bytes: 512 << 20,
        seed,
        n_jobs,
        photos: vec![PathBuf::from("photo"); 8],
        preview: PathBuf::from("preview"),
    }
}

#[test]
fn m06_the_jobs_depend_on_the_seed_alone() {
    let arrivals = scenario(Arm::Thresholds, 1, 8).arrivals();
    assert_eq!(arrivals, scenario(Arm::Permits, 1, 8).arrivals());
    assert_ne!(arrivals, scenario(Arm::Permits, 2, 8).arrivals());
    let text = |a: &Arrival| format!("{} ms: photo {}\n", a.at.as_millis(), a.photo_idx);
    expect![[r"
        34 ms: photo 6
        48 ms: photo 4
        53 ms: photo 6
        67 ms: photo 5
        105 ms: photo 4
        116 ms: photo 3
        2552 ms: photo 1
        2554 ms: photo 4
    "]]
    .assert_eq(&arrivals.iter().map(text).collect::<String>());
}

#[test]
fn m06_jobs_come_in_bursts_in_the_order_of_their_times() {
    for seed in 0..100 {
        let arrivals = scenario(Arm::Permits, seed, 20).arrivals();
        assert_eq!(arrivals.len(), 20);
        assert!(arrivals.is_sorted_by_key(|arrival| arrival.at));
        for (idx, arrival) in arrivals.iter().enumerate() {
            let start = BURST_EVERY * (idx / BURST) as u32;
            assert!(start <= arrival.at && arrival.at < start + BURST_EVERY / 2);
            assert!(arrival.photo_idx < 8);
        }
    }
}

#[test]
fn m06_a_burst_is_more_than_the_limit_and_a_job_is_less() {
    let mean = PHOTO_PERCENT.iter().sum::<u64>() / PHOTO_PERCENT.len() as u64;
    assert!(100 < BURST as u64 * mean);
    assert!(PHOTO_PERCENT.iter().all(|percent| *percent <= 30));
    let limit = ByteSize::mib(500);
    assert_eq!(cache_limit(limit), ByteSize::mib(300));
}

#[test]
fn m06_the_program_under_test_reads_what_it_is_told() {
    let told = scenario(Arm::Reactive, u64::MAX, 3);
    let json = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Scenario>(&json).unwrap(), told);
}
