use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Returns a number that no other tracker of the process has.
///
/// One row for all monitors, as threads find their cells by it.
pub(crate) fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Relaxed)
}
