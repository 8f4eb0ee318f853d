use std::time::Duration;

use safelight_core::ByteSize;

use crate::{ProbeError, Reading, system, thread_cpu};

/// Reads memory and CPU time of this process again and again, and nothing else.
///
/// It costs a small part of what the [`Sampler`](crate::Sampler) does. On Linux it keeps its
/// file open and allocates nothing; elsewhere sysinfo answers.
///
/// It belongs to the process that opened it, not to one forked from it.
///
/// ```
/// use safelight_probe::ProcessSampler;
///
/// let mut process = ProcessSampler::open();
/// if let (Ok(rss), Ok(cpu_time)) = (process.rss(), process.cpu_time()) {
///     println!("{rss} resident, {cpu_time:?} of CPU time");
/// }
/// ```
#[derive(Debug)]
pub struct ProcessSampler {
    source: system::OwnSource,
}

impl ProcessSampler {
    /// Finds out what there is to read; what is not there becomes an error of each reading.
    pub fn open() -> Self {
        Self { source: system::OwnSource::open() }
    }

    /// Does the same with `proc` below another folder, for trees of files in tests.
    ///
    /// The CPU time stays that of this process.
    #[cfg(target_os = "linux")]
    pub fn open_under(root: impl AsRef<std::path::Path>) -> Self {
        Self { source: system::OwnSource::open_under(root.as_ref()) }
    }

    /// Returns the physical memory of the process; shared pages count in full.
    ///
    /// A file that was missing is looked for again at each 16th reading.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or holds no such number.
    pub fn rss(&mut self) -> Reading<ByteSize> {
        self.source.rss()
    }

    /// Returns the CPU time in user and system mode of all threads, ended ones included.
    ///
    /// # Errors
    ///
    /// When the platform has no such clock.
    pub fn cpu_time(&self) -> Reading<Duration> {
        thread_cpu::process_cpu()
            .ok_or_else(|| ProbeError::unavailable("CPU time of the process"))
    }
}
