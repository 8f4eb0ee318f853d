//! The pipeline with profiler, cache, permits and monitor around it.

use std::{hint::black_box, io};

use safelight::{Depth, Error, Safelight};
use safelight_alloc::TrackingAlloc;
use safelight_benches::{
    arm::{Workload, serve},
    pipeline::{FIT, Photos, TARGET, at_once},
};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

fn warm(stack: &Safelight, photos: &Photos) -> Result<(), Error> {
    for path in photos.paths() {
        black_box(stack.validate(path, Depth::Full)?);
        black_box(stack.thumbnail_file(path, FIT, TARGET)?);
    }
    Ok(())
}

fn cold(stack: &Safelight, photos: &Photos) -> Result<(), Error> {
    if let Some(cache) = stack.cache() {
        cache.clear();
    }
    warm(stack, photos)
}

fn main() -> io::Result<()> {
    let photos = Photos::open()?;
    // One for each worker: two that load the same at once would do the work once.
    let start = || Safelight::builder().start().map_err(io::Error::other);
    let stacks = [start()?, start()?];
    let repeat = |n, stacks, run: fn(&Safelight, &Photos) -> Result<(), Error>| {
        at_once(n, stacks, |stack| {
            run(stack, &photos).expect("generated photos are good");
        });
    };
    let mut workloads: [Workload<'_>; 4] = [
        ("cold", &mut |n| repeat(n, &stacks[..1], cold)),
        ("warm", &mut |n| repeat(n, &stacks[..1], warm)),
        ("cold_2_threads", &mut |n| repeat(n, &stacks, cold)),
        ("warm_2_threads", &mut |n| repeat(n, &stacks, warm)),
    ];
    serve(&mut workloads)
}
