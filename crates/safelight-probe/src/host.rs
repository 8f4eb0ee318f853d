use std::{num::NonZeroUsize, thread};

use safelight_core::ByteSize;

use crate::{CpuTimes, MemoryLimit, ProbeError, Reading, system};

/// The machine on which a measurement was made, and what else it was busy with.
///
/// ```
/// use safelight_probe::{Host, MemoryLimit};
///
/// let host = Host::read();
/// match &host.container_memory {
///     Ok(MemoryLimit::Bytes(limit)) => println!("limited to {limit}"),
///     Ok(MemoryLimit::Unlimited) => println!("only the machine's own"),
///     Err(error) => println!("limit not known: {error}"),
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Host {
    /// The operating system, such as `linux`.
    pub os: &'static str,
    /// The architecture that the program was compiled for, such as `x86_64`.
    pub arch: &'static str,
    /// The release of the kernel.
    pub kernel: Reading<String>,
    /// The name that the CPU gives itself.
    pub cpu_model: Reading<String>,
    /// The logical cores that are on line.
    pub logical_cores: Reading<usize>,
    /// The physical cores; half of the logical ones where each runs two threads.
    pub physical_cores: Reading<usize>,
    /// The threads that can run at once, after affinity and CPU quotas.
    pub parallelism: Reading<NonZeroUsize>,
    /// The physical memory of the machine.
    pub memory_total: Reading<ByteSize>,
    /// What can be had without swapping, by the kernel's estimate.
    pub memory_available: Reading<ByteSize>,
    /// The lowest limit of this process' own cgroup and of those above it.
    ///
    /// How much of it is used, and which one binds, a [`Sampler`](crate::Sampler) says.
    pub container_memory: Reading<MemoryLimit>,
    /// The load average over one minute, in running or waiting threads.
    pub load: Reading<f64>,
    /// The CPU times of the whole machine since boot.
    pub cpu_times: Reading<CpuTimes>,
}

impl Host {
    /// Reads all of it.
    pub fn read() -> Self {
        let cpu = system::cpu();
        Self {
            os: std::env::consts::OS,
            arch: std::env::consts::ARCH,
            kernel: system::kernel(),
            cpu_model: cpu.model,
            logical_cores: cpu.logical_cores,
            physical_cores: cpu.physical_cores,
            parallelism: thread::available_parallelism()
                .map_err(|error| ProbeError::call("available parallelism", error)),
            memory_total: system::memory_total(),
            memory_available: system::memory_available(),
            container_memory: system::container_memory(),
            load: system::load(),
            cpu_times: CpuTimes::read(),
        }
    }
}

/// What the platform's own source says about the processor.
pub(crate) struct Cpu {
    pub(crate) model: Reading<String>,
    pub(crate) logical_cores: Reading<usize>,
    pub(crate) physical_cores: Reading<usize>,
}
