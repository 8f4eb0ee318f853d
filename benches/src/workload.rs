//! Work that several arms do alike.

use std::{hint::black_box, thread};

/// Allocates and frees 64 bytes, n times.
pub fn alloc_pairs(n: u64) {
    for _ in 0..n {
        drop(black_box(Vec::<u8>::with_capacity(black_box(64))));
    }
}

/// The same on two threads, n times on each.
pub fn alloc_pairs_on_two_threads(n: u64) {
    thread::scope(|scope| {
        scope.spawn(|| alloc_pairs(n));
        alloc_pairs(n);
    });
}
