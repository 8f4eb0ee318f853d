//! What is measured, and what counts as a bottleneck.

use std::{hint::black_box, time::Duration};

use safelight::{
    Config,
    profiler::{Analysis, Profiler},
};
use safelight_core::{Clock, ManualClock};

use crate::{WORK, bare, start};

pub(crate) fn runs_measured(config: &Config) -> String {
    let safelight = start(bare(config));
    safelight.run(WORK, 1, || 1_u8).expect("there is room");
    match safelight.profiler() {
        Some(profiler) => format!("{} run", profiler.recording().n_runs("work")),
        None => "no profiler".to_owned(),
    }
}

/// A profiler to which runs are told.
struct Script {
    profiler: Profiler,
    clock: ManualClock,
    cpu: ManualClock,
}

impl Script {
    fn new() -> Self {
        let (clock, cpu) = (ManualClock::new(), ManualClock::new());
        let (origin, spent) = (cpu.now(), cpu.clone());
        let builder = Profiler::builder().clock(clock.clone());
        let profiler = builder.cpu_clock(move || Some(spent.now() - origin)).build();
        Self { profiler, clock, cpu }
    }

    /// Runs on a square image for these times; `cores` of it is CPU time.
    fn run(&self, name: &str, side: u32, wall_us: &[u64], cores: f64) {
        for wall in wall_us.iter().copied().map(Duration::from_micros) {
            self.profiler.operation(name).pixels(side, side).measure(|| {
                self.clock.advance(wall);
                self.cpu.advance(wall.mul_f64(cores));
            });
        }
    }
}

pub(crate) fn findings(config: &Config) -> String {
    const MS: u64 = 1000;
    let script = Script::new();
    script.run("slow", 64, &[600 * MS; 9], 0.0);
    let walls = [400, 450, 499, 502, 560, 580, 590, 600, 610];
    script.run("unsure", 64, &walls.map(|wall| wall * MS), 0.0);
    script.run("busy", 64, &[100 * MS; 9], 0.9);
    script.run("brief", 64, &[MS; 9], 1.0);
    for side in [128, 256, 512, 1024] {
        let pixels = f64::from(side) * f64::from(side);
        // With a noise of 2 %.
        let noisy = |n: u32| 1.0 + 0.004 * f64::from(n * 7 % 11);
        let wall = |n| (pixels.powf(1.5) * 2e-4 * noisy(n)) as u64;
        script.run("steep", side, &[0, 1, 2, 3, 4, 5, 6, 7, 8].map(wall), 0.0);
    }
    for _ in 0..9 {
        let operation = script.profiler.operation("large");
        operation.measure(|| drop(black_box(Vec::<u8>::with_capacity(3_000_000))));
    }
    let rules = config.profiler.as_ref().expect("it is on");
    let analysis = Analysis::new(&script.profiler.recording(), rules);
    let found = analysis.findings.iter();
    let found = found.map(|found| format!("{} {}", found.operation, found.kind.name()));
    found.collect::<Vec<_>>().join(", ")
}
