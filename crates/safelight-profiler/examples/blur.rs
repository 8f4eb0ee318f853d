//! Profiles a box blur at four sizes and prints costs, scaling, findings and advice.

use safelight_alloc::TrackingAlloc;
use safelight_profiler::{Analysis, Profiler, Rules};

// Without this line the heap is "not measured".
#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

fn blur(pixels: &[u8], width: usize) -> Vec<u8> {
    let sum_around = |idx: usize| -> u32 {
        let row = |idx: usize| pixels[idx - 1..=idx + 1].iter().map(|p| u32::from(*p));
        row(idx - width).chain(row(idx)).chain(row(idx + width)).sum()
    };
    let inner = width + 1..pixels.len() - width - 1;
    inner.map(|idx| (sum_around(idx) / 9) as u8).collect()
}

fn main() {
    let profiler = Profiler::new();
    let operation = profiler.operation("blur");
    for side in [256_u32, 512, 1024, 2048] {
        let pixels = vec![128_u8; (side * side) as usize];
        for _ in 0..6 {
            let blurred =
                operation.pixels(side, side).measure(|| blur(&pixels, side as usize));
            std::hint::black_box(blurred);
        }
    }
    println!("{}", Analysis::new(&profiler.recording(), &Rules::default()));
}
