use std::sync::atomic::Ordering::SeqCst;

use safelight_alloc::process;
use safelight_cache::Policy;
use safelight_core::ByteSize;

use super::{BOOKKEEPING, IN_HAND, Stress};

impl Stress {
    /// Prints what was found; returns whether all held.
    pub(super) fn finish(&self, policy: Policy) -> bool {
        let stats = self.cache.stats();
        let n_requests = self.n_requests.load(SeqCst);
        let adds_up = stats.n_requests() == n_requests;
        let entries = self.cache.keys().len();
        let counted = entries == self.cache.usage().n_entries;
        self.cache.clear();
        let slack = process().slack_bytes;
        let left = process().current_bytes.saturating_sub(self.heap_before);
        let emptied =
            self.cache.usage().bytes == ByteSize::ZERO && left <= BOOKKEEPING + slack;
        let n_violations = self.n_violations.load(SeqCst);
        let size = |bytes| ByteSize::from_bytes(bytes);
        println!("{policy:?}:");
        println!(
            "  {} operations on {} threads, {} changes of the limits, {} checks of the heap, \
             {n_violations} violations",
            self.n_done.load(SeqCst),
            self.n_threads,
            self.n_resized.load(SeqCst),
            self.n_checks.load(SeqCst)
        );
        println!(
            "  values over the limit: {} at most; {} may be in hand",
            size(self.worst_live.load(SeqCst)),
            size(self.n_threads * IN_HAND),
        );
        println!(
            "  heap over the limit: {} at most; {} more for bookkeeping, {} for the reading; \
             above that in {} readings",
            size(self.worst_over.load(SeqCst)),
            size(BOOKKEEPING),
            size(slack),
            self.n_late.load(SeqCst),
        );
        println!("  {stats}");
        println!("  {n_requests} requests asked, {} counted", stats.n_requests());
        println!("  after it was cleared: {} of heap left", size(left));
        let n_checks = self.n_checks.load(SeqCst);
        if n_checks == 0 {
            println!("  nothing was checked: give it more operations or seconds");
        }
        let is_sound = 0 < n_checks && n_violations == 0 && adds_up && counted && emptied;
        println!("  {}", if is_sound { "all held" } else { "FAILED" });
        is_sound
    }
}
