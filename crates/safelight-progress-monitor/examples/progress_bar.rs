//! A job with a bar: the number of its parts grows while it runs.
//!
//! `cargo run --release -p safelight-progress-monitor --features terminal --example progress_bar`
//!
//! With its error stream in a file it writes plain lines instead.

use std::{env, hint::black_box, io::stderr};

use safelight_progress_monitor::{
    Collector, Colors, Config, ConfigError, Driver, Lines, Monitor, Sink, SystemClock,
    Terminal, TrackIterator,
};

/// Keeps a processor busy for some milliseconds.
fn work() -> u64 {
    (0..2_000_000_u64)
        .fold(1, |hash, n| black_box((hash ^ n).wrapping_mul(0x0100_0000_01b3)))
}

fn main() -> Result<(), ConfigError> {
    // The library reads no environment; programs do.
    let is_plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let terminal =
        Terminal::stderr(if is_plain { Colors::Plain } else { Colors::Colored });
    let sink: Box<dyn Sink> = if terminal.is_visible() {
        Box::new(terminal)
    } else {
        Box::new(Lines::new(stderr()))
    };

    let monitor = Monitor::new();
    let collector = Collector::new(&monitor, Config::default())?;
    let driver = Driver::start_with_process(collector, SystemClock, sink);
    let job = monitor.tracker("job");
    job.set_total(100);
    let rounds = job.child("rounds");
    for (idx, _) in (0..300).tracked(&job).enumerate() {
        if idx == 50 {
            job.set_total(300);
            job.message("there is more to do");
        }
        job.set_phase(if idx < 150 { "first half" } else { "second half" });
        for _ in 0..4 {
            black_box(rounds.tracked(work));
        }
    }
    // That of the collector is the sum of all trackers, here of jobs and rounds.
    let n_done = job.n_done();
    drop((rounds, job));
    let collector = driver.stop();
    println!("{n_done} done; the monitor held {}", collector.footprint());
    Ok(())
}
