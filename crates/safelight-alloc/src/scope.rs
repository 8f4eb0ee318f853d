use std::sync::{Arc, atomic::Ordering::Relaxed};

use crate::{Usage, account::Account, local};

/// A heap account that several threads share; clones are the same account.
///
/// A thread works for a scope during [`enter`](Self::enter), and for one scope at a time:
/// entering another leaves the first for that while. A scope made by
/// [`child`](Self::child) passes all it counts on to its parents, once each.
///
/// Bytes are counted for the scope that a thread works for when it allocates *and when it
/// frees*: a block that is freed in another scope, or in none, is taken off there.
///
/// ```
/// use std::thread;
///
/// use safelight_alloc::{Scope, TrackingAlloc};
///
/// #[global_allocator]
/// static ALLOC: TrackingAlloc = TrackingAlloc::system();
///
/// let scope = Scope::new();
/// let worker = {
///     let scope = scope.clone();
///     thread::spawn(move || scope.enter(|| vec![0_u8; 4 << 20]))
/// };
/// let other = scope.enter(|| vec![0_u8; 1 << 20]);
/// let mine = worker.join().expect("the worker does not panic");
/// let usage = scope.usage();
/// assert_eq!(usage.current_bytes, 5 << 20);
/// assert!((5 << 20) <= usage.peak_bytes + usage.slack_bytes);
/// # drop((mine, other));
/// ```
#[derive(Clone, Debug)]
pub struct Scope {
    account: Arc<Account>,
}

/// What the threads of a scope did to the heap, in requested bytes.
///
/// Threads report in batches. While some are inside, `current_bytes` may be off by
/// [`SLACK`](crate::SLACK) for each of them, and the two counters lack what they have not
/// reported; once all have left, these three are exact. The peak may always be off by
/// `slack_bytes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeUsage {
    /// The bytes allocated less the bytes freed; negative after freeing more.
    pub current_bytes: i64,
    /// The highest level above 0.
    pub peak_bytes: u64,
    /// All bytes asked for, freed or not; a reallocation adds its whole new size.
    pub allocated_bytes: u64,
    /// The number of allocations; a reallocation is one more.
    pub allocations: u64,
    /// How far the peak may be from the truth, to either side: [`SLACK`](crate::SLACK) for
    /// each thread that was inside this scope or its children at the same time.
    pub slack_bytes: u64,
}

impl Scope {
    /// Makes an empty scope without a parent.
    pub fn new() -> Self {
        Self { account: Arc::new(Account::new(None)) }
    }

    /// Returns the scope that the calling thread works for.
    ///
    /// ```
    /// use safelight_alloc::Scope;
    ///
    /// assert!(Scope::current().is_none());
    /// Scope::new().enter(|| assert!(Scope::current().is_some()));
    /// ```
    pub fn current() -> Option<Self> {
        local::scope().map(|account| Self { account })
    }

    /// Makes an empty scope whose work also counts for this one and its parents.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { account: Arc::new(Account::new(Some(Arc::clone(&self.account)))) }
    }

    /// Lets the scope begin with what its owner used before there was a scope.
    ///
    /// ```
    /// use safelight_alloc::{Scope, Span, TrackingAlloc};
    ///
    /// #[global_allocator]
    /// static ALLOC: TrackingAlloc = TrackingAlloc::system();
    ///
    /// let operation = Span::start();
    /// let input = vec![0_u8; 3 << 20];
    /// let so_far = operation.so_far();
    /// let scope = Scope::new().with_baseline(so_far);
    /// assert_eq!(scope.usage().current_bytes, 3 << 20);
    /// # drop((input, operation));
    /// ```
    #[must_use]
    pub fn with_baseline(self, usage: Usage) -> Self {
        self.absorb(usage);
        self
    }

    /// Adds work that a [`Span`](crate::Span) measured outside this scope.
    ///
    /// Its peak is taken as above the present level. Parents are not charged: the thread
    /// that did the work has charged those that it worked for.
    pub fn absorb(&self, usage: Usage) {
        self.account.absorb(usage);
    }

    /// Runs `work` while the calling thread counts for this scope.
    ///
    /// A panic in `work` passes through; the thread has left the scope by then.
    /// During the destructors of thread locals a thread counts for no scope any more.
    pub fn enter<R>(&self, work: impl FnOnce() -> R) -> R {
        let _inside = Inside::new(&self.account);
        work()
    }

    /// Reads the account; the calling thread's part is up to date.
    pub fn usage(&self) -> ScopeUsage {
        local::settle();
        ScopeUsage {
            current_bytes: self.account.level.current(),
            peak_bytes: self.account.level.peak(),
            allocated_bytes: self.account.allocated.load(Relaxed),
            allocations: self.account.allocations.load(Relaxed),
            slack_bytes: self.account.level.slack(),
        }
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self::new()
    }
}

/// The stay of a thread in a scope. It never leaves `enter`, so stays end in reverse order.
struct Inside<'a> {
    account: &'a Account,
    outer: Option<Arc<Account>>,
}

impl<'a> Inside<'a> {
    fn new(account: &'a Arc<Account>) -> Self {
        local::settle();
        account.arrive();
        Self { account, outer: local::replace_scope(Some(Arc::clone(account))) }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        local::settle();
        local::replace_scope(self.outer.take());
        self.account.leave();
    }
}
