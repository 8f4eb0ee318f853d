use std::sync::Arc;

use crate::ByteSize;

/// A holder of memory that can give some of it back.
///
/// The two verbs are those of Chromium's memory coordinator: a lasting budget, which may
/// also grow again, and a one-time reclaim.
/// An implementer may be called from any thread, is called with no lock held, must not
/// block on work of its caller, and must not panic.
pub trait Consumer: Send + Sync {
    /// Returns how much is held now.
    fn usage(&self) -> ByteSize;

    /// Sets a lasting limit; what is over it is let go before this returns.
    fn set_budget(&self, budget: ByteSize);

    /// Frees at least `wanted` where possible; returns the bytes really let go.
    fn reclaim(&self, wanted: ByteSize) -> ByteSize;
}

impl<C: Consumer + ?Sized> Consumer for Arc<C> {
    fn usage(&self) -> ByteSize {
        (**self).usage()
    }

    fn set_budget(&self, budget: ByteSize) {
        (**self).set_budget(budget);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        (**self).reclaim(wanted)
    }
}

/// What a coordinator is told about a [`Consumer`] when it is registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Who gives last: higher numbers keep their memory longer.
    pub priority: u8,
    /// The budget never goes below this.
    pub floor: ByteSize,
    /// What it costs to get freed memory's content back.
    pub cost: Cost,
    /// Where the memory is.
    pub domain: Domain,
}

/// What it costs to get back what was freed; ordered, the cheapest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cost {
    /// Buffers that are only kept for reuse.
    Free,
    /// Results that can be computed again.
    #[default]
    Recompute,
    /// Data that must be read or transferred again.
    Reload,
}

/// Where memory is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Domain {
    /// Main memory.
    #[default]
    Host,
    /// The memory of the GPU with this index.
    Gpu(u32),
}
