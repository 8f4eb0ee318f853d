use std::time::Duration;

use safelight_core::{ByteSize, Cores, Share};

use crate::{
    Dimensions, Estimate, Quantity, Scaling,
    recording::Operation,
    totals::{Run, Totals},
};

/// A p99 of fewer runs than this would be an invention.
const P99_FROM_RUNS: u64 = 100;

/// A p95 of fewer would always be the longest run.
const P95_FROM_RUNS: u64 = 20;

/// What one operation cost.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OperationCost {
    /// The operation's name.
    pub name: String,
    /// Runs that ended.
    pub n_runs: u64,
    /// Wall time of all runs together.
    pub wall: Duration,
    /// The same without the operations inside it.
    pub self_wall: Duration,
    /// The part of the self time of all operations that is this one's.
    pub share: Share,
    /// Cost by image size, smallest first.
    pub sizes: Vec<SizeCost>,
    /// How the time grows with the image size.
    pub scaling: Scaling,
    /// Work that was done again on content already seen.
    pub repeats: RepeatCost,
}

/// What one operation cost on images of one size class.
///
/// Runs that failed are counted, and their time is in that of the operation; the figures of
/// single runs leave them out, since failing early would look like speed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SizeCost {
    /// The sizes that were seen.
    pub dimensions: Dimensions,
    /// Mean number of pixels; 0 where the size is not known.
    pub mean_pixels: f64,
    /// Mean encoded bytes that went in.
    pub mean_bytes_in: ByteSize,
    /// Runs that ended, with any outcome.
    pub n_runs: u64,
    /// Runs that ended with an error.
    pub n_errors: u64,
    /// Runs that were unwound by a panic.
    pub n_panics: u64,
    /// Wall time of the runs that succeeded, or `None` where none did.
    pub wall: Option<WallCost>,
    /// CPU time, or `None` where it was not read.
    pub cpu: Option<CpuCost>,
    /// Heap, or `None` where it was not measured.
    pub heap: Option<HeapCost>,
}

/// Wall time of single runs that succeeded; the percentiles have three significant digits.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct WallCost {
    /// The exact median, with its interval.
    pub median: Estimate,
    /// Half of the runs took no longer.
    pub p50: Duration,
    /// 95 % of the runs took no longer; from 20 runs up.
    pub p95: Option<Duration>,
    /// 99 % of the runs took no longer; from 100 runs up.
    pub p99: Option<Duration>,
    /// The longest run.
    pub max: Duration,
    /// Mean time.
    pub mean: Duration,
    /// Mean time without the operations inside it.
    pub self_mean: Duration,
}

/// CPU time of the runs for which it was read.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CpuCost {
    /// Median of CPU time per wall time.
    pub cores: Estimate,
    /// CPU time per wall time over all these runs together.
    pub mean_cores: Cores,
    /// Mean CPU time of a run, all its threads together.
    pub mean: Duration,
    /// Runs that were read; the others were too short to read each.
    pub n_runs: u64,
}

/// Heap of the runs for which it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct HeapCost {
    /// Median of the peak above the level at the start.
    pub peak: Estimate,
    /// The highest peak.
    pub max_peak: ByteSize,
    /// How far peaks may be off to either side; 0 where one thread did all the work.
    pub bound: ByteSize,
    /// Mean bytes that were still held at the end (negative: more was freed).
    pub mean_net_bytes: i64,
    /// Mean bytes allocated, freed or not.
    pub mean_allocated: ByteSize,
    /// Mean number of allocations.
    pub mean_allocations: f64,
    /// Runs that were measured.
    pub n_runs: u64,
}

/// Runs on content that the operation had already seen, by its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepeatCost {
    /// Runs whose content was known.
    pub n_keyed: u64,
    /// Those of them that did the same again.
    pub n_repeats: u64,
    /// Wall time of the repeats.
    pub wall: Duration,
}

impl OperationCost {
    /// Judges one operation; `total_self` is the self time of all operations.
    pub(crate) fn new(operation: &Operation, level: Share, total_self: Duration) -> Self {
        let sizes = operation.sizes();
        let sum =
            |part: fn(&Totals) -> u64| sizes.iter().map(|(_, totals)| part(totals)).sum();
        let self_wall = Duration::from_nanos(sum(|totals| totals.self_wall_ns));
        Self {
            name: operation.name.clone(),
            n_runs: sum(|totals| totals.n),
            wall: Duration::from_nanos(sum(|totals| totals.wall_ns)),
            self_wall,
            share: Share::of(self_wall.as_secs_f64(), total_self.as_secs_f64()),
            sizes: sizes.iter().filter_map(|(_, t)| SizeCost::new(t, level)).collect(),
            scaling: Scaling::new(operation, level),
            repeats: RepeatCost {
                n_keyed: operation.repeats.n_keyed,
                n_repeats: operation.repeats.n_again,
                wall: Duration::from_nanos(operation.repeats.again_wall_ns),
            },
        }
    }
}

impl SizeCost {
    /// Returns `None` without a run.
    pub(crate) fn new(totals: &Totals, level: Share) -> Option<Self> {
        Some(Self {
            dimensions: totals.dimensions,
            mean_pixels: totals.pixels as f64 / totals.n as f64,
            mean_bytes_in: ByteSize::from_bytes(totals.bytes_in.checked_div(totals.n)?),
            n_runs: totals.n,
            n_errors: totals.n_errors,
            n_panics: totals.n_panics,
            wall: WallCost::new(totals, level),
            cpu: CpuCost::new(totals, level),
            heap: HeapCost::new(totals, level),
        })
    }
}

impl WallCost {
    fn new(totals: &Totals, level: Share) -> Option<Self> {
        let runs = totals.runs.kept();
        let numbers: Vec<f64> = runs.iter().map(|run| run.wall_ns as f64).collect();
        let quantile = |q| {
            // The histogram rounds up within its precision; nothing took longer than max.
            let nanos = totals.wall.value_at_quantile(q).min(totals.max_wall_ns);
            Duration::from_nanos(nanos)
        };
        let median = Estimate::of_median(&numbers, level, Quantity::nanos)?;
        // While every run is kept, the exact median is known.
        let is_complete = totals.n_ok == runs.len() as u64;
        let exact = Duration::from_nanos(median.value.number() as u64);
        Some(Self {
            median,
            p50: if is_complete { exact } else { quantile(0.5) },
            p95: (P95_FROM_RUNS <= totals.n_ok).then(|| quantile(0.95)),
            p99: (P99_FROM_RUNS <= totals.n_ok).then(|| quantile(0.99)),
            max: Duration::from_nanos(totals.max_wall_ns),
            mean: Duration::from_nanos(totals.ok_wall_ns.checked_div(totals.n_ok)?),
            self_mean: Duration::from_nanos(
                totals.ok_self_wall_ns.checked_div(totals.n_ok)?,
            ),
        })
    }
}

impl CpuCost {
    fn new(totals: &Totals, level: Share) -> Option<Self> {
        let cores_of = |run: &Run| {
            run.cpu_ns.map(|cpu_ns| {
                let (cpu, wall) = (Duration::from_nanos(cpu_ns), run.wall_ns);
                Cores::from_times(cpu, Duration::from_nanos(wall)).get()
            })
        };
        let runs = totals.runs.kept();
        let numbers: Vec<f64> = runs.iter().filter_map(cores_of).collect();
        let cpu = totals.cpu;
        let (used, wall) =
            (Duration::from_nanos(cpu.cpu_ns), Duration::from_nanos(cpu.wall_ns));
        Some(Self {
            cores: Estimate::of_median(&numbers, level, |n| {
                Quantity::Cpu(Cores::new(n))
            })?,
            mean_cores: Cores::from_times(used, wall),
            mean: Duration::from_nanos(cpu.cpu_ns.checked_div(cpu.n)?),
            n_runs: cpu.n,
        })
    }
}

impl HeapCost {
    fn new(totals: &Totals, level: Share) -> Option<Self> {
        let runs = totals.runs.kept();
        let peaks = runs.iter().filter_map(|run| run.heap_peak);
        let numbers: Vec<f64> = peaks.map(|peak| peak as f64).collect();
        let heap = totals.heap;
        let bytes = Quantity::Bytes(ByteSize::ZERO);
        Some(Self {
            peak: Estimate::of_median(&numbers, level, |n| bytes.with_number(n))?,
            max_peak: ByteSize::from_bytes(heap.max_peak),
            bound: ByteSize::from_bytes(heap.max_bound),
            mean_net_bytes: heap.net.checked_div(heap.n.cast_signed())?,
            mean_allocated: ByteSize::from_bytes(heap.allocated.checked_div(heap.n)?),
            mean_allocations: heap.n_allocations as f64 / heap.n as f64,
            n_runs: heap.n,
        })
    }
}
