use std::time::Duration;

use safelight_core::ByteSize;

use crate::{ProbeError, Reading, system, thread_cpu};

/// What the operating system says about this process.
///
/// ```
/// use safelight_probe::Process;
///
/// let process = Process::read();
/// if let (Ok(now), Ok(peak)) = (process.rss, process.peak_rss) {
///     println!("{now} resident, at most {peak}");
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Process {
    /// The physical memory of the process now; shared pages count in full.
    pub rss: Reading<ByteSize>,
    /// The highest resident set since the start or [`reset_peak_rss`].
    pub peak_rss: Reading<ByteSize>,
    /// The CPU time in user and system mode of all threads, ended ones included.
    pub cpu: Reading<Duration>,
    /// The number of threads.
    pub threads: Reading<usize>,
}

impl Process {
    /// Reads all of it.
    pub fn read() -> Self {
        let memory = system::process();
        Self {
            rss: memory.rss,
            peak_rss: memory.peak_rss,
            cpu: thread_cpu::process_cpu()
                .ok_or_else(|| ProbeError::unavailable("CPU time of the process")),
            threads: memory.threads,
        }
    }
}

/// What the platform's own source says about the process.
pub(crate) struct Usage {
    pub(crate) rss: Reading<ByteSize>,
    pub(crate) peak_rss: Reading<ByteSize>,
    pub(crate) threads: Reading<usize>,
}

/// Lets [`Process::peak_rss`] start again from the present resident set.
///
/// The peak belongs to the whole process: one measurement at a time can use it.
///
/// # Errors
///
/// When the platform is not Linux, or the kernel was built without that file or does not
/// let this process write it.
pub fn reset_peak_rss() -> Reading<()> {
    system::reset_peak_rss()
}
