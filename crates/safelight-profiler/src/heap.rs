use std::fmt;

/// Where heap figures come from, or why there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeapSource {
    /// The binary installed `safelight_alloc::TrackingAlloc`: exact on one thread.
    TrackingAlloc,
    /// The binary uses another global allocator, so the heap was not measured.
    NotInstalled,
    /// This crate was built without its feature `heap`, so the heap was not measured.
    #[default]
    FeatureOff,
}

impl HeapSource {
    /// Finds out how this process can be measured.
    pub(crate) fn detect() -> Self {
        #[cfg(feature = "heap")]
        if safelight_alloc::is_installed() {
            Self::TrackingAlloc
        } else {
            Self::NotInstalled
        }
        #[cfg(not(feature = "heap"))]
        Self::FeatureOff
    }

    /// Whether there are heap figures.
    pub fn is_measured(self) -> bool {
        self == Self::TrackingAlloc
    }
}

impl fmt::Display for HeapSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TrackingAlloc => "measured by the tracking allocator",
            Self::NotInstalled => {
                "not measured: the binary does not install \
                 `safelight_alloc::TrackingAlloc` as its global allocator"
            }
            Self::FeatureOff => {
                "not measured: `safelight-profiler` was built without its feature `heap`"
            }
        })
    }
}

#[cfg(feature = "heap")]
pub(crate) use tracked::{Account, Span};

#[cfg(not(feature = "heap"))]
pub(crate) use untracked::{Account, Span};

#[cfg(feature = "heap")]
mod tracked {
    use crate::sample::Heap;

    /// The heap of this thread since a moment.
    #[derive(Debug)]
    pub(crate) struct Span(safelight_alloc::Span);

    impl Span {
        #[inline]
        pub(crate) fn start() -> Self {
            Self(safelight_alloc::Span::start())
        }

        #[inline]
        pub(crate) fn finish(self) -> Heap {
            let usage = self.0.finish();
            Heap {
                peak: usage.peak_bytes,
                net: usage.net_bytes,
                allocated: usage.allocated_bytes,
                n_allocations: usage.allocations,
                bound: 0,
            }
        }
    }

    /// The heap that several threads share.
    #[derive(Clone, Debug)]
    pub(crate) struct Account(safelight_alloc::Scope);

    impl Account {
        /// Makes an account whose work also counts for the one that this thread is in.
        pub(crate) fn new() -> Self {
            let outer = safelight_alloc::Scope::current();
            Self(outer.map(|outer| outer.child()).unwrap_or_default())
        }

        pub(crate) fn enter<R>(&self, work: impl FnOnce() -> R) -> R {
            self.0.enter(work)
        }

        pub(crate) fn usage(&self) -> Heap {
            let usage = self.0.usage();
            Heap {
                peak: usage.peak_bytes,
                net: usage.current_bytes,
                allocated: usage.allocated_bytes,
                n_allocations: usage.allocations,
                bound: usage.slack_bytes,
            }
        }
    }
}

#[cfg(not(feature = "heap"))]
mod untracked {
    use crate::sample::Heap;

    #[derive(Debug)]
    pub(crate) struct Span;

    impl Span {
        pub(crate) fn start() -> Self {
            Self
        }

        pub(crate) fn finish(self) -> Heap {
            Heap::default()
        }
    }

    #[derive(Clone, Debug)]
    pub(crate) struct Account;

    impl Account {
        pub(crate) fn new() -> Self {
            Self
        }

        pub(crate) fn enter<R>(&self, work: impl FnOnce() -> R) -> R {
            work()
        }

        pub(crate) fn usage(&self) -> Heap {
            Heap::default()
        }
    }
}
