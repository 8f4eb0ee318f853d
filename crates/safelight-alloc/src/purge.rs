/// What [`purge`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purged {
    /// The allocator says that it gave memory back to the system.
    Released,
    /// It had nothing to give.
    Nothing,
    /// How to ask the allocator of this system is not known; nothing was done.
    Unsupported,
}

/// Has the system's allocator give back the memory that it keeps though it is free.
///
/// An allocator keeps what was freed for later, and a limit of memory counts it as used.
/// After a cache let go of much, that can be all of what it let go of.
///
/// It is about the system's allocator, of which [`TrackingAlloc`](crate::TrackingAlloc)
/// is a wrapper by default, and knows how to ask glibc's. Who wraps another one asks that.
/// It holds the locks of the heap and walks over what is free: call it when much was freed,
/// not after each release.
///
/// ```
/// use safelight_alloc::{Purged, purge};
///
/// match purge() {
///     Purged::Released => println!("the system has memory back"),
///     Purged::Nothing => println!("nothing was kept"),
///     _ => println!("this allocator cannot be asked"),
/// }
/// ```
pub fn purge() -> Purged {
    system::purge()
}

// Miri knows no allocator of the system's.
#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
mod system {
    use std::ffi::c_int;

    use super::Purged;

    #[expect(unsafe_code, reason = "glibc's function has no safe wrapper")]
    // SAFETY: this is the declaration of glibc's <malloc.h>.
    unsafe extern "C" {
        fn malloc_trim(pad: usize) -> c_int;
    }

    pub(super) fn purge() -> Purged {
        #[expect(unsafe_code, reason = "the call of a foreign function is unsafe")]
        // SAFETY: it takes any number, may be called from any thread at any time, and
        // leaves allocated blocks alone.
        let released = unsafe { malloc_trim(0) };
        if released == 0 { Purged::Nothing } else { Purged::Released }
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu", not(miri))))]
mod system {
    use super::Purged;

    pub(super) fn purge() -> Purged {
        Purged::Unsupported
    }
}
