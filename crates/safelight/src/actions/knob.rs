use std::fmt;

use super::Cause;

/// Something that can be set; its value is a `u64` in its [`unit`](Knob::unit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Knob {
    /// How many bytes caches may hold.
    CacheBytes,
    /// How many jobs run at once.
    Jobs,
    /// How long a job waits for memory.
    Patience,
    /// The shortest time between two frames of the progress monitor.
    ///
    /// The monitor sets it itself, and its own journal has the exact moments. It is there so
    /// that one journal tells of everything.
    Interval,
    /// How many items the GPU of this index works on at once.
    GpuBatch(u32),
    /// How often the allocator was told to give back what it retains; it is never undone.
    Purge,
}

impl Knob {
    /// Returns its name in reports, without the index of a GPU.
    pub fn name(self) -> &'static str {
        match self {
            Self::CacheBytes => "cache_bytes",
            Self::Jobs => "jobs",
            Self::Patience => "patience",
            Self::Interval => "interval",
            Self::GpuBatch(_) => "gpu_batch",
            Self::Purge => "purge",
        }
    }

    /// Returns the unit of its value in reports: `bytes`, `count` or `ns`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::CacheBytes => "bytes",
            Self::Patience | Self::Interval => "ns",
            Self::Jobs | Self::GpuBatch(_) | Self::Purge => "count",
        }
    }

    /// Returns the cause that turns this knob, where the table says that this one does.
    ///
    /// GPU 0 of the table stands for each.
    pub(super) fn cause(self, in_table: Cause) -> Cause {
        match (self, in_table) {
            (Self::GpuBatch(idx), Cause::GpuFull(_)) => Cause::GpuFull(idx),
            _ => in_table,
        }
    }
}

impl fmt::Display for Knob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GpuBatch(idx) => write!(f, "{} {idx}", self.name()),
            _ => f.pad(self.name()),
        }
    }
}
