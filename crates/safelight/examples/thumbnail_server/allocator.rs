//! What glibc must be told so that freed memory is free.
//!
//! Left to itself it learns from the large blocks that are freed to take the next ones, up to
//! 32 MiB, from its arenas, of which threads have up to eight a core, and to keep up to 64 MiB
//! free at the top of each. No permit knows of that, and `purge` does not reach it: with
//! 256 MiB and a few dozen threads the server is killed. With a fixed threshold it does not
//! learn, and pixels are given back when they are freed.

/// Starts this program anew, once, with that setting, which glibc reads at its start only.
///
/// Whoever sets it in the environment, to any value, is left alone.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn give_large_blocks_back() {
    use std::{
        env::{args_os, current_exe, var_os},
        os::unix::process::CommandExt,
        process::Command,
    };

    const NAME: &str = "MALLOC_MMAP_THRESHOLD_";
    if var_os(NAME).is_some() {
        return;
    }
    let Ok(program) = current_exe() else { return };
    // It returns only where it fails, and then the server runs as it is.
    let error = Command::new(program).args(args_os().skip(1)).env(NAME, "1048576").exec();
    eprintln!("freed memory may be kept: {error}");
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_large_blocks_back() {}
