//! Leaks are found, and what is none is not called one.

use std::time::Duration;

use safelight_core::{ByteSize, Clock, ManualClock};
use safelight_memory_manager::{Trend, Verdict};

const MB: f64 = 1e6;
const EVERY: Duration = Duration::from_secs(10);

/// Numbers between -1 and 1, the same ones each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

/// Tells what becomes of use in MB at each sample.
fn verdict(used_mb: impl Fn(usize) -> f64) -> Verdict {
    verdict_of(Trend::N_SAMPLES, 8000.0, used_mb)
}

fn verdict_of(n: usize, limit_mb: f64, used_mb: impl Fn(usize) -> f64) -> Verdict {
    let (clock, mut trend) = (ManualClock::new(), Trend::new(EVERY));
    for idx in 0..n {
        trend.push(clock.now(), ByteSize::from_bytes((used_mb(idx) * MB) as u64));
        clock.advance(EVERY);
    }
    trend.verdict(ByteSize::from_bytes((limit_mb * MB) as u64))
}

fn minutes(idx: usize) -> f64 {
    idx as f64 / 6.0
}

#[test]
fn m08_a_ramp_is_a_leak_with_its_slope_and_the_time_to_the_limit() {
    for (seed, noise_mb) in [(1, 0.0), (2, 1.0), (3, 5.0), (4, 5.0)] {
        let mut noise = Noise(seed);
        let noise: Vec<f64> = (0..60).map(|_| noise.next() * noise_mb).collect();
        let seen =
            verdict_of(60, 2000.0, |idx| 1000.0 + 10.0 * minutes(idx) + noise[idx]);
        let Verdict::Leak { per_minute, time_to_limit } = seen else {
            panic!("{seen:?}")
        };
        let per_minute = per_minute.bytes() as f64 / MB;
        assert!((9.0..=11.0).contains(&per_minute), "{per_minute}");
        // At 1098 MB it has 90 minutes left.
        let left = time_to_limit.unwrap().as_secs_f64() / 60.0;
        assert!((81.0..=100.0).contains(&left), "{left}");
    }
    let seen = verdict(|idx| 100.0 + 10.0 * minutes(idx));
    let Verdict::Leak { per_minute, .. } = seen else { panic!("{seen:?}") };
    assert!((9_990_000..10_010_000).contains(&per_minute.bytes()));
}

#[test]
fn m08_flat_noise_is_no_trend() {
    let mut n_leaks = 0;
    for seed in 1..=200 {
        let mut noise = Noise(seed);
        let noise: Vec<f64> = (0..60).map(|_| noise.next() * 50.0).collect();
        n_leaks += u32::from(verdict(|idx| 1000.0 + noise[idx]) != Verdict::Flat);
    }
    assert_eq!(n_leaks, 0);
    assert_eq!(verdict(|_| 700.0), Verdict::Flat);
}

#[test]
fn m08_one_step_is_not_a_leak() {
    let mut n_false = 0;
    for seed in 1..=200 {
        let mut noise = Noise(seed);
        let at = 5 + seed as usize % 51;
        let noise: Vec<f64> = (0..60).map(|_| noise.next() * 50.0).collect();
        let used = |idx| 1000.0 + noise[idx] + if at <= idx { 1500.0 } else { 0.0 };
        match verdict(used) {
            Verdict::Step { from, to } => {
                let by = (to.bytes() - from.bytes()) as f64 / MB;
                assert!((1380.0..1620.0).contains(&by), "{by}");
            }
            Verdict::Leak { .. } => n_false += 1,
            seen => panic!("{seen:?}"),
        }
    }
    assert!(n_false <= 2, "{n_false} of 200");
    // Down, and without noise.
    for at in 5..56 {
        let seen = verdict(|idx| if idx < at { 2500.0 } else { 1000.0 });
        let step = Verdict::Step {
            from: ByteSize::from_bytes(2_500_000_000),
            to: ByteSize::from_bytes(1_000_000_000),
        };
        assert_eq!(seen, step, "{at}");
    }
}

#[test]
fn m08_leaks_are_found_in_noise_and_beside_a_step() {
    let mut n_found = [0, 0];
    for seed in 1..=200 {
        let mut noise = Noise(seed);
        let at = 5 + seed as usize % 51;
        let noise: Vec<f64> = (0..60).map(|_| noise.next() * 50.0).collect();
        for (kind, height) in [0.0, 1500.0].into_iter().enumerate() {
            let step = |idx| if at <= idx { height } else { 0.0 };
            let seen = verdict(|idx| 1000.0 + 5.0 * idx as f64 + noise[idx] + step(idx));
            n_found[kind] += u32::from(matches!(seen, Verdict::Leak { .. }));
        }
    }
    assert!(190 <= n_found[0] && 190 <= n_found[1], "{n_found:?} of 200");
}

#[test]
fn m08_what_comes_and_goes_is_periodic() {
    for seed in 0..50 {
        let mut noise = Noise(seed + 1);
        let noise: Vec<f64> = (0..60).map(|_| noise.next() * 50.0).collect();
        for noise_share in [0.0, 1.0] {
            let saw = |idx| 1000.0 + (idx % 10) as f64 * 40.0 + noise_share * noise[idx];
            let period = Duration::from_secs(100);
            assert_eq!(verdict(saw), Verdict::Periodic { period });
        }
    }
}

#[test]
fn m08_few_samples_tell_nothing_and_old_ones_are_forgotten() {
    let ramp = |idx| 1000.0 + 10.0 * minutes(idx);
    let n = Trend::N_FEWEST;
    assert_eq!(verdict_of(n - 1, 8000.0, ramp), Verdict::Unknown);
    assert!(matches!(verdict_of(n, 8000.0, ramp), Verdict::Leak { .. }));
    // It leaked once, for an hour.
    let ended = |idx: usize| ramp(idx.min(360));
    assert_eq!(verdict_of(360 + Trend::N_SAMPLES, 8000.0, ended), Verdict::Flat);
    // Samples that come too often are not kept, so that the window stays as long.
    let (clock, mut trend) = (ManualClock::new(), Trend::new(EVERY));
    for idx in 0..60_000 {
        let used = 1000.0 + 10.0 * f64::from(idx) / 6000.0;
        trend.push(clock.now(), ByteSize::from_bytes((used * MB) as u64));
        clock.advance(Duration::from_millis(10));
    }
    assert!(matches!(trend.verdict(ByteSize::gib(8)), Verdict::Leak { .. }));
    // It is past the limit already.
    let seen = trend.verdict(ByteSize::mib(1));
    assert!(matches!(seen, Verdict::Leak { time_to_limit: Some(Duration::ZERO), .. }));
}
