//! Ten minutes of a program's memory, seeded, and what is said of it.

use std::time::Duration;

use safelight_core::{ByteSize, Clock, ManualClock};
use safelight_memory_manager::{Trend, Verdict};

const MB: f64 = 1e6;
const EVERY: Duration = Duration::from_secs(10);

/// A kind of series, and whether memory is lost in it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What it is called.
    pub name: &'static str,
    /// Whether a leak is the truth.
    pub is_leak: bool,
    /// What is added to noise of 50 MB at a sample; the second is where something happens.
    at: fn(f64, f64) -> f64,
}

/// Every kind; a step is one of 1.5 GB, at any sample.
pub const KINDS: [Kind; 5] = [
    Kind { name: "flat", is_leak: false, at: |_, _| 0.0 },
    Kind { name: "step", is_leak: false, at: step },
    Kind { name: "sawtooth", is_leak: false, at: |idx, _| (idx % 10.0) * 40.0 },
    Kind { name: "leak", is_leak: true, at: |idx, _| 5.0 * idx },
    Kind {
        name: "leak and step",
        is_leak: true,
        at: |idx, place| 5.0 * idx + step(idx, place),
    },
];

/// What part of the series of a kind was called a leak.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// By [`Trend`].
    pub ours: f64,
    /// By the slope of the line of least squares, where it is above half that of our leaks.
    pub least_squares: f64,
}

fn step(idx: f64, place: f64) -> f64 {
    if place <= idx { 1500.0 } else { 0.0 }
}

impl Kind {
    /// Asks for a verdict on so many series.
    pub fn rates(&self, n_series: u64) -> Rates {
        let (mut ours, mut least_squares) = (0, 0);
        for seed in 1..=n_series {
            let series = self.series(seed);
            ours += u64::from(matches!(verdict(&series), Verdict::Leak { .. }));
            least_squares += u64::from(2.5 < slope(&series));
        }
        let share = |n: u64| n as f64 / n_series as f64;
        Rates { ours: share(ours), least_squares: share(least_squares) }
    }

    /// Makes the samples of a seed, in MB.
    fn series(&self, seed: u64) -> Vec<f64> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let place = (random() * Trend::N_SAMPLES as f64).floor();
        let one = |idx: usize| {
            1000.0 + (2.0 * random() - 1.0) * 50.0 + (self.at)(idx as f64, place)
        };
        (0..Trend::N_SAMPLES).map(one).collect()
    }
}

fn verdict(series: &[f64]) -> Verdict {
    let (clock, mut trend) = (ManualClock::new(), Trend::new(EVERY));
    for used in series {
        trend.push(clock.now(), ByteSize::from_bytes((used * MB) as u64));
        clock.advance(EVERY);
    }
    trend.verdict(ByteSize::gib(16))
}

/// The slope of the line of least squares, in MB a sample.
fn slope(series: &[f64]) -> f64 {
    let n = series.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let mean = series.iter().sum::<f64>() / n;
    let (mut above, mut below) = (0.0, 0.0);
    for (idx, value) in series.iter().enumerate() {
        let from_middle = idx as f64 - middle;
        above += from_middle * (value - mean);
        below += from_middle * from_middle;
    }
    above / below
}
