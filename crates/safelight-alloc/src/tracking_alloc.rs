use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
};

use crate::local;

/// An allocator that counts what passes through it to the allocator inside.
///
/// Blocks get no header and keep their size and alignment; only counts are kept.
/// Counting uses thread locals, which a global allocator may do since Rust 1.93: the
/// standard library takes the memory for registering destructors from the system, so that
/// counting never calls itself. What a thread holds back is settled by a destructor when
/// the thread ends; what later destructors of that thread do is counted for the process at
/// once.
///
/// Sizes are those that were asked for. A reallocation goes from the old size to the new
/// one without both at once, though the allocator inside may for a moment hold both.
///
/// ```
/// use safelight_alloc::{TrackingAlloc, is_installed};
///
/// #[global_allocator]
/// static ALLOC: TrackingAlloc = TrackingAlloc::system();
///
/// assert!(is_installed());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TrackingAlloc<A = System> {
    inner: A,
}

impl TrackingAlloc {
    /// Makes one that wraps the allocator of the system.
    pub const fn system() -> Self {
        Self::new(System)
    }
}

impl<A> TrackingAlloc<A> {
    /// Makes one that wraps `inner`.
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

/// Whether the global allocator of this process is a [`TrackingAlloc`].
///
/// It allocates one byte to find out, so ask once, not in a loop.
pub fn is_installed() -> bool {
    let allocations = || local::with(|local| local.allocations.get());
    let before = allocations();
    drop(black_box(Box::new(black_box(0_u8))));
    before.is_some() && before != allocations()
}

#[expect(unsafe_code, reason = "the trait of global allocators is unsafe")]
// SAFETY: each call goes unchanged to `inner`, which keeps the contract of the trait, and
// its answer is returned unchanged. Counting neither unwinds nor touches the blocks, and
// does not allocate.
unsafe impl<A: GlobalAlloc> GlobalAlloc for TrackingAlloc<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        let block = unsafe { self.inner.alloc(layout) };
        if !block.is_null() {
            local::allocated(layout.size());
        }
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is the same.
        let block = unsafe { self.inner.alloc_zeroed(layout) };
        if !block.is_null() {
            local::allocated(layout.size());
        }
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        local::freed(layout.size());
        // SAFETY: the block came from `inner` through this wrapper with this layout.
        unsafe { self.inner.dealloc(block, layout) };
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the block came from `inner` through this wrapper with this layout, and
        // the caller keeps the contract on `new_size`.
        let moved = unsafe { self.inner.realloc(block, layout, new_size) };
        if !moved.is_null() {
            local::resized(layout.size(), new_size);
        }
        moved
    }
}
