//! Thumbnails really made, with and without the cache: what it saves, and what it says so.

use std::{
    hint::black_box,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use comfy_table::CellAlignment;
use safelight_benches::{
    cache_trace::Synthetic,
    duel::{LEVEL, Verdict},
    photo_set,
};
use safelight_cache::{Cache, Key, Limits, Operation, SourceId, Stats, Weigh};
use safelight_core::{ByteSize, Clock, CpuClock, SystemClock};
use safelight_imaging::{Fit, Pixels, Source, ThumbnailOptions, thumbnail};
use safelight_probe::ThreadCpu;
use safelight_stats::{Interval, Sample};
use schemars::JsonSchema;
use serde::Serialize;

use super::{scores::percent, with_reasons};
use crate::{progress::Bar, report_file::photo_dir, table::styled, units::Size};

/// Rounds of each clock: with so many, the interval leaves out the round at either end.
const N_ROUNDS: usize = 12;

/// Requests of a pass.
const N_REQUESTS: usize = 300;

/// Sizes of photos; there is one of each format in each.
const N_SIZES: u32 = 20;
const N_PHOTOS: usize = N_SIZES as usize * photo_set::FileFormat::ALL.len();

/// Room for less than half of the thumbnails, which take 144 KiB each.
const LIMITS: Limits = Limits { bytes: ByteSize::mib(4), entries: Some(50) };

const THUMBNAIL: Operation = Operation::new("thumbnail", 1);
const BOX: (u32, u32) = (256, 256);

/// How far what the statistics say may be from what was measured.
const TARGET_LOW: f64 = 0.9;
const TARGET_HIGH: f64 = 1.1;

/// What was measured, by one clock.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Replay")]
pub(in super::super) struct Row {
    /// `CPU` or `wall`; the cache has the same clock as the measurement.
    clock: &'static str,
    n_requests: u64,
    hit_share: Option<f64>,
    /// All requests without the cache, the median of the rounds.
    without_ns: Option<f64>,
    /// All requests with the cache, the making of keys included.
    with_ns: Option<f64>,
    /// What the cache saved: the difference of both, round by round.
    saved_ns: Option<f64>,
    /// What its statistics say that it saved.
    claimed_ns: Option<f64>,
    /// What a request costs with the cache beside the loads, the making of the key included.
    overhead_ns: Option<f64>,
    /// What it says as a multiple of what it saved.
    ratio: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    target_low: f64,
    target_high: f64,
    pub(super) verdict: &'static str,
    /// Why there is no figure.
    reason: Option<String>,
}

/// All requests once with the cache and once without it.
struct Round {
    with: Duration,
    without: Duration,
    stats: Stats,
}

struct Thumbnail(Pixels);

impl Weigh for Thumbnail {
    fn heap(&self) -> ByteSize {
        self.0.byte_size()
    }
}

type Thumbnails = Cache<Key<(u32, u32)>, Thumbnail>;

/// The CPU time of the one thread that asks.
struct CpuTime {
    origin: Instant,
}

impl Clock for CpuTime {
    fn now(&self) -> Instant {
        self.origin + ThreadCpu.thread_cpu().unwrap_or_default()
    }
}

/// Measures by CPU time and by wall time, in turn.
pub(super) fn run() -> Vec<Row> {
    let origin = SystemClock.now();
    let clocks: [Arc<dyn Clock>; 2] =
        [Arc::new(CpuTime { origin }), Arc::new(SystemClock)];
    let measured = measure(&clocks);
    let reason = measured.as_ref().err().map(|error| format!("{error:#}"));
    let [cpu, wall] = measured.unwrap_or_default();
    let row = |(clock, rounds): (_, Vec<Round>)| Row {
        reason: reason.clone(),
        ..Row::new(clock, &rounds)
    };
    [("CPU", cpu), ("wall", wall)].map(row).into()
}

fn measure(clocks: &[Arc<dyn Clock>; 2]) -> Result<[Vec<Round>; 2]> {
    let requests = requests()?;
    let bar = Bar::new("replay", (N_ROUNDS * clocks.len()) as u64);
    bar.set_message("with the cache and without it");
    // The files are in memory from here on.
    pass(&requests, &SystemClock, None)?;
    let mut measured = [Vec::new(), Vec::new()];
    for _ in 0..N_ROUNDS {
        for (clock, rounds) in clocks.iter().zip(&mut measured) {
            let cache = Cache::builder().limits(LIMITS).clock(Arc::clone(clock)).build();
            let with = pass(&requests, clock, Some(&cache))?;
            let without = pass(&requests, clock, None)?;
            rounds.push(Round { with, without, stats: cache.stats() });
            bar.inc(1);
        }
    }
    bar.finish();
    Ok(measured)
}

/// Returns the file of each request: few of them are asked for often, by Zipf's law.
fn requests() -> Result<Vec<PathBuf>> {
    let bar = Bar::new("making photos (once)", N_SIZES.into());
    let dir = photo_dir();
    let mut photos = Vec::new();
    for idx in 0..N_SIZES {
        // The encoder of WebP refuses a few sizes, but none of these.
        let size = Size::new(432 + 16 * idx, 324 + 12 * idx);
        let files = photo_set::files(&dir, size.width, size.height);
        photos.extend(files.with_context(|| {
            format!("cannot make photo-like images of {size} in {}", dir.display())
        })?);
        bar.inc(1);
    }
    bar.finish();
    let synthetic = Synthetic {
        n_requests: N_REQUESTS,
        n_sources: N_PHOTOS,
        drift: 0,
        scan_len: 0,
        ..Synthetic::default()
    };
    let trace = synthetic.trace("replay");
    // A source has three keys there. The popular ones come first, and here they are of any
    // size and format: 37 and 60 have no common divisor.
    let source_of = |key| (key / 3) as usize;
    let photo_of = |key| photos[37 * source_of(key) % N_PHOTOS].clone();
    Ok(trace.requests.iter().map(|request| photo_of(request.key)).collect())
}

/// Answers all requests, by the cache where there is one.
fn pass(
    requests: &[PathBuf],
    clock: &dyn Clock,
    cache: Option<&Thumbnails>,
) -> Result<Duration> {
    let make = |path: &PathBuf| {
        let fit = Fit::inside(BOX.0, BOX.1);
        thumbnail(Source::open(path)?, fit, &ThumbnailOptions::default()).map(Thumbnail)
    };
    let start = clock.now();
    for path in requests {
        match cache {
            Some(cache) => {
                let key = Key::new(SourceId::file(path)?, THUMBNAIL, BOX);
                black_box(cache.try_get_or_compute(key, || make(path))?);
            }
            None => {
                black_box(make(path)?);
            }
        }
    }
    Ok(clock.now() - start)
}

impl Row {
    fn new(clock: &'static str, rounds: &[Round]) -> Self {
        let sample = |figure: &dyn Fn(&Round) -> f64| {
            Sample::new(&rounds.iter().map(figure).collect::<Vec<_>>())
        };
        let median = |figure: &dyn Fn(&Round) -> f64| Some(sample(figure)?.median());
        let ratios = sample(&|round| ns(round.stats.time_saved) / round.saved_ns());
        let interval = ratios.as_ref().and_then(|ratios| ratios.median_interval(LEVEL));
        Self {
            clock,
            n_requests: N_REQUESTS as u64,
            hit_share: median(&Round::hit_share),
            without_ns: median(&|round| ns(round.without)),
            with_ns: median(&|round| ns(round.with)),
            saved_ns: median(&Round::saved_ns),
            claimed_ns: median(&|round| ns(round.stats.time_saved)),
            overhead_ns: median(&Round::overhead_ns),
            ratio: ratios.map(|ratios| ratios.median()),
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
            target_low: TARGET_LOW,
            target_high: TARGET_HIGH,
            verdict: verdict(interval),
            reason: None,
        }
    }
}

impl Round {
    fn hit_share(&self) -> f64 {
        self.stats.n_hits as f64 / self.stats.n_requests() as f64
    }

    fn saved_ns(&self) -> f64 {
        ns(self.without) - ns(self.with)
    }

    fn overhead_ns(&self) -> f64 {
        (ns(self.with) - ns(self.stats.load_time)) / self.stats.n_requests() as f64
    }
}

fn ns(time: Duration) -> f64 {
    time.as_nanos() as f64
}

fn verdict(interval: Option<Interval>) -> &'static str {
    interval.map_or("unresolved", |interval| {
        Verdict::within(interval, &(TARGET_LOW..=TARGET_HIGH)).name()
    })
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "clock",
        "hits",
        "without",
        "with",
        "saved",
        "`time_saved`",
        "its ratio",
        "99 % interval",
        "target",
        "verdict",
        "own cost a request",
    ]);
    let ms =
        |ns: Option<f64>| ns.map_or("-".to_owned(), |ns| format!("{:.1} ms", ns / 1e6));
    let us =
        |ns: Option<f64>| ns.map_or("-".to_owned(), |ns| format!("{:.1} µs", ns / 1e3));
    let ratio =
        |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.3}x"));
    for row in rows {
        table.add_row([
            row.clock.to_owned(),
            percent(row.hit_share),
            ms(row.without_ns),
            ms(row.with_ns),
            ms(row.saved_ns),
            ms(row.claimed_ns),
            ratio(row.ratio),
            format!("{} to {}", ratio(row.low), ratio(row.high)),
            format!("{:.2}x to {:.2}x", row.target_low, row.target_high),
            row.verdict.to_owned(),
            us(row.overhead_ns),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let reasons = rows.iter().map(|row| (row.clock, row.reason.as_deref()));
    with_reasons(&table, reasons)
}

#[cfg(test)]
mod tests;
