//! `cargo xtask profile`: what image operations cost on this machine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use jiff::Timestamp;
use safelight_core::{Clock, SystemClock};
use safelight_probe::CpuTimes;
use safelight_profiler::{Analysis, Overhead};

use crate::{
    environment::Environment,
    report_file::{self, default_dir, file_stamp},
    say::say,
    status::{Status, UsageError},
};

mod caching;
mod document;
mod inputs;
mod measure;
mod memory;
mod progress;
mod render;
mod replay;
mod settings;
mod together;
mod trials;

pub(crate) use self::settings::Arguments;
use self::{
    document::{Document, Run},
    inputs::Inputs,
    measure::Measurement,
    memory::Watch,
    settings::Settings,
};

/// Part of the time budget that goes into measuring; the rest tries out the advice.
const MEASURING_SHARE: f64 = 0.75;

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<Status> {
    let created = report_file::now();
    // Before the measuring: afterwards the load would be its own.
    let mut environment = Environment::read();
    let cpu_times = CpuTimes::read();
    let settings = Settings::new(arguments)?;
    if let Some(path) = &settings.output {
        report_file::check(path)?;
    }
    let interrupted = watch_for_ctrl_c()?;
    let inputs = Inputs::collect(&settings, &interrupted)?;
    if inputs.files.is_empty() && !interrupted.load(Relaxed) {
        let first = inputs.skipped.first();
        let reason = first.map(|file| format!(": {}: {}", file.path, file.reason));
        let paths = settings.input.iter().map(|path| path.display().to_string());
        let places = paths.collect::<Vec<_>>().join(", ");
        let reason = reason.unwrap_or_default();
        return Err(UsageError(format!("no image to measure in {places}{reason}")).into());
    }

    let watch = Watch::start();
    let start = SystemClock.now();
    let budget = settings.time_budget.mul_f64(MEASURING_SHARE);
    let mut measurement = Measurement::run(&settings, &inputs, budget, &interrupted);
    let measured = SystemClock.now() - start;
    let analysis = Analysis::new(&measurement.recording, &settings.rules);
    let memory = watch.finish(&analysis);

    let rest = settings.time_budget.saturating_sub(measured);
    let files = inputs.to_cache(|input| measurement.is_sound(input));
    let replay = replay::run(&settings, &files, rest / 3, &interrupted);
    let caching = caching::run(&settings, &files, rest / 3, &interrupted);
    let rest = settings.time_budget.saturating_sub(SystemClock.now() - start);
    let together = together::run(&settings, &files, rest / 2, &interrupted);
    let rest = settings.time_budget.saturating_sub(SystemClock.now() - start);
    let mut trials = trials::run(&analysis, &settings, &inputs, rest, &interrupted);
    trials.splice(0..0, replay.iter().flat_map(|replay| replay.trials.clone()));

    let overhead = Overhead::measure(&measurement.profiler);
    let mut skipped = inputs.skipped.clone();
    skipped.append(&mut measurement.skipped);
    environment.add_run(&cpu_times);
    let document = Document::new(
        environment,
        &analysis,
        Run {
            created,
            arguments: std::env::args().skip(1).collect(),
            interrupted: interrupted.load(Relaxed),
            n_rounds: measurement.n_rounds,
            n_unmeasured_files: measurement.n_unmeasured_files,
            measured,
        },
        document::Parts {
            files: document::files(&inputs, &measurement.findings),
            skipped,
            replay: replay.map(|replay| replay.report),
            caching,
            memory: Some(memory),
            together,
            trials,
            overhead,
        },
    );
    finish(&document, &settings, created)
}

/// Writes the report and prints what was asked for.
fn finish(
    document: &Document,
    settings: &Settings,
    created: Timestamp,
) -> Result<Status> {
    let default_name = || {
        let stamp = file_stamp(created);
        default_dir().join(format!("image_performance_profile_{stamp}.json"))
    };
    let path = settings.output.clone().unwrap_or_else(default_name);
    let written = report_file::write_json(&path, document);
    // The figures are shown even where the file could not be written.
    render::print(document, settings.format)?;
    written?;
    say(format_args!("report: {}", path.display()));
    if document.run.interrupted {
        say("interrupted: the report holds what was measured until then");
        return Ok(Status::Interrupted);
    }
    Ok(Status::Ok)
}

/// Sets a flag on the first Ctrl-C; the second one ends the process at once.
fn watch_for_ctrl_c() -> Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    let mut first = None;
    ctrlc::set_handler(move || {
        let now = SystemClock.now();
        let since = now - *first.get_or_insert(now);
        if flag.swap(true, Relaxed) {
            // One Ctrl-C may arrive twice, through a wrapper and through the terminal.
            if since < Duration::from_secs(1) {
                return;
            }
            std::process::exit(i32::from(Status::Interrupted as u8));
        }
        say("stopping: the report comes next, Ctrl-C again ends at once");
    })
    .context("cannot watch for Ctrl-C")?;
    Ok(interrupted)
}

/// Returns a time as whole nanoseconds.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
