//! One cache for many threads: each value is made once, and the limits hold meanwhile.
//!
//! `cargo run --release -p safelight-cache --example shared_by_threads`

use std::{hint::black_box, sync::Barrier, thread};

use safelight_cache::{Cache, Limits, Usage};
use safelight_core::{ByteSize, Clock, SystemClock};

const N_THREADS: u64 = 8;
const N_TILES: u64 = 300;

/// Makes a tile of a map, of 4 to 32 KiB.
fn paint(tile: u64) -> Vec<u8> {
    let n_pixels = (4 + tile * 7 % 29) << 10;
    (0..n_pixels).map(|pixel| (pixel * (tile + 1) / 8) as u8).collect()
}

/// Asks for tiles as people do, for a few of them most of the time.
fn browse(cache: &Cache<u64, Vec<u8>>, thread: u64) -> Usage {
    let (mut random, mut most) = (thread, Usage::default());
    for _ in 0..2000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let part = (random >> 40) as f64 / (1_u64 << 24) as f64;
        let tile = (part.powi(3) * N_TILES as f64) as u64;
        black_box(cache.get_or_compute(tile, || paint(tile)));
        let usage = cache.usage();
        most.bytes = most.bytes.max(usage.bytes);
        most.n_entries = most.n_entries.max(usage.n_entries);
    }
    most
}

fn main() {
    let limits = Limits { bytes: ByteSize::mib(2), entries: Some(100) };
    let cache: Cache<u64, Vec<u8>> = Cache::builder().limits(limits).build();

    let barrier = Barrier::new(N_THREADS as usize);
    thread::scope(|scope| {
        for _ in 0..N_THREADS {
            scope.spawn(|| {
                barrier.wait();
                cache.get_or_compute(0, || paint(0))
            });
        }
    });
    println!("{N_THREADS} threads want one tile at once: {} load", cache.stats().n_loads);

    let start = SystemClock.now();
    let most: Vec<Usage> = thread::scope(|scope| {
        // A clone is another handle of the same cache.
        let browsers = (0..N_THREADS).map(|thread| {
            let cache = cache.clone();
            scope.spawn(move || browse(&cache, thread))
        });
        let browsers: Vec<_> = browsers.collect();
        browsers.into_iter().filter_map(|browser| browser.join().ok()).collect()
    });
    println!("{N_THREADS} threads browse: {:.0?}", SystemClock.now() - start);
    let stats = cache.stats();
    println!("{} of {} requests hit", stats.n_hits, stats.n_requests());
    println!("{} loads, {} requests waited for one", stats.n_loads, stats.n_coalesced);
    let (n_left, n_refused) = (stats.evictions.n_capacity, stats.n_refused);
    println!("{n_left} left for others, {n_refused} were worth less and not kept");
    let bytes = most.iter().map(|usage| usage.bytes).max().unwrap_or_default();
    let n_entries = most.iter().map(|usage| usage.n_entries).max().unwrap_or_default();
    println!("at most {bytes} of {} and {n_entries} of 100 entries", limits.bytes);
}
