//! Memory while operations are measured: how much there is, how it developed, and how much fits at once.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use safelight_core::{ByteSize, Clock, Pressure, SystemClock};
use safelight_memory_manager::{
    Batch, Config, Control, Driver, Event, Facts, Permits, Reading, Trend, Verdict,
    recommend,
};
use safelight_probe::{Sample, Sampler};
use safelight_profiler::{Analysis, OperationCost};

use super::document::{AtOnce, Development, Memory, Span};

/// How often memory is looked at.
const EVERY: Duration = Duration::from_millis(250);

/// How far the samples of the trend are apart.
const TREND_EVERY: Duration = Duration::from_secs(1);

/// Of what takes less, memory is not what limits how many run at once.
const SMALLEST: ByteSize = ByteSize::mib(1);

/// Samples that a trend takes: what grows while a program warms up is no leak.
const N_FOR_TREND: u32 = 60;

/// Looks at memory again and again until it is finished.
pub(super) struct Watch {
    driver: Driver,
    permits: Permits,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen so far.
struct Seen {
    first: Option<Reading>,
    binding: Option<String>,
    available: Option<Span>,
    rss: Option<Span>,
    highest: Pressure,
    trend: Trend,
    start: Instant,
    n_samples: u64,
    unread: Vec<String>,
}

impl Watch {
    /// Starts to look, in a thread of its own.
    pub(super) fn start() -> Self {
        let seen = Arc::new(Mutex::new(Seen::new()));
        let permits = Permits::new(ByteSize::MAX);
        let config = Config { quiet: EVERY, ..Config::default() };
        let levels = Arc::clone(&seen);
        let control =
            Control::new(permits.clone(), config).with_observer(move |event: &Event| {
                if let Event::Changed { to, .. } = event {
                    let mut seen = lock(&levels);
                    seen.highest = seen.highest.max(*to);
                }
            });
        let theirs = Arc::clone(&seen);
        let mut sampler = Sampler::open();
        lock(&seen).take(sampler.sample());
        let driver = Driver::start(control, SystemClock, move || {
            let sample = sampler.sample();
            lock(&theirs).take(sample);
            sample.headroom.as_ref().ok().and_then(Reading::of)
        });
        Self { driver, permits, seen }
    }

    /// Ends it; says what was seen, and how many of the operations would fit at once.
    pub(super) fn finish(self, analysis: &Analysis) -> Memory {
        let control = self.driver.stop();
        let seen = lock(&self.seen);
        // As it was before anything ran: what ran since would count twice.
        let reading = seen.first;
        let verdict = seen.verdict();
        let facts = Facts {
            usage: self.permits.usage(),
            labels: &[],
            verdict,
            journal: control.journal(),
            // Nobody takes permits here, so that only the trend is evidence.
            reading: Reading::default(),
            batches: &[],
        };
        Memory {
            binding: seen.binding.clone(),
            limit_bytes: reading.map(|reading| reading.limit.bytes()),
            used_bytes: reading.map(|reading| reading.used.bytes()),
            available: seen.available,
            rss: seen.rss,
            highest_pressure: reading.map(|_| seen.highest.to_string()),
            n_samples: seen.n_samples,
            development: development(verdict),
            at_once: reading.map_or_else(Vec::new, |reading| at_once(analysis, &reading)),
            recommendations: recommend(&facts).iter().map(ToString::to_string).collect(),
            unread: seen.unread.clone(),
        }
    }
}

impl Seen {
    fn new() -> Self {
        Self {
            first: None,
            binding: None,
            available: None,
            rss: None,
            highest: Pressure::Normal,
            trend: Trend::new(TREND_EVERY),
            start: SystemClock.now(),
            n_samples: 0,
            unread: Vec::new(),
        }
    }

    fn take(&mut self, sample: &Sample) {
        self.n_samples += 1;
        if let Ok(headroom) = &sample.headroom {
            self.first = self.first.or_else(|| Reading::of(headroom));
            self.binding = Some(headroom.binding.to_string());
            self.available = Some(Span::with(self.available, headroom.available));
        }
        if let Ok(rss) = sample.rss {
            self.rss = Some(Span::with(self.rss, rss));
            self.trend.push(SystemClock.now(), rss);
        }
        // Text takes an allocation, so it is made of the first sample only.
        if self.n_samples == 1 {
            self.unread = sample.errors().map(ToString::to_string).collect();
        }
    }

    /// Where the limit for this process lies: what it has, and what it can still have.
    fn verdict(&self) -> Verdict {
        let elapsed = SystemClock.now() - self.start;
        if elapsed < TREND_EVERY * N_FOR_TREND {
            return Verdict::Unknown;
        }
        let limit = self.rss.zip(self.available);
        let limit =
            limit.map_or(0, |(rss, available)| rss.end_bytes + available.end_bytes);
        self.trend.verdict(ByteSize::from_bytes(limit))
    }
}

impl Span {
    fn with(before: Option<Self>, size: ByteSize) -> Self {
        let bytes = size.bytes();
        let Self { start_bytes, least_bytes, most_bytes, .. } =
            before.unwrap_or(Self::of(bytes));
        Self {
            start_bytes,
            least_bytes: least_bytes.min(bytes),
            most_bytes: most_bytes.max(bytes),
            end_bytes: bytes,
        }
    }

    fn of(bytes: u64) -> Self {
        Self {
            start_bytes: bytes,
            least_bytes: bytes,
            most_bytes: bytes,
            end_bytes: bytes,
        }
    }
}

fn development(verdict: Verdict) -> Development {
    match verdict {
        Verdict::Flat => Development::Flat {},
        Verdict::Leak { per_minute, time_to_limit } => Development::Leak {
            per_minute_bytes: per_minute.bytes(),
            time_to_limit_s: time_to_limit.map(|left| left.as_secs()),
        },
        Verdict::Step { from, to } => {
            Development::Step { from_bytes: from.bytes(), to_bytes: to.bytes() }
        }
        Verdict::Periodic { period } => {
            Development::Periodic { period_s: period.as_secs_f64() }
        }
        // A verdict that is new to this report, or too few samples.
        _ => Development::TooFewSamples {},
    }
}

/// How many of each operation, on images of the size that takes most, fit at once.
fn at_once(analysis: &Analysis, reading: &Reading) -> Vec<AtOnce> {
    let of_operation = |operation: &OperationCost| {
        let measured = operation.sizes.iter();
        let measured = measured.filter_map(|size| Some((size, size.heap.as_ref()?)));
        let (size, heap) = measured.max_by_key(|(_, heap)| heap.max_peak)?;
        if heap.max_peak < SMALLEST {
            return None;
        }
        let n_fit = Batch::new(NonZeroUsize::MAX, heap.max_peak).advise(reading, 0);
        Some(AtOnce {
            operation: operation.name.clone(),
            dimensions: size.dimensions.to_string(),
            max_peak_bytes: heap.max_peak.bytes(),
            n_fit: n_fit as u64,
        })
    };
    analysis.operations.iter().filter_map(of_operation).collect()
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
