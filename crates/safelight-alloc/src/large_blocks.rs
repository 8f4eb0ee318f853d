/// What [`return_large_blocks`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LargeBlocks {
    /// From now on they go back to the system as soon as they are freed.
    Returned,
    /// There are other threads already, so that it cannot be set safely; nothing was done.
    TooLate,
    /// The allocator does not take this size as its threshold; nothing was done.
    Refused,
    /// How to tell the allocator of this system is not known; nothing was done.
    Unsupported,
}

/// Has the system's allocator give blocks of so many bytes and more back when they are freed.
///
/// Left to itself glibc learns: once a block that was mapped on its own is freed, blocks of
/// that size, up to 32 MiB, come from its arenas, of which threads have up to eight a core,
/// and each of them keeps up to twice as much at its top (`M_MMAP_THRESHOLD` in mallopt(3)).
/// No account of what is allocated knows of that, and [`purge`](crate::purge) does not reach
/// all of it. With a fixed threshold it does not learn. A block then costs a call of the
/// system and fresh, zeroed pages: for images that is little beside the work on them.
///
/// Call it first in `main`: glibc reads the threshold without a lock, so it is set only
/// while there is one thread. 1 MiB is a good value for images; glibc takes 32 MiB at most.
///
/// ```
/// use safelight_alloc::{LargeBlocks, return_large_blocks};
///
/// match return_large_blocks(1 << 20) {
///     LargeBlocks::Returned => println!("large blocks are given back"),
///     LargeBlocks::TooLate => println!("call it before threads are started"),
///     _ => println!("this allocator cannot be told"),
/// }
/// ```
pub fn return_large_blocks(from_bytes: u32) -> LargeBlocks {
    system::return_large_blocks(from_bytes)
}

// Miri knows no allocator of the system's.
#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
mod system {
    use std::{ffi::c_int, fs};

    use super::LargeBlocks;

    /// The number of this setting in glibc's <malloc.h>.
    const M_MMAP_THRESHOLD: c_int = -3;

    #[expect(unsafe_code, reason = "glibc's function has no safe wrapper")]
    // SAFETY: this is the declaration of glibc's <malloc.h>.
    unsafe extern "C" {
        fn mallopt(setting: c_int, value: c_int) -> c_int;
    }

    pub(super) fn return_large_blocks(from_bytes: u32) -> LargeBlocks {
        let Ok(from_bytes) = c_int::try_from(from_bytes) else {
            return LargeBlocks::Refused;
        };
        // Without procfs nothing says that this thread is alone.
        if fs::read_dir("/proc/self/task").map_or(0, Iterator::count) != 1 {
            return LargeBlocks::TooLate;
        }
        #[expect(unsafe_code, reason = "the call of a foreign function is unsafe")]
        // SAFETY: it must not run beside other calls of the allocator. This is the only
        // thread, and nobody else can start one.
        let is_set = unsafe { mallopt(M_MMAP_THRESHOLD, from_bytes) };
        if is_set == 0 { LargeBlocks::Refused } else { LargeBlocks::Returned }
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu", not(miri))))]
mod system {
    use super::LargeBlocks;

    pub(super) fn return_large_blocks(_: u32) -> LargeBlocks {
        LargeBlocks::Unsupported
    }
}
