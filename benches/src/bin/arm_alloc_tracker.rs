//! The peer `alloc_tracker`.

use std::{hint::black_box, io};

use alloc_tracker::{Allocator, Session};
use safelight_benches::{
    arm::serve,
    workload::{alloc_pairs, alloc_pairs_on_two_threads},
};

#[global_allocator]
static ALLOC: Allocator<std::alloc::System> = Allocator::system();

fn main() -> io::Result<()> {
    let session = Session::new().no_stdout().no_file();
    let operation = session.operation("operation");
    serve(&mut [
        ("alloc_pair", &mut alloc_pairs),
        ("alloc_pair_2_threads", &mut alloc_pairs_on_two_threads),
        ("operation", &mut |n| {
            for _ in 0..n {
                let _span = operation.measure_thread().iterations(1);
                black_box(());
            }
        }),
    ])
}
