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
        // At 1098.3 MB it has 90.2 minutes left.
        let left = time_to_limit.unwrap().as_secs_f64() / 60.0;
        assert!((0.9 * 90.2..=1.1 * 90.2).contains(&left), "{left}");
    }
    let ramp = |idx| 100.0 + 10.0 * minutes(idx);
    let seen = verdict(ramp);
    let Verdict::Leak { per_minute, time_to_limit } = seen else { panic!("{seen:?}") };
    assert!((9_990_000..10_010_000).contains(&per_minute.bytes()));
    let left = time_to_limit.unwrap().as_secs_f64() / 60.0;
    assert!((left - (8000.0 - ramp(59)) / 10.0).abs() < 1.0, "{left}");
}

#[test]
fn m08_without_a_limit_there_is_no_time_to_it() {
    let seen = verdict_of(60, 0.0, |idx| 1000.0 + 10.0 * minutes(idx));
    assert!(matches!(seen, Verdict::Leak { time_to_limit: None, .. }), "{seen:?}");
}

const N_SEEDS: u64 = 500;

/// Says of how many seeds, in per cent, something is seen in noise of 50 MB.
fn rate(
    name: &str,
    used_mb: impl Fn(u64, usize) -> f64,
    seen: fn(Verdict) -> bool,
) -> f64 {
    let n = (1..=N_SEEDS).filter(|seed| {
        let mut noise = Noise(*seed);
        let noise: Vec<f64> = (0..60).map(|_| noise.next() * 50.0).collect();
        seen(verdict(|idx| 1000.0 + used_mb(*seed, idx) + noise[idx]))
    });
    let rate = n.count() as f64 / N_SEEDS as f64 * 100.0;
    println!("{name}: {rate:.1} % of {N_SEEDS} seeds");
    rate
}

/// A step by 1.5 GB, at another time with each seed.
fn step(seed: u64, idx: usize) -> f64 {
    if 5 + seed as usize % 51 <= idx { 1500.0 } else { 0.0 }
}

fn is_leak(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Leak { .. })
}

#[test]
fn m08_leaks_are_found_and_what_is_none_is_not_called_one() {
    let flat = rate("flat noise called anything", |_, _| 0.0, |v| v != Verdict::Flat);
    let stepped = rate("step called a leak", step, is_leak);
    let leak = |_, idx| 5.0 * idx as f64;
    let found = rate("leak found", leak, is_leak);
    let beside =
        rate("leak found beside a step", |s, i| leak(s, i) + step(s, i), is_leak);
    let saw = |_, idx| (idx % 10) as f64 * 40.0;
    let periodic = rate("what comes and goes called a leak", saw, is_leak);
    assert!(flat <= 0.0 && stepped <= 6.0 && periodic <= 0.0);
    assert!(95.0 <= found && 95.0 <= beside);
    assert_eq!(verdict(|_| 700.0), Verdict::Flat);
}

#[test]
fn m08_one_step_is_told_with_its_height() {
    for seed in 1..=200 {
        let mut noise = Noise(seed);
        let noise: Vec<f64> = (0..60).map(|_| noise.next() * 50.0).collect();
        match verdict(|idx| 1000.0 + noise[idx] + step(seed, idx)) {
            Verdict::Step { from, to } => {
                let by = (to.bytes() - from.bytes()) as f64 / MB;
                assert!((1380.0..1620.0).contains(&by), "{by}");
            }
            // How often that is so is asserted above.
            Verdict::Leak { .. } => {}
            seen => panic!("{seen:?}"),
        }
    }
    // Down and up, without noise.
    for at in 5..56 {
        for (before, after) in [(2500, 1000), (1000, 2500)] {
            let heights = [f64::from(before), f64::from(after)];
            let seen = verdict(|idx| heights[usize::from(at <= idx)]);
            let [from, to] = heights.map(|mb| ByteSize::from_bytes((mb * MB) as u64));
            assert_eq!(seen, Verdict::Step { from, to }, "{at}");
        }
    }
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
