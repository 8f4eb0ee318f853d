use std::{
    cell::Cell,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::{self, ThreadId},
};

use crate::{heap::Account, lane, profiler::Shared, sample::Heap};

thread_local! {
    /// CPU nanoseconds of this thread that were charged by a call of `run`; where such calls
    /// nest, the innermost one charges, and the outer ones leave its part out.
    static CHARGED_NS: Cell<u64> = const { Cell::new(0) };
}

/// Counts what other threads do for one operation.
///
/// It is made by [`Operation::measure_workers`](crate::Operation::measure_workers), can be
/// shared by reference or cloned into `'static` tasks, and may be used from any thread.
/// Work that ends after its operation counts for nothing.
#[derive(Clone)]
pub struct Workers {
    /// Nothing while the profiler is off.
    inner: Option<Arc<Inner>>,
}

struct Inner {
    shared: Arc<Shared>,
    owner: ThreadId,
    account: Account,
    cpu_ns: AtomicU64,
}

impl Workers {
    pub(crate) fn off() -> Self {
        Self { inner: None }
    }

    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            inner: Some(Arc::new(Inner {
                shared: Arc::clone(shared),
                owner: thread::current().id(),
                account: Account::new(),
                cpu_ns: AtomicU64::new(0),
            })),
        }
    }

    /// Runs a part of the operation on this thread.
    ///
    /// With a thread pool, call it in the innermost closure: a thread that waits inside it
    /// may be lent to a stranger's task, which would count too.
    /// Calls may nest: what this thread does is charged once, by the innermost call.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        match &self.inner {
            Some(inner) if thread::current().id() != inner.owner => {
                let _used = CpuUsed::start(inner);
                inner.account.enter(work)
            }
            // The operation itself counts its own thread.
            _ => work(),
        }
    }

    /// Counts the heap of the operation's own thread.
    pub(crate) fn own<R>(&self, work: impl FnOnce() -> R) -> R {
        match &self.inner {
            Some(inner) => inner.account.enter(work),
            None => work(),
        }
    }

    pub(crate) fn cpu_ns(&self) -> u64 {
        self.inner.as_ref().map_or(0, |inner| inner.cpu_ns.load(Relaxed))
    }

    pub(crate) fn heap(&self) -> Option<Heap> {
        let inner = self.inner.as_ref()?;
        inner.shared.heap.is_measured().then(|| inner.account.usage())
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
        Self { inner, before: uncharged_ns(&inner.shared) }
    }
}

impl Drop for CpuUsed<'_> {
    fn drop(&mut self) {
        if let (Some(before), Some(after)) =
            (self.before, uncharged_ns(&self.inner.shared))
        {
            let used = after.saturating_sub(before);
            self.inner.cpu_ns.fetch_add(used, Relaxed);
            CHARGED_NS.set(CHARGED_NS.get().wrapping_add(used));
        }
    }
}

/// Returns the CPU time of this thread, and of those that worked for its operations, that
/// no call of `run` has charged.
fn uncharged_ns(shared: &Shared) -> Option<u64> {
    let own = shared.cpu.as_ref()?.thread_cpu()?.as_nanos() as u64;
    let spent = own.wrapping_add(lane::workers_cpu_ns(shared));
    Some(spent.wrapping_sub(CHARGED_NS.get()))
}
