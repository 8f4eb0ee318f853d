//! The peer `hotpath`, with its allocator.

use std::{hint::black_box, io};

use hotpath::{Format, HotpathGuardBuilder};
use safelight_benches::{
    arm::serve,
    workload::{alloc_pairs, alloc_pairs_on_two_threads},
};

#[global_allocator]
static ALLOC: hotpath::CountingAllocator = hotpath::CountingAllocator::new();

#[hotpath::measure]
fn operation() {
    black_box(());
}

fn main() -> io::Result<()> {
    // Its report goes to standard output, which carries our answers.
    let _guard = HotpathGuardBuilder::new("main").format(Format::None).build();
    serve(&mut [
        ("alloc_pair", &mut alloc_pairs),
        ("alloc_pair_2_threads", &mut alloc_pairs_on_two_threads),
        ("operation", &mut |n| (0..n).for_each(|_| operation())),
    ])
}
