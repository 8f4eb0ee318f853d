//! The pipeline with nothing around it.

use std::io;

use safelight_benches::{
    arm::{Workload, serve},
    pipeline::{Photos, at_once},
};

fn main() -> io::Result<()> {
    let photos = Photos::open()?;
    let once = || photos.plain().expect("generated photos are good");
    let mut workloads: [Workload<'_>; 2] = [
        ("plain", &mut |n| (0..n).for_each(|_| once())),
        ("plain_2_threads", &mut |n| at_once(n, &[(); 2], |()| once())),
    ];
    serve(&mut workloads)
}
