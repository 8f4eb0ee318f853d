//! Advice that is followed, once for each kind, to see whether it keeps what it promises.

use std::{
    io::Write,
    num::NonZeroU64,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use safelight_benches::photo_set::{self, FileFormat};
use safelight_core::{Clock, SystemClock};
use safelight_imaging::{Fit, Format, Layout, Source, Target, ThumbnailOptions};
use safelight_profiler::{Advice, AdviceKind, Analysis, Profiler, Quantity, SizeCost};

use super::{
    document::Trial,
    inputs::{Input, Inputs},
    measure::operation_name,
    progress::Stage,
    settings::Settings,
};
use crate::{image_operation::ImageOperation, say::say};

/// A trial runs its operation this often each way.
const N_RUNS: u32 = 4;

/// Follows one piece of advice of each kind, those that fit into the time.
pub(super) fn run(
    analysis: &Analysis,
    settings: &Settings,
    inputs: &Inputs,
    budget: Duration,
    interrupted: &AtomicBool,
) -> Vec<Trial> {
    let stage = Stage::open("trying the advice", budget);
    let mut trials: Vec<Trial> = Vec::new();
    let mut candidates: Vec<(Duration, &Advice)> =
        analysis.advice.iter().filter_map(|a| Some((cost_of(a, analysis)?, a))).collect();
    // The longest shows most; those that need a smaller file made come last.
    candidates
        .sort_by_key(|(cost, advice)| (needs_a_file(advice), std::cmp::Reverse(*cost)));
    for (cost, advice) in candidates {
        let is_tried = |trial: &Trial| {
            (trial.kind.as_str(), trial.unit.as_str())
                == (advice.kind.name(), advice.before.unit())
        };
        let left = budget.saturating_sub(stage.elapsed());
        let part = if needs_a_file(advice) { 1.0 } else { 0.35 };
        if interrupted.load(Relaxed)
            || left.mul_f64(part) < cost
            || trials.iter().any(is_tried)
        {
            continue;
        }
        stage.show(&advice.to_string());
        match follow(advice, settings, inputs) {
            Ok(trial) => trials.extend(trial),
            Err(error) => say(format_args!("advice not tried: {advice}: {error:#}")),
        }
        stage.step();
    }
    trials
}

/// A trial shows the direction; more threads than this would only take more memory.
const MAX_WORKERS: usize = 4;

fn workers(advised: usize) -> usize {
    advised.min(MAX_WORKERS)
}

/// Returns how many runs give each worker as many as the others.
fn runs_on(n_workers: usize) -> u32 {
    N_RUNS.next_multiple_of(u32::try_from(n_workers).unwrap_or(1))
}

fn needs_a_file(advice: &Advice) -> bool {
    matches!(advice.kind, AdviceKind::LimitPixels { .. })
}

/// Returns about how long a trial takes, or `None` for advice of another kind.
fn cost_of(advice: &Advice, analysis: &Analysis) -> Option<Duration> {
    let cost = analysis.operations.iter().find(|cost| cost.name == advice.operation)?;
    let is_meant = |size: &&SizeCost| Some(size.dimensions) == advice.dimensions;
    let one = cost.sizes.iter().find(is_meant)?.wall?.mean;
    match advice.kind {
        AdviceKind::Parallelize { n_workers } => {
            Some(one * runs_on(workers(n_workers)) * 2)
        }
        // Making a smaller file takes a decode and an encode, PNG being the slowest.
        AdviceKind::LimitPixels { .. } => Some(one * (N_RUNS + 6)),
        _ => None,
    }
}

fn follow(
    advice: &Advice,
    settings: &Settings,
    inputs: &Inputs,
) -> Result<Option<Trial>> {
    let Some((what, input)) = subject(advice, settings, inputs) else { return Ok(None) };
    let (change, before, predicted, after) = match advice.kind {
        AdviceKind::Parallelize { n_workers } => {
            let n_workers = workers(n_workers);
            let runs = runs_on(n_workers);
            let before = in_turn(what, input, settings, runs)?;
            let after = at_once(what, input, settings, runs, n_workers)?;
            let predicted = before.as_nanos() as f64 / n_workers as f64;
            let change = format!("{runs} runs on {n_workers} threads");
            (change, before.as_nanos() as f64, predicted, after.as_nanos() as f64)
        }
        AdviceKind::LimitPixels { max_pixels } => {
            let max_pixels = NonZeroU64::new(max_pixels).context("no pixel is left")?;
            let before = measure(what, input, settings, advice.before)?;
            let (_guard, smaller) = shrink(input, max_pixels)?;
            let after = measure(what, &smaller, settings, advice.before)?;
            let (width, height) = smaller.size;
            (format!("image of {width}x{height}"), before, advice.after.number(), after)
        }
        _ => return Ok(None),
    };
    let (kind, unit) = (advice.kind.name().to_owned(), advice.before.unit().to_owned());
    let (width, height) = input.size;
    let subject = format!("{} {width}x{height}", advice.operation);
    Ok(Some(Trial { kind, subject, change, unit, before, predicted, after }))
}

/// Finds a file on which the advice was given.
fn subject<'a>(
    advice: &Advice,
    settings: &Settings,
    inputs: &'a Inputs,
) -> Option<(ImageOperation, &'a Input)> {
    let largest = advice.dimensions?.largest;
    let pairs =
        settings.ops.iter().flat_map(|what| inputs.files.iter().map(|i| (*what, i)));
    let is_meant = |(what, input): &(ImageOperation, &Input)| {
        operation_name(*what, input) == advice.operation && input.size == largest
    };
    pairs.into_iter().find(is_meant)
}

fn once(what: ImageOperation, input: &Input, settings: &Settings) -> Result<()> {
    let source = Source::open(&input.path)?;
    what.run(source, input.format, settings.thumbnail)?;
    Ok(())
}

fn in_turn(
    what: ImageOperation,
    input: &Input,
    settings: &Settings,
    n_runs: u32,
) -> Result<Duration> {
    let start = SystemClock.now();
    (0..n_runs).try_for_each(|_| once(what, input, settings))?;
    Ok(SystemClock.now() - start)
}

fn at_once(
    what: ImageOperation,
    input: &Input,
    settings: &Settings,
    n_runs: u32,
    n_workers: usize,
) -> Result<Duration> {
    let share = n_runs / u32::try_from(n_workers)?;
    let start = SystemClock.now();
    thread::scope(|scope| {
        let work = || in_turn(what, input, settings, share);
        let workers: Vec<_> = (0..n_workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(result) => result.map(drop),
            Err(_) => bail!("a worker panicked"),
        })
    })?;
    Ok(SystemClock.now() - start)
}

/// Returns the median time or peak heap of some runs, as `like` is a time or a size.
fn measure(
    what: ImageOperation,
    input: &Input,
    settings: &Settings,
    like: Quantity,
) -> Result<f64> {
    let profiler = Profiler::new();
    let operation = profiler.operation("trial");
    for _ in 0..N_RUNS {
        operation.try_measure(|| once(what, input, settings))?;
    }
    let analysis = Analysis::new(&profiler.recording(), &settings.rules);
    let size = &analysis.operations[0].sizes[0];
    match like {
        Quantity::Bytes(_) => {
            let heap = size.heap.context("the heap is not measured")?;
            Ok(heap.peak.value.number())
        }
        _ => Ok(size.wall.context("no run succeeded")?.median.value.number()),
    }
}

/// Makes a file of the same picture and format with at most so many pixels.
fn shrink(input: &Input, max_pixels: NonZeroU64) -> Result<(tempfile::TempPath, Input)> {
    let (width, height) = (f64::from(input.size.0), f64::from(input.size.1));
    let scale = (max_pixels.get() as f64 / (width * height)).sqrt().min(1.0);
    let scaled = |side: f64| ((side * scale).floor() as u32).max(1);
    let fit = Fit::inside(scaled(width), scaled(height));
    let options = ThumbnailOptions::default();
    let pixels = safelight_imaging::thumbnail(Source::open(&input.path)?, fit, &options)?;
    if pixels.layout() != Layout::Rgb8 {
        bail!("only RGB images are made smaller here");
    }
    let (new_width, new_height) = (pixels.width(), pixels.height());
    let encode = |format| photo_set::encode(pixels.data(), new_width, new_height, format);
    let bytes = match input.format {
        // The encoder of the generated files would take seconds here.
        Format::Png => {
            let mut bytes = Vec::new();
            safelight_imaging::encode(&pixels, Target::Png, &mut bytes)?;
            bytes
        }
        Format::Jpeg => encode(FileFormat::Jpeg)?,
        _ => encode(FileFormat::WebP)?,
    };
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(&bytes)?;
    let path = file.into_temp_path();
    let encoded_bytes = bytes.len() as u64;
    let size = (new_width, new_height);
    let smaller =
        Input { path: path.to_path_buf(), size, encoded_bytes, ..input.clone() };
    Ok((path, smaller))
}
