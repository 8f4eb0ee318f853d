use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::{self, ThreadId},
};

use crate::{heap::Account, lane, profiler::Shared, sample::Heap};

/// Counts what other threads do for one operation.
///
/// It is made by [`Operation::measure_workers`](crate::Operation::measure_workers), can be
/// shared by reference or cloned into `'static` tasks, and may be used from any thread.
/// Work that ends after its operation counts for nothing.
#[derive(Clone)]
pub struct Workers {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    owner: ThreadId,
    account: Account,
    cpu_ns: AtomicU64,
}

impl Workers {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            inner: Arc::new(Inner {
                shared: Arc::clone(shared),
                owner: thread::current().id(),
                account: Account::new(),
                cpu_ns: AtomicU64::new(0),
            }),
        }
    }

    /// Runs a part of the operation on this thread.
    ///
    /// With a thread pool, call it in the innermost closure: a thread that waits inside it
    /// may be lent to a stranger's task, which would count too.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        if thread::current().id() == self.inner.owner {
            // The operation itself counts its own thread.
            return work();
        }
        let _used = CpuUsed::start(&self.inner);
        self.inner.account.enter(work)
    }

    /// Counts the heap of the operation's own thread.
    pub(crate) fn own<R>(&self, work: impl FnOnce() -> R) -> R {
        self.inner.account.enter(work)
    }

    pub(crate) fn cpu_ns(&self) -> u64 {
        self.inner.cpu_ns.load(Relaxed)
    }

    pub(crate) fn heap(&self) -> Option<Heap> {
        self.inner.shared.heap.is_measured().then(|| self.inner.account.usage())
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers").field("cpu_ns", &self.cpu_ns()).finish_non_exhaustive()
    }
}

/// Adds the CPU time of a worker when it is dropped, also by a panic.
struct CpuUsed<'a> {
    inner: &'a Inner,
    before: Option<u64>,
}

impl<'a> CpuUsed<'a> {
    fn start(inner: &'a Inner) -> Self {
        Self { inner, before: spent_ns(&inner.shared) }
    }
}

impl Drop for CpuUsed<'_> {
    fn drop(&mut self) {
        if let (Some(before), Some(after)) = (self.before, spent_ns(&self.inner.shared)) {
            self.inner.cpu_ns.fetch_add(after.saturating_sub(before), Relaxed);
        }
    }
}

/// Returns the CPU time of this thread and of those that worked for its operations.
fn spent_ns(shared: &Shared) -> Option<u64> {
    let own = shared.cpu.as_ref()?.thread_cpu()?;
    Some(own.as_nanos() as u64 + lane::workers_cpu_ns(shared))
}
