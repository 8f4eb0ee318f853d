#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Interval, ScalingRow, nanos};
use crate::{CpuCost, HeapCost, OperationCost, SizeCost, WallCost};

/// What one operation cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The operation's name.
    pub name: String,
    /// Runs that ended.
    pub n_runs: u64,
    /// Wall time of all runs together.
    pub wall_ns: u64,
    /// The same without the operations inside it.
    pub self_wall_ns: u64,
    /// The part of the self time of all operations that is this one's.
    pub time_share: f64,
    /// Cost by image size, smallest first.
    pub sizes: Vec<Size>,
    /// How the time grows with the image size.
    pub scaling: ScalingRow,
    /// Work that was done again on content already seen.
    pub repeats: Repeats,
}

/// What one operation cost on images of one size class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// `1920x1080`, a range such as `0.90 to 1.30 MP`, or `any size`.
    pub dimensions: String,
    /// Mean number of pixels; 0 where the size is not known.
    pub mean_pixels: f64,
    /// Mean encoded bytes that went in.
    pub mean_input_bytes: u64,
    /// Runs that ended, with any outcome.
    pub n_runs: u64,
    /// Runs that ended with an error.
    pub n_errors: u64,
    /// Runs that were unwound by a panic.
    pub n_panics: u64,
    /// Wall time of the runs that succeeded, or `null` where none did.
    pub wall: Option<Wall>,
    /// CPU time, or `null` where it was not read.
    pub cpu: Option<Cpu>,
    /// Heap, or `null` where it was not measured.
    pub heap: Option<Heap>,
}

/// Wall time of single runs that succeeded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Wall {
    /// The median, with its interval.
    pub median: Interval,
    /// Half of the runs took no longer.
    pub p50_ns: u64,
    /// 95 % of the runs took no longer; `null` under 20 runs.
    pub p95_ns: Option<u64>,
    /// 99 % of the runs took no longer; `null` under 100 runs.
    pub p99_ns: Option<u64>,
    /// The longest run.
    pub max_ns: u64,
    /// Mean time.
    pub mean_ns: u64,
    /// Mean time without the operations inside it.
    pub self_mean_ns: u64,
}

/// CPU time of the runs for which it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cpu {
    /// CPU time per wall time; 1 is one core busy.
    pub median: Interval,
    /// CPU time per wall time over all these runs together.
    pub mean_cores: f64,
    /// Mean CPU time of a run, all its threads together.
    pub mean_ns: u64,
    /// Runs that were read.
    pub n_runs: u64,
}

/// Heap of the runs for which it was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Heap {
    /// The peak above the level at the start.
    pub peak: Interval,
    /// The highest peak.
    pub max_peak_bytes: u64,
    /// How far peaks may be off to either side; 0 where one thread did all the work.
    pub peak_bound_bytes: u64,
    /// Mean of what was still held at the end; negative: more was freed.
    pub mean_net_bytes: i64,
    /// Mean of what was allocated, freed or not.
    pub mean_allocated_bytes: u64,
    /// Mean number of allocations.
    pub mean_allocations: f64,
    /// Runs that were measured.
    pub n_runs: u64,
}

/// Runs on content that the operation had already seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Repeats {
    /// Runs whose content was known.
    pub n_keyed: u64,
    /// Those of them that did the same again.
    pub n_repeats: u64,
    /// Wall time of the repeats.
    pub wall_ns: u64,
}

impl From<&OperationCost> for Operation {
    fn from(cost: &OperationCost) -> Self {
        Self {
            name: cost.name.clone(),
            n_runs: cost.n_runs,
            wall_ns: nanos(cost.wall),
            self_wall_ns: nanos(cost.self_wall),
            time_share: cost.share.get(),
            sizes: cost.sizes.iter().map(Size::from).collect(),
            scaling: ScalingRow::from(&cost.scaling),
            repeats: Repeats {
                n_keyed: cost.repeats.n_keyed,
                n_repeats: cost.repeats.n_repeats,
                wall_ns: nanos(cost.repeats.wall),
            },
        }
    }
}

impl From<&SizeCost> for Size {
    fn from(cost: &SizeCost) -> Self {
        Self {
            dimensions: cost.dimensions.to_string(),
            mean_pixels: cost.mean_pixels,
            mean_input_bytes: cost.mean_bytes_in.bytes(),
            n_runs: cost.n_runs,
            n_errors: cost.n_errors,
            n_panics: cost.n_panics,
            wall: cost.wall.as_ref().map(Wall::from),
            cpu: cost.cpu.as_ref().map(Cpu::from),
            heap: cost.heap.as_ref().map(Heap::from),
        }
    }
}

impl From<&WallCost> for Wall {
    fn from(cost: &WallCost) -> Self {
        Self {
            median: Interval::from(&cost.median),
            p50_ns: nanos(cost.p50),
            p95_ns: cost.p95.map(nanos),
            p99_ns: cost.p99.map(nanos),
            max_ns: nanos(cost.max),
            mean_ns: nanos(cost.mean),
            self_mean_ns: nanos(cost.self_mean),
        }
    }
}

impl From<&CpuCost> for Cpu {
    fn from(cost: &CpuCost) -> Self {
        Self {
            median: Interval::from(&cost.cores),
            mean_cores: cost.mean_cores.get(),
            mean_ns: nanos(cost.mean),
            n_runs: cost.n_runs,
        }
    }
}

impl From<&HeapCost> for Heap {
    fn from(cost: &HeapCost) -> Self {
        Self {
            peak: Interval::from(&cost.peak),
            max_peak_bytes: cost.max_peak.bytes(),
            peak_bound_bytes: cost.bound.bytes(),
            mean_net_bytes: cost.mean_net_bytes,
            mean_allocated_bytes: cost.mean_allocated.bytes(),
            mean_allocations: cost.mean_allocations,
            n_runs: cost.n_runs,
        }
    }
}
