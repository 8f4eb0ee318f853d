//! Half an hour of a machine's memory, simulated: bursts, a leak, and a cache beside them.
//!
//! Everything that is not the cache uses what a seed says. The cache fills by what is asked
//! of it and lets go of less than all at once, and each [`Controller`] tells it what it may
//! hold.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use safelight_core::{ByteSize, Clock, Consumer, ManualClock, Share, Traits};
use safelight_memory_manager::{Config, Control, Permits, Reading, Rule};

/// What the machine has, in MiB.
pub const LIMIT_MIB: f64 = 8192.0;

/// How long it is simulated.
pub const LENGTH: Duration = Duration::from_mins(30);

const MOST_MIB: f64 = 4096.0;
const FLOOR_MIB: f64 = 128.0;
const TICK: Duration = Duration::from_millis(100);
const N_TICKS: usize = 18_000;

/// A cache grows by what is asked for, and lets go of less than all at once.
const FILLED_IN_TICK: f64 = 15.0;
const EVICTED_IN_TICK: f64 = 400.0;

/// A part of the limit, above which the system is in trouble.
const LINES: [f64; 2] = [0.85, 0.95];

/// What became of a run, or of several on average.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// What the cache held on average.
    pub cache_mib: f64,
    /// Seconds above 85 % used, without those in which an empty cache would not have helped.
    pub seconds_above_85: f64,
    /// The same above 95 %.
    pub seconds_above_95: f64,
    /// How often what the cache may hold turned from less to more or back.
    pub n_reversals: f64,
}

/// A way to tell the cache what it may hold.
#[derive(Clone, Copy, Debug)]
pub struct Controller {
    /// What it is called.
    pub name: &'static str,
    run: fn(&[f64]) -> Outcome,
}

/// Looks each five seconds, cuts above 75 %, and never gives back: the predecessor's rule.
pub const ONLY_CUTS: Controller =
    Controller { name: "cuts above 75 %, each 5 s", run: only_cuts };

/// Looks often, and gives back as soon as there is room.
pub const GROWS_BACK: Controller =
    Controller { name: "cuts above 75 %, grows below, each 0.5 s", run: grows_back };

/// Ours by default: a fifth of what is available.
pub const AVAILABLE: Controller =
    Controller { name: "Safelight, 20 % of what is available", run: available };

/// Ours for programs whose work takes permits.
pub const HEADROOM: Controller =
    Controller { name: "Safelight, headroom to 80 %", run: headroom };

impl Controller {
    /// Runs it on what others use with each of these seeds; returns the average.
    pub fn run(&self, seeds: Range<u64>) -> Outcome {
        let n = (seeds.end - seeds.start) as f64;
        let mut mean = Outcome::default();
        for run in seeds.map(|seed| (self.run)(&others(seed))) {
            mean.cache_mib += run.cache_mib / n;
            mean.seconds_above_85 += run.seconds_above_85 / n;
            mean.seconds_above_95 += run.seconds_above_95 / n;
            mean.n_reversals += run.n_reversals / n;
        }
        mean
    }
}

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

/// Lets the cache follow what `budget` says each tick, in MiB.
fn simulate(others: &[f64], mut budget: impl FnMut(f64, f64) -> f64) -> Outcome {
    let (mut held, mut outcome) = (1500.0_f64, Outcome::default());
    let (mut last, mut direction) = (MOST_MIB, 0.0_f64);
    for others in others {
        let budget = budget(others + held, held);
        if 1.0 < (budget - last).abs() {
            let turned = (budget - last).signum();
            outcome.n_reversals += f64::from(u8::from(turned * direction < 0.0));
            direction = turned;
        }
        last = budget;
        held = if budget < held {
            held - (held - budget).min(EVICTED_IN_TICK)
        } else {
            held + (budget - held).min(FILLED_IN_TICK)
        };
        outcome.cache_mib += held / N_TICKS as f64;
        let [above_85, above_95] = LINES.map(|line| {
            // Where others alone are above the line no budget helps.
            let line = line * LIMIT_MIB;
            let is_above = others + FLOOR_MIB <= line && line < others + held;
            if is_above { TICK.as_secs_f64() } else { 0.0 }
        });
        outcome.seconds_above_85 += above_85;
        outcome.seconds_above_95 += above_95;
    }
    outcome
}

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

fn grows_back(others: &[f64]) -> Outcome {
    let (mut tick, mut budget) = (0, MOST_MIB);
    simulate(others, |used, held| {
        if tick % 5 == 0 {
            budget = if 0.75 * LIMIT_MIB < used {
                (budget.min(held) * 0.8).max(FLOOR_MIB)
            } else {
                (budget * 1.2).min(MOST_MIB)
            };
        }
        tick += 1;
        budget
    })
}

fn available(others: &[f64]) -> Outcome {
    ours(others, Config::default())
}

fn headroom(others: &[f64]) -> Outcome {
    let rule = Rule::Headroom(Share::new(0.8));
    ours(others, Config { rule, ..Config::default() })
}

fn ours(others: &[f64], config: Config) -> Outcome {
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
