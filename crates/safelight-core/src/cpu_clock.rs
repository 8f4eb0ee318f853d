use std::{sync::Arc, time::Duration};

/// A source of the CPU time that the calling thread has used.
///
/// The probe crate implements it for the operating system, tests implement it with a
/// closure.
/// An implementer never goes backwards on one thread and never blocks.
pub trait CpuClock: Send + Sync {
    /// Returns user plus system time of the calling thread, or `None` where it is unknown.
    fn thread_cpu(&self) -> Option<Duration>;
}

impl<F: Fn() -> Option<Duration> + Send + Sync> CpuClock for F {
    fn thread_cpu(&self) -> Option<Duration> {
        self()
    }
}

impl CpuClock for Arc<dyn CpuClock> {
    fn thread_cpu(&self) -> Option<Duration> {
        (**self).thread_cpu()
    }
}
