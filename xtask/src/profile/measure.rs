use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use safelight_core::{Clock, SystemClock};
use safelight_imaging::{Code, Finding, Source};
use safelight_profiler::{Operation, Profiler, Recording};

use super::{
    document::Skipped,
    inputs::{Input, Inputs},
    progress::Stage,
    settings::Settings,
};
use crate::{image_operation::ImageOperation, status::describe};

/// A file gets this long in each round, or one run, so that fast operations get many runs.
const SLICE: Duration = Duration::from_millis(5);

/// Runs of one file in one round at most.
const MAX_RUNS: u32 = 40;

/// What was measured.
pub(super) struct Measurement {
    pub(super) profiler: Profiler,
    pub(super) recording: Recording,
    /// What validation found in each file.
    pub(super) findings: HashMap<PathBuf, Vec<Finding>>,
    /// Files that validation found to be broken.
    broken: HashSet<PathBuf>,
    /// Broken files, and operations that failed on a file.
    pub(super) skipped: Vec<Skipped>,
    pub(super) n_rounds: u32,
    pub(super) n_unmeasured_files: usize,
}

/// One operation on one file.
struct Task<'a> {
    input: &'a Input,
    what: ImageOperation,
    operation: Operation,
    has_failed: bool,
}

impl Measurement {
    /// Goes over all files in rounds until the time, or the number of rounds, is used up.
    ///
    /// Rounds spread what disturbs the machine over all operations.
    pub(super) fn run(
        settings: &Settings,
        inputs: &Inputs,
        budget: Duration,
        interrupted: &AtomicBool,
    ) -> Self {
        let profiler = Profiler::new();
        let mut measurement = Self {
            recording: Recording::default(),
            findings: HashMap::new(),
            broken: HashSet::new(),
            skipped: Vec::new(),
            n_rounds: 0,
            n_unmeasured_files: 0,
            profiler: profiler.clone(),
        };
        let mut tasks = tasks(&profiler, settings, inputs);
        // The time ends it, mostly long before the last round.
        let stage = Stage::open("measuring", budget);
        let mut n_started = 0;
        'rounds: for round in 1..=settings.max_rounds.get() {
            for (idx, task) in tasks.iter_mut().enumerate() {
                if task.has_failed || measurement.broken.contains(&task.input.path) {
                    continue;
                }
                if interrupted.load(Relaxed) || stage.is_over() {
                    break 'rounds;
                }
                n_started = n_started.max(idx + 1);
                let name = task.input.path.file_name().unwrap_or_default();
                stage.show(&format!("round {round}, {} {}", task.what, name.display()));
                measurement.run_slice(task, settings);
                stage.step();
            }
            if n_started == 0 {
                break;
            }
            measurement.n_rounds = round;
        }
        let files_started = n_started.div_ceil(settings.ops.len().max(1));
        measurement.n_unmeasured_files = inputs.files.len() - files_started;
        measurement.recording = profiler.recording();
        measurement
    }

    /// Whether no operation failed on a file, and validation found it whole.
    pub(super) fn is_sound(&self, input: &Input) -> bool {
        let path = input.path.display().to_string();
        self.skipped.iter().all(|skipped| skipped.path != path)
    }

    /// Takes a file out of what is to be measured, or one operation on it.
    fn note(&mut self, failure: Failure, task: &mut Task<'_>) {
        let path = &task.input.path;
        match failure {
            Failure::Error(error) => {
                task.has_failed = true;
                let reason = describe(&error);
                self.skipped.push(Skipped::operation(path, task.what, reason));
            }
            Failure::Broken(findings) => {
                let broken = findings.iter().find(|finding| is_broken(finding));
                let reason = broken.map(ToString::to_string).unwrap_or_default();
                self.skipped.push(Skipped::file(path, format!("broken: {reason}")));
                self.findings.insert(path.clone(), findings);
                self.broken.insert(path.clone());
            }
        }
    }

    fn run_slice(&mut self, task: &mut Task<'_>, settings: &Settings) {
        let start = SystemClock.now();
        for _ in 0..MAX_RUNS {
            let input = task.input;
            let (width, height) = input.size;
            let call = task.operation.pixels(width, height).bytes_in(input.encoded_bytes);
            let result = call.try_measure(|| {
                let source = Source::open(&input.path)?;
                let findings = task.what.run(source, input.format, settings.thumbnail)?;
                if findings.iter().any(is_broken) {
                    return Err(Failure::Broken(findings));
                }
                Ok(findings)
            });
            match result {
                Ok(findings) if task.what == ImageOperation::Validate => {
                    self.findings.entry(input.path.clone()).or_insert(findings);
                }
                Ok(_) => {}
                Err(failure) => {
                    self.note(failure, task);
                    return;
                }
            }
            if SLICE <= SystemClock.now() - start {
                return;
            }
        }
    }
}

/// Why a run did not count.
enum Failure {
    /// The operation failed.
    Error(safelight_imaging::Error),
    /// The validation went well, but the file is broken.
    Broken(Vec<Finding>),
}

impl From<safelight_imaging::Error> for Failure {
    fn from(error: safelight_imaging::Error) -> Self {
        Self::Error(error)
    }
}

/// Whether a finding says that decoding fails or gives something else than the picture.
fn is_broken(finding: &Finding) -> bool {
    matches!(
        finding.code,
        Code::Truncated | Code::BadChecksum | Code::Corrupt | Code::OverLimit
    )
}

/// Returns the tasks of all files, the files in a fixed random order.
///
/// So, where the time does not suffice for all, those measured are a fair choice.
fn tasks<'a>(
    profiler: &Profiler,
    settings: &Settings,
    inputs: &'a Inputs,
) -> Vec<Task<'a>> {
    let mut files: Vec<&Input> = inputs.files.iter().collect();
    if !settings.input.is_empty() {
        files.sort_by_cached_key(|input| {
            scatter(input.path.as_os_str().as_encoded_bytes())
        });
    }
    let of_file = |input: &'a Input| {
        settings.ops.iter().map(move |&what| Task {
            input,
            what,
            operation: profiler.operation(&operation_name(what, input)),
            has_failed: false,
        })
    };
    files.into_iter().flat_map(of_file).collect()
}

/// Formats cost differently, so they are operations of their own.
pub(super) fn operation_name(what: ImageOperation, input: &Input) -> String {
    format!("{what} {}", input.format)
}

/// FNV-1a: the same order on every machine.
fn scatter(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
