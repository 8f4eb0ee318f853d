//! What a cache brings: each operation cold and as a hit, and a replayed run of requests.

use std::{
    fs, io,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use safelight_benches::cache_trace::Synthetic;
use safelight_cache::{
    BreakEven, Cache, Class, ContentHash, Key, Limits, Operation, SourceId, Verdict,
    Weigh,
};
use safelight_core::{ByteSize, Clock, Share, SystemClock};
use safelight_imaging::{
    ConvertOptions, Depth, Error, Finding, Fit, Info, Pixels, Rules, Source,
    ThumbnailOptions,
};

use super::{
    document::{Caching, CachingRow, RequestReplay},
    inputs::Input,
    nanos,
    progress::Stage,
    settings::Settings,
};
use crate::{
    image_operation::{ImageOperation, target},
    units::Size,
};

/// What is asked of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Request {
    /// Compare a header that is known already with the rules.
    CheckAttributes,
    /// One of the operations of the profile.
    Run(ImageOperation, Size),
}

/// The key of an answer; the cache has one entry for each request and file.
pub(super) type RequestKey = Key<Request>;

/// What an operation gives, as it would be kept.
pub(super) enum Answer {
    Info(
        #[expect(dead_code, reason = "it is kept as a user would, and not looked at")]
        Info,
    ),
    Findings(Vec<Finding>),
    Pixels(Pixels),
    Encoded(Vec<u8>),
}

/// Files that take part in each row, runs of the work, and hits of each kind.
const N_FILES: usize = 3;
const N_RUNS: u32 = 5;
const N_IDENTITY_HITS: u32 = 500;
const N_CONTENT_HITS: u32 = 10;

/// The part of the time that is for the rows, each its share; a row is measured once at least.
const ROWS_SHARE: f64 = 0.6;

/// Requests of the replay at most, and how few are worth showing.
const N_REQUESTS: usize = 400;
const MIN_REQUESTS: usize = 20;

/// Measures what a cache brings on these files, the smallest first.
///
/// It is `None` where there is no file, or where the time or the user ends it before the
/// first row.
pub(super) fn run(
    settings: &Settings,
    files: &[&Input],
    budget: Duration,
    interrupted: &AtomicBool,
) -> Option<Caching> {
    if files.is_empty() {
        return None;
    }
    let requests = requests(settings);
    let asks_for_thumbnails = settings.ops.contains(&ImageOperation::Thumbnail);
    let n_steps = requests.len() + usize::from(asks_for_thumbnails);
    let stage = Stage::with_steps("caching", n_steps, budget);
    let goes_on = |share: f64| {
        !interrupted.load(Relaxed) && stage.elapsed() < budget.mul_f64(share)
    };
    let measured = &files[..files.len().min(N_FILES)];
    let mut rows = Vec::new();
    for (idx, request) in requests.iter().enumerate() {
        if !goes_on(1.0) {
            break;
        }
        stage.show(&request.name());
        let share = ROWS_SHARE * (idx + 1) as f64 / requests.len() as f64;
        rows.extend(request.row(measured, &|| goes_on(share)));
        stage.step();
    }
    let replay = asks_for_thumbnails
        .then(|| {
            stage.show("requests replayed with and without a cache");
            let rest = budget.saturating_sub(stage.elapsed());
            let replay = replay(settings, files, rest, interrupted);
            if replay.is_some() {
                stage.step();
            }
            replay
        })
        .flatten();
    (!rows.is_empty()).then_some(Caching { operations: rows, replay })
}

fn requests(settings: &Settings) -> Vec<Request> {
    let run = |what: &ImageOperation| Request::Run(*what, settings.thumbnail);
    let mut requests: Vec<Request> = settings.ops.iter().map(run).collect();
    if settings.ops.contains(&ImageOperation::Validate) {
        requests.insert(0, Request::CheckAttributes);
    }
    requests
}

impl Request {
    fn name(self) -> String {
        match self {
            Self::CheckAttributes => "check attributes".to_owned(),
            Self::Run(what, _) => what.to_string(),
        }
    }

    fn key(self, source: SourceId) -> RequestKey {
        const ANY: Operation = Operation::new("profiled", 1);
        Key::new(source, ANY, self)
    }

    /// Measures the work, and hits with both kinds of keys; `None` where a file fails.
    fn row(self, files: &[&Input], goes_on: &dyn Fn() -> bool) -> Option<CachingRow> {
        let cache: Cache<RequestKey, Answer> = Cache::new(ByteSize::gib(1));
        let infos = files.iter().map(|file| info(file));
        let infos: Vec<Info> = infos.collect::<Option<_>>()?;
        let (mut cold, mut n_cold) = (Duration::ZERO, 0);
        for round in 0..N_RUNS {
            for (file, info) in files.iter().zip(&infos) {
                if 0 < round && !goes_on() {
                    break;
                }
                let start = SystemClock.now();
                let answer = self.answer(file, info).ok()?;
                cold += SystemClock.now() - start;
                n_cold += 1;
                cache.insert(self.key(SourceId::file(&file.path).ok()?), answer);
            }
        }
        let by_identity = mean_time(files, N_IDENTITY_HITS, |file| {
            let key = self.key(SourceId::file(&file.path)?);
            cache.get(&key).map(drop).ok_or_else(gone)
        })?;
        for (file, info) in files.iter().zip(&infos) {
            let key = self.key(content(file).ok()?);
            cache.insert(key, self.answer(file, info).ok()?);
        }
        let by_content = mean_time(files, N_CONTENT_HITS, |file| {
            cache.get(&self.key(content(file)?)).map(drop).ok_or_else(gone)
        })?;
        Some(self.judged(files.len(), cold / n_cold, by_identity, by_content))
    }

    fn judged(
        self,
        n_files: usize,
        cold: Duration,
        by_identity: Duration,
        by_content: Duration,
    ) -> CachingRow {
        let identity = BreakEven { load: cold, hit: by_identity };
        let content = BreakEven { load: cold, hit: by_content };
        let verdict = |of: BreakEven| match of.verdict() {
            Verdict::Cache => "cache".to_owned(),
            Verdict::DoNotCache => "do_not_cache".to_owned(),
        };
        CachingRow {
            operation: self.name(),
            n_files: n_files as u64,
            cold_ns: nanos(cold),
            hit_by_identity_ns: nanos(by_identity),
            hit_by_content_ns: nanos(by_content),
            speedup_by_identity: identity.speedup(),
            speedup_by_content: content.speedup(),
            advice_by_identity: verdict(identity),
            advice_by_content: verdict(content),
            needed_hit_share: identity.needed_hit_ratio().map(Share::get),
        }
    }

    /// Does the work.
    fn answer(self, file: &Input, info: &Info) -> Result<Answer, Error> {
        let Self::Run(what, thumbnail) = self else {
            return Ok(Answer::Findings(Rules::default().check(info)));
        };
        let source = Source::open(&file.path)?;
        Ok(match what {
            ImageOperation::Inspect => Answer::Info(safelight_imaging::inspect(source)?),
            ImageOperation::Validate => {
                let rules = Rules::default();
                let validation =
                    safelight_imaging::validate(source, &rules, Depth::Full)?;
                Answer::Findings(validation.findings)
            }
            ImageOperation::Thumbnail => {
                let fit = Fit::inside(thumbnail.width.get(), thumbnail.height.get());
                let options = ThumbnailOptions::default();
                Answer::Pixels(safelight_imaging::thumbnail(source, fit, &options)?)
            }
            ImageOperation::Convert => {
                let mut encoded = Vec::new();
                let options = ConvertOptions::default();
                let target = target(file.format);
                safelight_imaging::convert(source, target, &options, &mut encoded)?;
                Answer::Encoded(encoded)
            }
        })
    }
}

impl Weigh for Answer {
    fn heap(&self) -> ByteSize {
        match self {
            Self::Info(_) => ByteSize::ZERO,
            Self::Findings(findings) => {
                let text = |finding: &Finding| {
                    finding.found.capacity() + finding.wanted.capacity()
                };
                let texts: usize = findings.iter().map(text).sum();
                ByteSize::from_len(texts + findings.capacity() * size_of::<Finding>())
            }
            Self::Pixels(pixels) => pixels.byte_size(),
            Self::Encoded(encoded) => encoded.heap(),
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Info(_) | Self::Findings(_) => Class::Small,
            Self::Pixels(_) | Self::Encoded(_) => Class::Bulk,
        }
    }
}

fn info(file: &Input) -> Option<Info> {
    safelight_imaging::inspect(Source::open(&file.path).ok()?).ok()
}

fn content(file: &Input) -> io::Result<SourceId> {
    Ok(SourceId::content(ContentHash::of(&fs::read(&file.path)?)))
}

fn gone() -> io::Error {
    io::Error::other("the entry is gone, the file was changed")
}

/// Returns the mean time of a call, after one that warms up; `None` where one fails.
fn mean_time(
    files: &[&Input],
    n: u32,
    call: impl Fn(&Input) -> io::Result<()>,
) -> Option<Duration> {
    files.iter().try_for_each(|file| call(file)).ok()?;
    let start = SystemClock.now();
    for _ in 0..n {
        files.iter().try_for_each(|file| call(file)).ok()?;
    }
    let n_calls = n.checked_mul(u32::try_from(files.len()).ok()?)?;
    (SystemClock.now() - start).checked_div(n_calls)
}

/// Replays requests for thumbnails, some files wanted more often than others, with and
/// without a cache whose room is for half of them.
fn replay(
    settings: &Settings,
    files: &[&Input],
    budget: Duration,
    interrupted: &AtomicBool,
) -> Option<RequestReplay> {
    let trace = Synthetic {
        n_requests: N_REQUESTS,
        n_sources: files.len().max(1),
        scan_len: 0,
        ..Synthetic::default()
    };
    // Each source has three objects, and here they are one.
    let order = trace.trace("requests").requests;
    let order = order.iter().filter_map(|request| files.get((request.key / 3) as usize));
    let request = Request::Run(ImageOperation::Thumbnail, settings.thumbnail);
    let n_entries = files.len().div_ceil(2);
    let limits = Limits { entries: Some(n_entries), ..Limits::default() };
    let cache: Cache<RequestKey, Answer> = Cache::builder().limits(limits).build();
    let start = SystemClock.now();
    let (mut without, mut with) = (Duration::ZERO, Duration::ZERO);
    let mut n_requests = 0;
    for file in order {
        if interrupted.load(Relaxed) || budget <= SystemClock.now() - start {
            break;
        }
        let info = info(file)?;
        let before = SystemClock.now();
        drop(request.answer(file, &info).ok()?);
        let between = SystemClock.now();
        let key = request.key(SourceId::file(&file.path).ok()?);
        cache.try_get_or_compute(key, || request.answer(file, &info)).ok()?;
        without += between - before;
        with += SystemClock.now() - between;
        n_requests += 1;
    }
    let stats = cache.stats();
    (MIN_REQUESTS <= n_requests).then(|| RequestReplay {
        operation: request.name(),
        n_files: files.len() as u64,
        n_requests: n_requests as u64,
        max_entries: n_entries as u64,
        max_bytes: limits.bytes.bytes(),
        hit_share: stats.hit_ratio().map_or(0.0, Share::get),
        without_ns: nanos(without),
        with_ns: nanos(with),
        time_saved_ns: nanos(stats.time_saved),
    })
}
