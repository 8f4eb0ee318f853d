//! The program under test: it joins a group, and decodes images there until it has done all
//! jobs or is killed.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use safelight_alloc::{Span, purge};
use safelight_core::{ByteSize, Clock, SystemClock};
use safelight_imaging::{Limits, Pixels, Source, Target, decode, encode, inspect};

use super::{
    keeper::{Keeper, Preview, STEP, Watch},
    progress::Progress,
    scenario::{Arrival, Scenario},
};
use crate::status::Status;

/// What the command that starts it says.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The file by which a group is joined.
    door: PathBuf,
    /// The scenario, as JSON.
    scenario: String,
}

/// The quality with which a job encodes what it has decoded.
const QUALITY: u8 = 85;

/// How long the cache may take to become full before the first burst.
const FILL_UP: Duration = Duration::from_secs(5);

/// From one preview to the next, while jobs run.
const FILL_EVERY: Duration = Duration::from_millis(20);

/// Joins the group, and runs the scenario in it.
pub(crate) fn run(arguments: &Arguments) -> Result<Status> {
    let scenario: Scenario = serde_json::from_str(&arguments.scenario)?;
    // Before anything is allocated that should count.
    fs::write(&arguments.door, process::id().to_string())
        .with_context(|| format!("cannot join by {}", arguments.door.display()))?;
    let (keeper, watch) = Keeper::new(scenario.arm, scenario.limit());
    let pipeline = Pipeline {
        scenario,
        keeper,
        n_previews: AtomicU64::new(0),
        tally: Mutex::default(),
        is_over: AtomicBool::new(false),
    };
    pipeline.run(watch);
    let progress = Progress { is_final: true, ..pipeline.tally().progress() };
    tell(&progress);
    Ok(if progress.error.is_none() { Status::Ok } else { Status::Failed })
}

struct Pipeline {
    scenario: Scenario,
    keeper: Keeper,
    n_previews: AtomicU64,
    tally: Mutex<Tally>,
    is_over: AtomicBool,
}

/// The figures so far.
#[derive(Default)]
struct Tally {
    progress: Progress,
    /// Whether the first burst has come.
    has_begun: bool,
    cache_sum: u128,
    n_looks: u128,
}

impl Tally {
    fn progress(&self) -> Progress {
        let mean = self.cache_sum.checked_div(self.n_looks);
        let cache_mean_bytes = mean.and_then(|mean| u64::try_from(mean).ok());
        Progress { cache_mean_bytes, ..self.progress.clone() }
    }

    fn note(&mut self, error: &anyhow::Error) {
        self.progress.error.get_or_insert(format!("{error:#}"));
    }
}

impl Pipeline {
    fn run(&self, watch: Watch) {
        thread::scope(|scope| {
            scope.spawn(|| self.watch(watch));
            self.fill_up();
            scope.spawn(|| self.keep_full());
            self.tally().has_begun = true;
            let start = SystemClock.now();
            let mut jobs = Vec::new();
            for arrival in self.scenario.arrivals() {
                let at = start + arrival.at;
                pause(at.saturating_duration_since(SystemClock.now()));
                jobs.push(scope.spawn(move || self.take(&arrival, at)));
            }
            for job in jobs {
                if job.join().is_err() {
                    self.tally().note(&anyhow!("a job panicked"));
                }
            }
            self.is_over.store(true, Relaxed);
        });
    }

    /// Looks at memory until all is over, and tells each time how far it is.
    fn watch(&self, mut watch: Watch) {
        while !self.is_over.load(Relaxed) {
            watch.step(SystemClock.now());
            let held = self.keeper.previews.usage().bytes;
            let mut tally = self.tally();
            if tally.has_begun {
                tally.cache_sum += u128::from(held.bytes());
                tally.n_looks += 1;
            }
            let progress = tally.progress();
            drop(tally);
            tell(&progress);
            pause(STEP);
        }
    }

    /// Fills the cache before the first burst.
    fn fill_up(&self) {
        let start = SystemClock.now();
        let mut before = ByteSize::ZERO;
        while SystemClock.now() - start < FILL_UP {
            self.add_preview();
            let held = self.keeper.previews.usage().bytes;
            if held <= before {
                return;
            }
            before = held;
        }
    }

    /// Puts new previews in the cache, for which the oldest leave where it is full.
    fn keep_full(&self) {
        while !self.is_over.load(Relaxed) {
            self.add_preview();
            pause(FILL_EVERY);
        }
    }

    fn add_preview(&self) {
        let add = || -> Result<()> {
            let path = &self.scenario.preview;
            let permit = self.keeper.admit("preview", decoding_bytes(path)?)?;
            let (pixels, usage) = Span::measure(|| pixels(path));
            if let Some(permit) = &permit {
                permit.record_actual(ByteSize::from_bytes(usage.peak_bytes));
            }
            let number = self.n_previews.fetch_add(1, Relaxed);
            self.keeper.previews.insert(number, Preview(pixels?));
            Ok(())
        };
        if let Err(error) = add() {
            self.tally().note(&error);
        }
    }

    /// Does a job that came in at this time.
    fn take(&self, arrival: &Arrival, arrived: Instant) {
        let path = &self.scenario.photos[arrival.photo_idx];
        if let Err(error) = self.do_job(path, arrived) {
            self.tally().note(&error);
        }
    }

    fn do_job(&self, path: &Path, arrived: Instant) -> Result<()> {
        let declared = decoding_bytes(path)?;
        let permit = self.keeper.admit("photo", declared)?;
        let waited = SystemClock.now().saturating_duration_since(arrived);
        let mut tally = self.tally();
        tally.progress.n_begun += 1;
        tally.progress.waited_ns += u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        drop(tally);
        let (done, usage) = Span::measure(|| work(path));
        // The permit goes back only when the memory has: the allocator would keep the file,
        // which the decoder of JPEG reads as a whole.
        purge();
        done?;
        if let Some(permit) = &permit {
            permit.record_actual(ByteSize::from_bytes(usage.peak_bytes));
        }
        let ratio = usage.peak_bytes as f64 / declared.bytes() as f64;
        let progress = &mut self.tally().progress;
        progress.n_done += 1;
        let largest = progress.peak_ratio.map_or(ratio, |so_far| so_far.max(ratio));
        progress.peak_ratio = Some(largest);
        Ok(())
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decodes an image, and encodes it again from the pixels.
fn work(path: &Path) -> Result<()> {
    let pixels = pixels(path)?;
    encode(&pixels, Target::Jpeg { quality: QUALITY }, io::sink())?;
    Ok(())
}

fn pixels(path: &Path) -> Result<Pixels> {
    let limits = Limits { max_pixels: u64::MAX, ..Limits::default() };
    Ok(decode(Source::open(path)?, &limits)?)
}

fn decoding_bytes(path: &Path) -> Result<ByteSize> {
    Ok(inspect(Source::open(path)?)?.decoding_bytes)
}

/// Prints a line; where nobody reads any more, there is nothing to run for.
fn tell(progress: &Progress) {
    let line = serde_json::to_string(progress).expect("plain data becomes JSON");
    let mut stdout = io::stdout().lock();
    if writeln!(stdout, "{line}").and_then(|()| stdout.flush()).is_err() {
        process::exit(i32::from(Status::Failed as u8));
    }
}

#[expect(clippy::disallowed_methods, reason = "jobs come in at their times")]
fn pause(time: Duration) {
    thread::sleep(time);
}
