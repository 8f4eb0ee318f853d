//! What the stack itself holds: alone in its process, as it reads all of its heap.

use safelight::{
    ByteSize, Capacity, Config, Memory, Operation, Safelight,
    alloc::{TrackingAlloc, process},
};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

#[test]
fn x05_the_stack_holds_less_than_five_mib_and_the_report_says_what_it_cost() {
    const OPERATIONS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let capacity = Capacity::Bytes(ByteSize::mib(512));
    let memory = Some(Memory { capacity, ..Memory::default() });
    let before = process().current_bytes;
    let builder = Safelight::builder().config(Config { memory, ..Config::default() });
    let safelight = builder.start().unwrap();
    for n in 0..1000_u32 {
        for name in OPERATIONS {
            safelight.run(Operation::new(name, 1), n, || n).unwrap();
        }
    }
    safelight.cache().unwrap().clear();
    let held = ByteSize::from_bytes(process().current_bytes.saturating_sub(before));
    assert!(held < ByteSize::mib(5), "{held}");
    safelight.stop();
    let overhead = safelight.report().overhead;
    // Each job is a request and a run of its work.
    assert_eq!(overhead.n_runs, 20_000);
    assert!(overhead.per_run_ns.is_some() && overhead.profiling_share.is_some());
    assert!(overhead.cache_hit_ns.is_some());
    assert!(overhead.monitor_bytes.is_some_and(|bytes| bytes < held.bytes()));
}
