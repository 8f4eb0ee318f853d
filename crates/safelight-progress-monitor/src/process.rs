use std::fmt;

use safelight_core::CpuClock;
use safelight_probe::{ProcessSampler, ThreadCpu};

use crate::Reading;

/// Reads memory and CPU time of this process, from a file that stays open.
///
/// ```
/// use safelight_progress_monitor::Process;
///
/// let reading = Process::open().read();
/// if let Some(rss) = reading.rss {
///     println!("{rss} resident");
/// }
/// ```
pub struct Process {
    sampler: ProcessSampler,
}

impl Process {
    /// Opens what there is to read.
    pub fn open() -> Self {
        Self { sampler: ProcessSampler::open() }
    }

    /// Reads; the CPU time of the calling thread is taken as that of the monitor.
    pub fn read(&mut self) -> Reading {
        Reading {
            rss: self.sampler.rss().ok(),
            cpu: self.sampler.cpu_time().ok(),
            own_cpu: ThreadCpu.thread_cpu(),
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").finish_non_exhaustive()
    }
}
