use std::time::Duration;

use safelight_core::CpuClock;

/// The CPU clock of the calling thread, in user and system mode together.
///
/// One reading costs about 0.2 µs, because it enters the kernel. On platforms without such
/// a clock, which are those that are not Unix, it reads `None`.
///
/// ```
/// use safelight_core::CpuClock;
/// use safelight_probe::ThreadCpu;
///
/// let before = ThreadCpu.thread_cpu();
/// let sum: u64 = (0..1_000_000).map(std::hint::black_box).sum();
/// assert!(before <= ThreadCpu.thread_cpu(), "after adding up to {sum}");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadCpu;

impl CpuClock for ThreadCpu {
    fn thread_cpu(&self) -> Option<Duration> {
        #[cfg(unix)]
        return duration_of(rustix::time::ClockId::ThreadCPUTime);
        #[cfg(not(unix))]
        return None;
    }
}

/// Returns the CPU time of all threads of the process, ended ones included.
pub(crate) fn process_cpu() -> Option<Duration> {
    #[cfg(unix)]
    return duration_of(rustix::time::ClockId::ProcessCPUTime);
    #[cfg(not(unix))]
    return None;
}

#[cfg(unix)]
fn duration_of(clock: rustix::time::ClockId) -> Option<Duration> {
    Duration::try_from(rustix::time::clock_gettime(clock)).ok()
}
