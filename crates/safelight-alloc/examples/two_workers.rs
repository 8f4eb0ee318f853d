//! Measures one call on one thread, then one job on two threads.

use std::{hint::black_box, thread};

use safelight_alloc::{Scope, Span, TrackingAlloc, process};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

fn decode(side: usize) -> Vec<u8> {
    let _rows = black_box(vec![0_u8; 4 * side * 16]);
    vec![255; 4 * side * side]
}

fn main() {
    let (image, usage) = Span::measure(|| decode(1024));
    println!("one call:    {} bytes kept, {usage:?}", image.len());

    let scope = Scope::new();
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| scope.enter(|| drop(black_box(decode(2048)))));
        }
    });
    println!("two workers: {:?}", scope.usage());
    println!("process:     {:?}", process());
}
