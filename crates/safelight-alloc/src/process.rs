use crate::{level::Level, local};

/// The level of the whole process.
pub(crate) static PROCESS: Level = Level::new();

/// The heap of the whole process, in requested bytes.
///
/// Threads report in batches, so that either number may be off by `slack_bytes`: [`SLACK`]
/// for each thread that was counted at the same time.
/// Threads that have ended count exactly.
///
/// [`SLACK`]: crate::SLACK
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessHeap {
    /// The bytes that are allocated now.
    pub current_bytes: u64,
    /// The most that were allocated at once, since the start or the last reset.
    pub peak_bytes: u64,
    /// How far each of the two may be from the truth, to either side.
    pub slack_bytes: u64,
}

/// Reads the heap of the whole process; all zero where the allocator is not installed.
///
/// The calling thread is counted exactly.
/// Ask [`is_installed`](crate::is_installed) before a zero is shown to anyone.
///
/// ```
/// use safelight_alloc::{TrackingAlloc, process, reset_process_peak};
///
/// #[global_allocator]
/// static ALLOC: TrackingAlloc = TrackingAlloc::system();
///
/// reset_process_peak();
/// drop(std::hint::black_box(vec![0_u8; 8 << 20]));
/// let heap = process();
/// assert!(heap.current_bytes + (8 << 20) <= heap.peak_bytes + heap.slack_bytes);
/// ```
pub fn process() -> ProcessHeap {
    local::settle();
    ProcessHeap {
        current_bytes: u64::try_from(PROCESS.current()).unwrap_or(0),
        peak_bytes: PROCESS.peak(),
        slack_bytes: PROCESS.slack(),
    }
}

/// Lets the peak of the process start again from the present level.
pub fn reset_process_peak() {
    local::settle();
    PROCESS.reset_peak();
}
