use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use safelight_core::{Clock, SystemClock};

use crate::Profiler;

/// What measuring itself costs, measured on this machine with a profiler like the given one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overhead {
    /// One run of an operation, without CPU readings.
    pub per_run: Duration,
    /// One pair of CPU readings; zero where there is no clock for them.
    pub per_cpu_reading: Duration,
}

impl Overhead {
    /// Measures for about ten milliseconds; nothing is added to any recording.
    pub fn measure(profiler: &Profiler) -> Self {
        const N_RUNS: u32 = 20_000;
        const N_READINGS: u32 = 2_000;
        let plain = profiler.twin_without_cpu();
        let operation = plain.operation("empty");
        let per_run = best_of(N_RUNS, || operation.measure(|| black_box(())));
        let per_cpu_reading = match profiler.cpu() {
            Some(clock) => {
                let pair = || (clock.thread_cpu(), clock.thread_cpu());
                best_of(N_READINGS, || {
                    black_box(pair());
                })
            }
            None => Duration::ZERO,
        };
        Self { per_run, per_cpu_reading }
    }
}

/// Returns the mean time of a call in the best of some rounds, since noise only adds.
fn best_of(n: u32, mut call: impl FnMut()) -> Duration {
    const N_ROUNDS: u32 = 5;
    let mut round = || {
        let start: Instant = SystemClock.now();
        (0..n).for_each(|_| call());
        (SystemClock.now() - start) / n
    };
    (0..N_ROUNDS).map(|_| round()).min().unwrap_or_default()
}
