use std::fmt;

use safelight_core::CpuClock;
use safelight_probe::{Sampler, ThreadCpu};

use crate::Reading;

/// Reads memory and CPU time of this process, from files that stay open.
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
    sampler: Sampler,
}

impl Process {
    /// Opens what there is to read.
    pub fn open() -> Self {
        Self { sampler: Sampler::open() }
    }

    /// Reads; the CPU time of the calling thread is taken as that of the monitor.
    pub fn read(&mut self) -> Reading {
        let sample = self.sampler.sample();
        Reading {
            rss: sample.rss.as_ref().ok().copied(),
            cpu: sample.cpu_time.as_ref().ok().copied(),
            own_cpu: ThreadCpu.thread_cpu(),
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").finish_non_exhaustive()
    }
}
