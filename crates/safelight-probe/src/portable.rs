use safelight_core::ByteSize;
use sysinfo::{
    CpuRefreshKind, MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate,
    RefreshKind, System,
};

use crate::{CpuTimes, MemoryLimit, ProbeError, Reading, host::Cpu, process::Usage};

mod own_source;
mod source;

pub(crate) use own_source::OwnSource;
pub(crate) use source::Source;

#[cfg(test)]
mod tests;

pub(crate) fn process() -> Usage {
    Usage {
        rss: rss(),
        peak_rss: Err(ProbeError::unavailable("peak of the resident set")),
        threads: Err(ProbeError::unavailable("number of threads")),
    }
}

pub(crate) fn reset_peak_rss() -> Reading<()> {
    Err(ProbeError::unavailable("peak of the resident set"))
}

pub(crate) fn kernel() -> Reading<String> {
    let what = "release of the kernel";
    System::kernel_version().map_err(|error| ProbeError::call(what, error))
}

pub(crate) fn cpu() -> Cpu {
    let refresh = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
    let system = open("CPU", refresh);
    let cpus = system.as_ref().map(System::cpus).map_err(Clone::clone);
    let brand = |cpus: &[sysinfo::Cpu]| {
        cpus.first().map(|cpu| cpu.brand().trim().to_owned()).unwrap_or_default()
    };
    let what = "physical cores";
    let physical = System::physical_core_count();
    Cpu {
        model: cpus.clone().and_then(|cpus| known("CPU model", brand(cpus))),
        logical_cores: cpus.and_then(|cpus| known("logical cores", cpus.len())),
        physical_cores: physical
            .map_err(|error| ProbeError::call(what, error))
            .and_then(|cores| known(what, cores)),
    }
}

pub(crate) fn memory_total() -> Reading<ByteSize> {
    let bytes = memory("total memory")?.total_memory();
    known("total memory", bytes).map(ByteSize::from_bytes)
}

pub(crate) fn memory_available() -> Reading<ByteSize> {
    let bytes = memory("available memory")?.available_memory();
    known("available memory", bytes).map(ByteSize::from_bytes)
}

pub(crate) fn container_memory() -> Reading<MemoryLimit> {
    Err(ProbeError::unavailable("memory limit of the container"))
}

pub(crate) fn load() -> Reading<f64> {
    let load = System::load_average();
    load.map(|load| load.one).map_err(|error| ProbeError::call("load average", error))
}

pub(crate) fn cpu_times() -> Reading<CpuTimes> {
    Err(ProbeError::unavailable("CPU times"))
}

fn rss() -> Reading<ByteSize> {
    let what = "resident set";
    let pid = sysinfo::get_current_pid().map_err(|_| ProbeError::unavailable(what))?;
    let mut system = open(what, RefreshKind::nothing())?;
    let refresh = ProcessRefreshKind::nothing().with_memory();
    let own = [pid];
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&own), false, refresh);
    let process = system.process(pid).ok_or_else(|| ProbeError::unavailable(what))?;
    known(what, process.memory()).map(ByteSize::from_bytes)
}

fn memory(what: &'static str) -> Reading<System> {
    open(
        what,
        RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram()),
    )
}

fn open(what: &'static str, refresh: RefreshKind) -> Reading<System> {
    System::new_with_specifics(refresh).map_err(|error| ProbeError::call(what, error))
}

/// Turns the 0 that sysinfo gives for "unknown" into an error.
fn known<T: Default + PartialEq>(what: &'static str, value: T) -> Reading<T> {
    if value == T::default() { Err(ProbeError::unavailable(what)) } else { Ok(value) }
}
