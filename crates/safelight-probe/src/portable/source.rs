use safelight_core::ByteSize;
use sysinfo::{
    MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System,
};

use crate::{
    Binding, Limit, ProbeError, Reading, Sample,
    portable::{known, load, open},
    thread_cpu,
};

/// The kept state of a sampler where sysinfo answers.
#[derive(Debug)]
pub(crate) struct Source {
    system: Reading<System>,
    own: Option<Pid>,
}

impl Source {
    pub(crate) fn open() -> Self {
        Self {
            system: open("memory", RefreshKind::nothing()),
            own: sysinfo::get_current_pid().ok(),
        }
    }

    pub(crate) fn read_into(&mut self, sample: &mut Sample) {
        match self.host() {
            Ok(limit) => sample.limits.push(limit),
            Err(error) => sample.unread.push(error),
        }
        sample.unread.push(ProbeError::unavailable("memory limit of the container"));
        sample.host_psi = Err(ProbeError::unavailable("memory pressure"));
        sample.cgroup_psi = Err(ProbeError::unavailable("memory pressure of the cgroup"));
        sample.load = load();
        sample.rss = self.rss();
        sample.cpu_time = thread_cpu::process_cpu()
            .ok_or_else(|| ProbeError::unavailable("CPU time of the process"));
        sample.n_threads = Err(ProbeError::unavailable("number of threads"));
    }

    fn host(&mut self) -> Reading<Limit> {
        let system = self.system.as_mut().map_err(|error| error.clone())?;
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let total = known("total memory", system.total_memory())?;
        let available = known("available memory", system.available_memory())?;
        let used = total.saturating_sub(available);
        let [total, used] = [total, used].map(ByteSize::from_bytes);
        Ok(Limit::new(Binding::Host, total, used))
    }

    pub(super) fn rss(&mut self) -> Reading<ByteSize> {
        let what = "resident set";
        let own = self.own.ok_or_else(|| ProbeError::unavailable(what))?;
        let system = self.system.as_mut().map_err(|error| error.clone())?;
        let refresh = ProcessRefreshKind::nothing().with_memory();
        let pids = [own];
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&pids),
            false,
            refresh,
        );
        let process = system.process(own).ok_or_else(|| ProbeError::unavailable(what))?;
        known(what, process.memory()).map(ByteSize::from_bytes)
    }
}
