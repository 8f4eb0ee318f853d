use std::{cell::Cell, sync::Arc};

use crate::{
    account::{Account, Delta},
    level::SLACK,
    process::PROCESS,
};

#[cfg(test)]
mod tests;

/// A floor that no level lies near, so that the very next operation settles.
const UNSETTLED: i64 = i64::MIN / 2;

thread_local! {
    // Nothing in here is dropped, so the cells outlive every destructor of the thread.
    static LOCAL: Local = const { Local::new() };

    // First touched on the cold path: that registers the destructor.
    static ANCHOR: Anchor = const { Anchor { scope: Cell::new(None) } };
}

/// What one thread counts, in cells that only it touches.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) net: Cell<i64>,
    pub(crate) peak: Cell<i64>,
    pub(crate) allocated: Cell<u64>,
    pub(crate) allocations: Cell<u64>,
    /// The settled level less the slack, or [`UNSETTLED`]: the one number that the hot path
    /// compares with, for growth, shrinkage, a first use and an ending thread alike.
    floor: Cell<i64>,
    settled: Cell<Delta>,
    stage: Cell<Stage>,
}

/// The age of a thread.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// It has counted nothing yet.
    Fresh,
    /// Its destructor is registered; it settles in batches.
    Live,
    /// Its destructor has run; it settles each operation at once.
    Ended,
}

/// Settles what is left when its thread ends, and keeps the scope that the thread works for.
struct Anchor {
    scope: Cell<Option<Arc<Account>>>,
}

/// Runs `with` on the cells of this thread.
///
/// Returns `None` where the platform has destroyed them, which happens only on targets
/// without native thread locals.
#[inline]
pub(crate) fn with<R>(with: impl FnOnce(&Local) -> R) -> Option<R> {
    LOCAL.try_with(with).ok()
}

/// Counts an allocation.
#[inline]
pub(crate) fn allocated(size: usize) {
    resized(0, size);
}

/// Counts a change of size as one allocation of the new size, without both at once.
#[inline]
pub(crate) fn resized(old: usize, new: usize) {
    let change = (new as u64).wrapping_sub(old as u64).cast_signed();
    let counted = with(|local| {
        local.allocated.set(local.allocated.get().wrapping_add(new as u64));
        local.allocations.set(local.allocations.get().wrapping_add(1));
        let net = local.shift(change);
        local.peak.set(local.peak.get().max(net));
    });
    if counted.is_none() {
        PROCESS.add(change);
    }
}

/// Counts a release.
#[inline]
pub(crate) fn freed(size: usize) {
    let change = (size as u64).cast_signed().wrapping_neg();
    if with(|local| local.shift(change)).is_none() {
        PROCESS.add(change);
    }
}

/// Tells scope and process everything that this thread has held back.
pub(crate) fn settle() {
    with(|local| {
        // A fresh thread has counted nothing; without the allocator all stay fresh.
        if local.stage.get() != Stage::Fresh && local.now() != local.settled.get() {
            local.settle();
        }
    });
}

/// Makes this thread work for another scope; returns the one before.
pub(crate) fn replace_scope(scope: Option<Arc<Account>>) -> Option<Arc<Account>> {
    // While the thread is being torn down there is nothing left to attach to.
    ANCHOR.try_with(|anchor| anchor.scope.replace(scope)).ok().flatten()
}

/// Returns the scope that this thread works for.
pub(crate) fn scope() -> Option<Arc<Account>> {
    let scope = ANCHOR.try_with(|anchor| {
        let scope = anchor.scope.take();
        anchor.scope.set(scope.clone());
        scope
    });
    scope.ok().flatten()
}

impl Local {
    const fn new() -> Self {
        Self {
            net: Cell::new(0),
            peak: Cell::new(0),
            allocated: Cell::new(0),
            allocations: Cell::new(0),
            floor: Cell::new(UNSETTLED),
            settled: Cell::new(Delta { net: 0, allocated: 0, allocations: 0 }),
            stage: Cell::new(Stage::Fresh),
        }
    }

    /// Moves the level, and settles when it has left the band of the slack.
    #[inline]
    fn shift(&self, change: i64) -> i64 {
        let net = self.net.get().wrapping_add(change);
        self.net.set(net);
        if 2 * SLACK < net.wrapping_sub(self.floor.get()) as u64 {
            self.settle();
        }
        net
    }

    /// Charges what happened since the last time. It must not allocate.
    #[cold]
    #[inline(never)]
    fn settle(&self) {
        if self.stage.get() == Stage::Fresh {
            self.begin();
        }
        let now = self.now();
        let before = self.settled.replace(now);
        if self.stage.get() == Stage::Live {
            self.floor.set(now.net.wrapping_sub(SLACK.cast_signed()));
        }
        let delta = Delta {
            net: now.net.wrapping_sub(before.net),
            allocated: now.allocated.wrapping_sub(before.allocated),
            allocations: now.allocations.wrapping_sub(before.allocations),
        };
        PROCESS.add(delta.net);
        // An error means that the thread is being torn down and works for no scope.
        let _ = ANCHOR.try_with(|anchor| anchor.charge(delta));
    }

    fn now(&self) -> Delta {
        Delta {
            net: self.net.get(),
            allocated: self.allocated.get(),
            allocations: self.allocations.get(),
        }
    }

    /// Registers the destructor of the thread.
    fn begin(&self) {
        // Set first: should registering ever come back here, it finds a live thread.
        self.stage.set(Stage::Live);
        if ANCHOR.try_with(|_| ()).is_ok() {
            PROCESS.arrive();
        } else {
            self.stage.set(Stage::Ended);
        }
    }

    /// Settles for the last time; what later destructors do settles at once.
    fn end(&self) {
        // A thread that entered a scope without a tracking allocator has counted nothing.
        if self.stage.get() == Stage::Live {
            self.stage.set(Stage::Ended);
            self.floor.set(UNSETTLED);
            self.settle();
            PROCESS.leave();
        }
    }
}

impl Anchor {
    fn charge(&self, delta: Delta) {
        // Taken and put back, because a cell lends nothing; charging never comes back here.
        let scope = self.scope.take();
        if let Some(account) = &scope {
            account.charge(delta);
        }
        self.scope.set(scope);
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        with(Local::end);
    }
}
