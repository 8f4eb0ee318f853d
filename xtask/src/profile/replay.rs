//! Advice on caching: the same files asked for again, with and without a cache.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use safelight_cache::{Cache, ContentHash, SourceId};
use safelight_core::{Clock, SystemClock};
use safelight_imaging::Source;
use safelight_profiler::{Advice, AdviceKind, Analysis, Profiler, Rules, report};

use super::{document::Trial, inputs::Input, progress::Stage, settings::Settings};
use crate::image_operation::ImageOperation;

/// How often each file is asked for.
const N_REQUESTS: usize = 3;

/// What the replay showed.
pub(super) struct Replay {
    pub(super) report: report::Profile,
    pub(super) trials: Vec<Trial>,
}

/// How a request names its content.
#[derive(Clone, Copy)]
enum Key {
    /// Path, length and time of the last change.
    Identity,
    /// A hash over all bytes of the file.
    Content,
}

/// What was measured for one operation.
struct Passes {
    name: &'static str,
    /// All requests as work.
    plain: Duration,
    /// All requests, the first of each file as work.
    with_cache: Duration,
    /// One hit, measured again after the advice was given.
    hit: Duration,
}

/// An operation under a kind of key.
const REPLAYED: [(ImageOperation, Key, &str); 2] = [
    (ImageOperation::Thumbnail, Key::Identity, "thumbnail, key: path and time"),
    (ImageOperation::Inspect, Key::Content, "inspect, key: hash of the content"),
];

/// Replays requests for files in which nothing is wrong.
///
/// Returns `None` where there is no such file, or where the time or the user ends it.
pub(super) fn run(
    settings: &Settings,
    files: &[&Input],
    budget: Duration,
    interrupted: &AtomicBool,
) -> Option<Replay> {
    let replayed: Vec<_> =
        REPLAYED.into_iter().filter(|(what, ..)| settings.ops.contains(what)).collect();
    if replayed.is_empty() || files.is_empty() {
        return None;
    }
    // Each request comes without and with a cache.
    let n_steps = replayed.len() * N_REQUESTS * files.len() * 2;
    let stage = Stage::with_steps("replaying requests", n_steps, budget);
    let goes_on = || !interrupted.load(Relaxed) && !stage.is_over();
    let profiler = Profiler::new();
    let mut rules = settings.rules.clone();
    let mut measured = Vec::new();
    for (what, key, name) in replayed {
        stage.show(name);
        let requests = || (0..N_REQUESTS).flat_map(|_| files.iter().copied());
        let operation = profiler.operation(name);
        // Naming the content is a part of a cache's cost, not of the plain work.
        let keys: Vec<u64> = requests()
            .map(|input| Some(number(&key.of(input)?)))
            .collect::<Option<_>>()?;
        let start = SystemClock.now();
        for (input, key) in requests().zip(keys) {
            let (width, height) = input.size;
            let call = operation.pixels(width, height).key(key);
            call.try_measure(|| compute(what, input, settings)).ok()?;
            stage.step();
            if !goes_on() {
                return None;
            }
        }
        let plain = SystemClock.now() - start;
        // The results themselves would only cost memory.
        let cache = Cache::default();
        let start = SystemClock.now();
        requests().try_for_each(|input| {
            get(&cache, what, key, input, settings)?;
            stage.step();
            Some(())
        })?;
        let with_cache = SystemClock.now() - start;
        let hit = || mean_hit(&cache, what, key, files, settings);
        rules.hit_costs.insert(name.to_owned(), hit()?);
        measured.push(Passes { name, plain, with_cache, hit: hit()? });
    }
    let analysis = Analysis::new(&profiler.recording(), &only_repeats(rules));
    let trials = analysis.advice.iter().filter_map(|advice| trial(advice, &measured));
    Some(Replay { trials: trials.collect(), report: (&analysis).into() })
}

fn compute(
    what: ImageOperation,
    input: &Input,
    settings: &Settings,
) -> Result<(), safelight_imaging::Error> {
    let source = Source::open(&input.path)?;
    what.run(source, input.format, settings.thumbnail).map(drop)
}

/// The other findings are those of the main profile.
fn only_repeats(rules: Rules) -> Rules {
    Rules { slow: Duration::MAX, cpu: safelight_core::Cores::new(f64::MAX), ..rules }
}

fn mean_hit(
    cache: &Cache<SourceId, ()>,
    what: ImageOperation,
    key: Key,
    files: &[&Input],
    settings: &Settings,
) -> Option<Duration> {
    let n_hits = u32::try_from(N_REQUESTS * files.len()).ok()?;
    let start = SystemClock.now();
    for _ in 0..N_REQUESTS {
        files.iter().try_for_each(|input| get(cache, what, key, input, settings))?;
    }
    (SystemClock.now() - start).checked_div(n_hits)
}

fn trial(advice: &Advice, measured: &[Passes]) -> Option<Trial> {
    let passes = measured.iter().find(|passes| passes.name == advice.operation)?;
    let (before, after) = match advice.kind {
        AdviceKind::Cache { .. } => {
            (passes.plain.as_nanos(), passes.with_cache.as_nanos())
        }
        AdviceKind::DoNotCache { .. } => {
            (advice.before.number() as u128, passes.hit.as_nanos())
        }
        _ => return None,
    };
    Some(Trial {
        kind: advice.kind.name().to_owned(),
        subject: advice.operation.clone(),
        change: match advice.kind {
            AdviceKind::DoNotCache { .. } => {
                "cached all the same, for comparison".to_owned()
            }
            _ => format!("each file asked for {N_REQUESTS} times, remembered"),
        },
        unit: advice.before.unit().to_owned(),
        before: before as f64,
        predicted: advice.after.number(),
        after: after as f64,
    })
}

impl Key {
    /// Returns the key of a file; making it is a part of what a hit costs.
    fn of(self, input: &Input) -> Option<SourceId> {
        match self {
            Self::Identity => SourceId::file(&input.path).ok(),
            Self::Content => {
                Some(SourceId::content(ContentHash::of(&fs::read(&input.path).ok()?)))
            }
        }
    }
}

/// Returns a key as the profiler takes it.
fn number(source: &SourceId) -> u64 {
    let mut hasher = DefaultHasher::new();
    source.hash(&mut hasher);
    hasher.finish()
}

/// Answers a request, by the work where it is the first; `None` where that fails.
fn get(
    cache: &Cache<SourceId, ()>,
    what: ImageOperation,
    key: Key,
    input: &Input,
    settings: &Settings,
) -> Option<()> {
    let work = || compute(what, input, settings);
    cache.try_get_or_compute(key.of(input)?, work).ok().map(drop)
}
