//! Half an hour of bursts and a leak, simulated, beside the rule that only cuts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use safelight_core::{ByteSize, Clock, Consumer, ManualClock, Share, Traits};
use safelight_memory_manager::{Config, Control, Permits, Reading, Rule};

const LIMIT_MIB: f64 = 8192.0;
const MOST_MIB: f64 = 4096.0;
const FLOOR_MIB: f64 = 128.0;
const TICK: Duration = Duration::from_millis(100);
const N_TICKS: usize = 18_000;

/// A cache grows by what is asked for, and lets go of less than all at once.
const FILLED_IN_TICK: f64 = 15.0;
const EVICTED_IN_TICK: f64 = 400.0;

/// Numbers from 0 to 1, the same ones each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.next()
    }
}

/// What all but the cache uses, in MiB: it wanders, leaks, and has a burst each minute.
fn others(seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    let mut level = 1800.0_f64;
    let mut used: Vec<f64> = (0..N_TICKS)
        .map(|tick| {
            level = (level + random.between(-10.0, 10.0)).clamp(1400.0, 2600.0);
            let leaked = (tick % 9000) as f64 / 10.0;
            level + leaked + random.between(-14.0, 14.0)
        })
        .collect();
    for start in 0..N_TICKS {
        if random.next() < 1.0 / 600.0 {
            let height = random.between(600.0, 3200.0);
            let rise = random.between(10.0, 60.0);
            let hold = random.between(50.0, 400.0);
            for (age, used) in used[start..].iter_mut().enumerate() {
                let age = age as f64;
                let fall = (age - rise - hold).max(0.0) / 20.0;
                *used += height * (age / rise).min(1.0) * (1.0 - fall).max(0.0);
            }
        }
    }
    used
}

/// What became of it.
#[derive(Debug, Default)]
struct Outcome {
    cache_mib: f64,
    seconds_above_85: f64,
}

/// Lets the cache follow what `budget` says each tick, in MiB.
fn simulate(others: &[f64], mut budget: impl FnMut(f64, f64) -> f64) -> Outcome {
    let (mut held, mut outcome) = (1500.0_f64, Outcome::default());
    for others in others {
        let budget = budget(others + held, held);
        held = if budget < held {
            held - (held - budget).min(EVICTED_IN_TICK)
        } else {
            held + (budget - held).min(FILLED_IN_TICK)
        };
        outcome.cache_mib += held / N_TICKS as f64;
        // Where others alone are above the line no budget helps.
        let line = 0.85 * LIMIT_MIB;
        if others + FLOOR_MIB <= line && line < others + held {
            outcome.seconds_above_85 += TICK.as_secs_f64();
        }
    }
    outcome
}

/// Looks each five seconds, cuts above 75 %, and never gives back.
fn only_cuts(others: &[f64]) -> Outcome {
    let (mut tick, mut budget) = (0, MOST_MIB);
    simulate(others, |used, held| {
        if tick % 50 == 0 && 0.75 * LIMIT_MIB < used {
            budget = (budget.min(held) * 0.8).max(FLOOR_MIB);
        }
        tick += 1;
        budget
    })
}

/// Is told what it holds, and remembers what it may.
#[derive(Default)]
struct Cache {
    held: AtomicU64,
    budget: AtomicU64,
}

impl Consumer for Cache {
    fn usage(&self) -> ByteSize {
        ByteSize::from_bytes(self.held.load(SeqCst))
    }

    fn set_budget(&self, budget: ByteSize) {
        self.budget.store(budget.bytes(), SeqCst);
    }

    fn reclaim(&self, _: ByteSize) -> ByteSize {
        ByteSize::ZERO
    }
}

fn bytes(mib: f64) -> ByteSize {
    ByteSize::from_bytes((mib * f64::from(1 << 20)) as u64)
}

fn ours(others: &[f64]) -> Outcome {
    let rule = Rule::Headroom(Share::new(0.8));
    let config = Config { rule, ..Config::default() };
    let permits = Permits::new(bytes(LIMIT_MIB));
    let cache = Arc::new(Cache::default());
    let traits = Traits { floor: bytes(FLOOR_MIB), ..Traits::default() };
    let _registered = permits.register(Arc::clone(&cache), traits, bytes(MOST_MIB));
    let mut control = Control::new(permits, config);
    let clock = ManualClock::new();
    simulate(others, |used, held| {
        cache.held.store(bytes(held).bytes(), SeqCst);
        let reading = Reading { limit: bytes(LIMIT_MIB), used: bytes(used) };
        control.step(&reading, clock.now());
        clock.advance(TICK);
        cache.budget.load(SeqCst) as f64 / f64::from(1 << 20)
    })
}

#[test]
fn m07_half_an_hour_keeps_more_and_is_less_often_above_the_line() {
    let mut sums = [Outcome::default(), Outcome::default()];
    for seed in 1..=10 {
        let others = others(seed);
        for (sum, run) in sums.iter_mut().zip([only_cuts(&others), ours(&others)]) {
            sum.cache_mib += run.cache_mib / 10.0;
            sum.seconds_above_85 += run.seconds_above_85 / 10.0;
        }
    }
    println!("{sums:?}");
    let [only_cuts, ours] = sums;
    assert!(2.5 * only_cuts.cache_mib <= ours.cache_mib);
    assert!(5.0 * ours.seconds_above_85 <= only_cuts.seconds_above_85);
}
