use safelight_core::ByteSize;
use safelight_probe::{MemoryLimit, Sampler};
#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::missing::List;

/// The machine, and the load on it when the report was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Operating system.
    pub os: String,
    /// Processor architecture.
    pub arch: String,
    /// Version of the kernel.
    pub kernel: Option<String>,
    /// Name of the processor.
    pub cpu_model: Option<String>,
    /// Logical cores of the machine.
    pub logical_cores: Option<u64>,
    /// Physical cores of the machine.
    pub physical_cores: Option<u64>,
    /// Cores that this process may use.
    pub usable_cores: Option<u64>,
    /// Memory of the machine.
    pub memory_bytes: Option<u64>,
    /// Memory that could be had without swapping.
    pub memory_available_bytes: Option<u64>,
    /// Memory limit of the process's own container.
    pub container_memory_bytes: Option<u64>,
    /// Which limit on memory binds: `host`, or one of a control group.
    pub binding: Option<String>,
    /// The size of that limit.
    pub binding_limit_bytes: Option<u64>,
    /// What can still be had below that limit.
    pub binding_available_bytes: Option<u64>,
    /// Runnable and waiting tasks, mean of a minute.
    pub load_1min: Option<f64>,
}

pub(super) fn read(missing: &mut List) -> Host {
    let host = safelight_probe::Host::read();
    let mut sampler = Sampler::open();
    let headroom = sampler.sample().headroom.as_ref();
    let headroom = missing.take("host.binding", headroom.map_err(Clone::clone));
    let count = |n: usize| n as u64;
    Host {
        os: host.os.to_owned(),
        arch: host.arch.to_owned(),
        kernel: missing.take("host.kernel", host.kernel),
        cpu_model: missing.take("host.cpu_model", host.cpu_model),
        logical_cores: missing.take("host.logical_cores", host.logical_cores).map(count),
        physical_cores: missing
            .take("host.physical_cores", host.physical_cores)
            .map(count),
        usable_cores: missing
            .take("host.usable_cores", host.parallelism)
            .map(|n| count(n.get())),
        memory_bytes: missing
            .take("host.memory_bytes", host.memory_total)
            .map(ByteSize::bytes),
        memory_available_bytes: missing
            .take("host.memory_available_bytes", host.memory_available)
            .map(ByteSize::bytes),
        container_memory_bytes: match host.container_memory {
            Ok(MemoryLimit::Unlimited) => {
                missing.note("host.container_memory_bytes", "it is not limited");
                None
            }
            Ok(MemoryLimit::Bytes(limit)) => Some(limit.bytes()),
            Err(error) => missing.take("host.container_memory_bytes", Err(error)),
        },
        binding: headroom.map(|headroom| headroom.binding.to_string()),
        binding_limit_bytes: headroom.map(|headroom| headroom.limit.bytes()),
        binding_available_bytes: headroom.map(|headroom| headroom.available.bytes()),
        load_1min: missing.take("host.load_1min", host.load),
    }
}
