use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(test)]
pub(super) mod tests;

/// Version of the whole document; it goes up when a field changes its meaning or goes away.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// What limits and devices a machine has, as `cargo xtask doctor --json` prints it.
///
/// Names carry their units: `_ns`, `_bytes`, `_share`.
/// What is not known is null, and `unread` says why; it is never 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// Always `safelight.doctor`.
    pub(super) kind: String,
    /// Version of this document.
    pub(super) schema_version: u32,
    /// When it was made, in UTC, as RFC 3339 has it.
    pub(super) created_utc: String,
    /// Version of Safelight.
    pub(super) version: String,
    /// Time between the two readings from which all shares but those of GPUs come.
    pub(super) sampled_ns: u64,
    /// The machine.
    pub(super) host: HostRow,
    /// The memory of the machine.
    pub(super) memory: MemoryRow,
    /// Every limit of memory that is known: the host's, then from the own cgroup upwards.
    pub(super) limits: Vec<LimitRow>,
    /// How much memory this process can still get.
    pub(super) headroom: Option<HeadroomRow>,
    /// How long tasks have waited for memory.
    pub(super) pressure: PressureRows,
    /// This process.
    pub(super) process: ProcessRow,
    /// The allocator of this process.
    pub(super) allocator: AllocatorRow,
    /// Whether the driver of the GPUs answers.
    pub(super) gpu_driver: GpuDriver,
    /// The GPUs of NVIDIA, in the order of the driver; null where the driver does not answer.
    pub(super) gpus: Option<Vec<GpuRow>>,
    /// What could not be read, and why.
    pub(super) unread: Vec<Unread>,
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HostRow {
    /// Operating system.
    pub(super) os: String,
    /// Processor architecture that this program was built for.
    pub(super) arch: String,
    /// Release of the kernel.
    pub(super) kernel: Option<String>,
    /// Name of the processor.
    pub(super) cpu_model: Option<String>,
    /// Logical cores of the machine.
    pub(super) logical_cores: Option<u64>,
    /// Physical cores of the machine.
    pub(super) physical_cores: Option<u64>,
    /// Threads of this process that can run at once, after affinity and quotas.
    pub(super) usable_cores: Option<u64>,
    /// Runnable and waiting tasks, mean of the last minute.
    pub(super) load_1min: Option<f64>,
    /// Part of the processor time in which anything ran, stolen time included.
    pub(super) cpu_busy_share: Option<f64>,
    /// Part of the processor time that a hypervisor took away.
    pub(super) cpu_steal_share: Option<f64>,
}

/// The memory of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MemoryRow {
    /// All of it.
    pub(super) total_bytes: Option<u64>,
    /// What can be had without swapping, by the kernel's estimate.
    pub(super) available_bytes: Option<u64>,
}

/// One limit of memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitRow {
    /// Who sets it.
    pub(super) set_by: SetBy,
    /// At most so much may be used.
    pub(super) size_bytes: u64,
    /// What is used and does not come back by itself.
    pub(super) used_bytes: Option<u64>,
    /// What can still be had; all of the size, the most it can be, where the use is not known.
    pub(super) available_bytes: u64,
}

/// Who sets a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "scope", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum SetBy {
    /// The memory of the machine.
    Host,
    /// A cgroup: that of this process, or one above it.
    Cgroup {
        /// Where it is below the mount of its hierarchy; `/` is the topmost that can be seen.
        path: String,
        /// Which of its limits it is.
        kind: CgroupLimit,
        /// Clean pages of files, which are charged but not in `used_bytes`.
        clean_cache_bytes: Option<u64>,
    },
}

/// Which of the limits of a cgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CgroupLimit {
    /// Over it processes are killed.
    Hard,
    /// Over it processes are slowed down and made to give back.
    High,
    /// A hard limit on memory and swap together.
    WithSwap,
    /// One that this document has no word for.
    Other,
}

/// How much memory this process can still get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadroomRow {
    /// The least that any known limit leaves.
    pub(super) available_bytes: u64,
    /// Place in `limits` of the one that leaves so little, from 0.
    pub(super) limit_idx: usize,
}

/// How long tasks have waited for memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PressureRows {
    /// Tasks of the whole machine.
    pub(super) host: PressureRow,
    /// Tasks of the own cgroup and of those below it.
    pub(super) cgroup: PressureRow,
}

/// The pressure stall information of one set of tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PressureRow {
    /// Time so far in which at least one task waited.
    pub(super) some_total_ns: Option<u64>,
    /// Time so far in which all tasks that were not idle waited.
    pub(super) full_total_ns: Option<u64>,
    /// Part of the sampled time in which at least one task waited.
    pub(super) some_share: Option<f64>,
    /// Part of the sampled time in which all tasks that were not idle waited.
    pub(super) full_share: Option<f64>,
}

/// This process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProcessRow {
    /// Resident set now.
    pub(super) rss_bytes: Option<u64>,
    /// Highest resident set so far.
    pub(super) peak_rss_bytes: Option<u64>,
    /// Threads.
    pub(super) n_threads: Option<u64>,
}

/// The allocator of this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AllocatorRow {
    /// Whether the tracking allocator counts the heap.
    pub(super) tracking: bool,
    /// Heap now, in requested bytes.
    pub(super) heap_bytes: Option<u64>,
    /// Most heap at once so far.
    pub(super) peak_heap_bytes: Option<u64>,
    /// How far either may be from the truth.
    pub(super) slack_bytes: Option<u64>,
}

/// Whether the driver of the GPUs answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum GpuDriver {
    /// It lists the GPUs.
    Answers,
    /// There is none, or it is not loaded.
    Absent,
    /// There is one, but it does not list the GPUs.
    Fails,
}

/// One GPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GpuRow {
    /// Place in the driver's order.
    pub(super) idx: u32,
    /// Name of the product.
    pub(super) name: Option<String>,
    /// All of its memory.
    pub(super) total_bytes: Option<u64>,
    /// Memory that processes have.
    pub(super) used_bytes: Option<u64>,
    /// Memory that can still be had.
    pub(super) free_bytes: Option<u64>,
    /// How many items of the size that was asked for fit at once in 80 % of its memory, with
    /// all that is used already; absent where none was asked for or the memory is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) n_items: Option<u64>,
    /// Part of the last moments, up to a second, in which it ran anything.
    pub(super) utilization_share: Option<f64>,
    /// Processes that use it, as far as this one can see.
    pub(super) processes: Option<Vec<GpuProcessRow>>,
}

/// One process on a GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GpuProcessRow {
    /// Its number, as the driver sees it.
    pub(super) pid: u32,
    /// Its memory there.
    pub(super) used_bytes: Option<u64>,
}

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Unread {
    /// The field of this document, or the object or list in which values are missing.
    pub(super) what: String,
    /// Why there is no value.
    pub(super) reason: String,
}
