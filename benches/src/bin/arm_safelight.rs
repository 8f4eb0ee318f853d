//! Our allocator and our profiler.

use std::{hint::black_box, io};

use safelight_alloc::TrackingAlloc;
use safelight_benches::{
    arm::serve,
    workload::{alloc_pairs, alloc_pairs_on_two_threads},
};
use safelight_profiler::{Profiler, SpanLayer};
use tracing_subscriber::layer::SubscriberExt;

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

fn main() -> io::Result<()> {
    let wall_and_heap = Profiler::builder().without_cpu_clock().build();
    let plain = wall_and_heap.operation("plain");
    let with_cpu = Profiler::new();
    let sampled = with_cpu.operation("sampled");
    let disabled = Profiler::builder().enabled(false).build();
    let off = disabled.operation("off");
    let layered = Profiler::builder().without_cpu_clock().build();
    let subscriber = tracing_subscriber::registry().with(SpanLayer::new(layered));
    let layer = tracing::Dispatch::new(subscriber);
    serve(&mut [
        ("alloc_pair", &mut alloc_pairs),
        ("alloc_pair_2_threads", &mut alloc_pairs_on_two_threads),
        ("operation", &mut |n| {
            for _ in 0..n {
                plain.measure(|| black_box(()));
            }
        }),
        ("operation_with_cpu_sampled", &mut |n| {
            for _ in 0..n {
                sampled.measure(|| black_box(()));
            }
        }),
        ("operation_off", &mut |n| {
            for _ in 0..n {
                off.measure(|| black_box(()));
            }
        }),
        ("layer", &mut |n| {
            tracing::dispatcher::with_default(&layer, || {
                for _ in 0..n {
                    tracing::info_span!("operation").in_scope(|| black_box(()));
                }
            });
        }),
    ])
}
