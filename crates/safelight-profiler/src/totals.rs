use hdrhistogram::Histogram;

use crate::{Dimensions, Outcome, reservoir::Reservoir, sample::Sample};

/// All runs of one operation on images of one size class.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    pub(crate) n: u64,
    pub(crate) n_errors: u64,
    pub(crate) n_panics: u64,
    pub(crate) dimensions: Dimensions,
    pub(crate) pixels: u64,
    pub(crate) bytes_in: u64,
    /// Wall time of all runs, whatever their outcome.
    pub(crate) wall_ns: u64,
    pub(crate) self_wall_ns: u64,
    /// All below is about the runs that succeeded: failing early would look like speed.
    pub(crate) n_ok: u64,
    /// Nanoseconds, to three significant digits.
    pub(crate) wall: Histogram<u32>,
    pub(crate) ok_wall_ns: u64,
    pub(crate) ok_self_wall_ns: u64,
    pub(crate) max_wall_ns: u64,
    pub(crate) cpu: CpuTotals,
    pub(crate) heap: HeapTotals,
    /// Exact values of some runs, from which intervals are computed.
    pub(crate) runs: Reservoir<Run>,
}

/// The CPU time of the runs for which it was read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CpuTotals {
    pub(crate) n: u64,
    pub(crate) cpu_ns: u64,
    /// Wall time of the same runs.
    pub(crate) wall_ns: u64,
}

/// The heap of the runs for which it was measured, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeapTotals {
    pub(crate) n: u64,
    pub(crate) max_peak: u64,
    pub(crate) max_bound: u64,
    pub(crate) net: i64,
    pub(crate) allocated: u64,
    pub(crate) n_allocations: u64,
}

/// What is kept of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) wall_ns: u64,
    pub(crate) cpu_ns: Option<u64>,
    pub(crate) heap_peak: Option<u64>,
}

impl Totals {
    pub(crate) fn new() -> Self {
        Self {
            n: 0,
            n_errors: 0,
            n_panics: 0,
            dimensions: Dimensions::of(0, 0),
            pixels: 0,
            bytes_in: 0,
            wall_ns: 0,
            self_wall_ns: 0,
            n_ok: 0,
            wall: Histogram::new(3).expect("three digits are within the crate's range"),
            ok_wall_ns: 0,
            ok_self_wall_ns: 0,
            max_wall_ns: 0,
            cpu: CpuTotals::default(),
            heap: HeapTotals::default(),
            runs: Reservoir::new(),
        }
    }

    /// Adds a run whose times are in nanoseconds.
    pub(crate) fn add(&mut self, sample: &Sample) {
        let attributes = sample.attributes;
        let dimensions = Dimensions::of(attributes.width, attributes.height);
        self.dimensions =
            if self.n == 0 { dimensions } else { self.dimensions.merge(dimensions) };
        self.n += 1;
        self.pixels += u64::from(attributes.width) * u64::from(attributes.height);
        self.bytes_in += attributes.bytes_in;
        self.wall_ns += sample.wall;
        self.self_wall_ns += sample.self_wall;
        match sample.outcome {
            Outcome::Ok => self.add_ok(sample),
            Outcome::Error => self.n_errors += 1,
            Outcome::Panic => self.n_panics += 1,
        }
    }

    fn add_ok(&mut self, sample: &Sample) {
        self.n_ok += 1;
        self.wall.record(sample.wall).expect("the histogram resizes as needed");
        self.ok_wall_ns += sample.wall;
        self.ok_self_wall_ns += sample.self_wall;
        self.max_wall_ns = self.max_wall_ns.max(sample.wall);
        if let Some(cpu_ns) = sample.cpu_ns {
            self.cpu.n += 1;
            self.cpu.cpu_ns += cpu_ns;
            self.cpu.wall_ns += sample.wall;
        }
        if let Some(heap) = sample.heap {
            self.heap.n += 1;
            self.heap.max_peak = self.heap.max_peak.max(heap.peak);
            self.heap.max_bound = self.heap.max_bound.max(heap.bound);
            self.heap.net += heap.net;
            self.heap.allocated += heap.allocated;
            self.heap.n_allocations += heap.n_allocations;
        }
        self.runs.add(Run {
            wall_ns: sample.wall,
            cpu_ns: sample.cpu_ns,
            heap_peak: sample.heap.map(|heap| heap.peak),
        });
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.dimensions = if self.n == 0 {
            other.dimensions
        } else {
            self.dimensions.merge(other.dimensions)
        };
        self.n += other.n;
        self.n_errors += other.n_errors;
        self.n_panics += other.n_panics;
        self.pixels += other.pixels;
        self.bytes_in += other.bytes_in;
        self.wall_ns += other.wall_ns;
        self.self_wall_ns += other.self_wall_ns;
        self.n_ok += other.n_ok;
        self.wall.add(&other.wall).expect("both histograms resize as needed");
        self.ok_wall_ns += other.ok_wall_ns;
        self.ok_self_wall_ns += other.ok_self_wall_ns;
        self.max_wall_ns = self.max_wall_ns.max(other.max_wall_ns);
        self.cpu.n += other.cpu.n;
        self.cpu.cpu_ns += other.cpu.cpu_ns;
        self.cpu.wall_ns += other.cpu.wall_ns;
        self.heap.n += other.heap.n;
        self.heap.max_peak = self.heap.max_peak.max(other.heap.max_peak);
        self.heap.max_bound = self.heap.max_bound.max(other.heap.max_bound);
        self.heap.net += other.heap.net;
        self.heap.allocated += other.heap.allocated;
        self.heap.n_allocations += other.heap.n_allocations;
        self.runs.merge(&other.runs);
    }
}
