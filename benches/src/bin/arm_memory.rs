//! What a look at the machine and a permit cost, in ours and in the peers.

use std::{hint::black_box, io, sync::Arc, thread, time::Duration};

use safelight_benches::arm::{Workload, serve};
use safelight_core::ByteSize;
use safelight_memory_manager::Permits;
use safelight_probe::Sampler;
use sysinfo::{
    MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System,
    get_current_pid,
};
use tokio::sync::Semaphore;

/// Host, cgroups, memory pressure, load, and the own process.
fn sample(n: u64, sampler: &mut Sampler) {
    for _ in 0..n {
        black_box(sampler.sample());
    }
}

/// What sysinfo has of that: host and cgroup, load, and the own process.
fn sysinfo(n: u64, system: &mut System) {
    let own = [get_current_pid().expect("the system has process identifiers")];
    let process = ProcessRefreshKind::nothing().with_memory().with_cpu();
    let memory = MemoryRefreshKind::nothing().with_ram();
    for _ in 0..n {
        system.refresh_memory_specifics(memory);
        black_box(system.cgroup_limits());
        black_box(System::load_average().ok());
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&own), false, process);
        black_box(system.process(own[0]).map(sysinfo::Process::memory));
    }
}

/// The sizes of images, in an order without a pattern.
fn wanted(at: &mut u64) -> u64 {
    *at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    1 + (*at >> 40)
}

fn permits(n: u64, permits: &Permits) {
    let mut at = 1;
    for _ in 0..n {
        let bytes = ByteSize::from_bytes(wanted(&mut at));
        drop(black_box(permits.reserve("decode", bytes, Duration::MAX)));
    }
}

/// tokio counts permits in 32 bits at most, so that one stands for a KiB.
fn tokio(n: u64, semaphore: &Semaphore) {
    let mut at = 1;
    for _ in 0..n {
        let n_permits = (wanted(&mut at) >> 10) as u32;
        drop(black_box(semaphore.try_acquire_many(n_permits)));
    }
}

/// The form that may be sent to another thread, as ours.
fn tokio_owned(n: u64, semaphore: &Arc<Semaphore>) {
    let mut at = 1;
    for _ in 0..n {
        let n_permits = (wanted(&mut at) >> 10) as u32;
        drop(black_box(Arc::clone(semaphore).try_acquire_many_owned(n_permits)));
    }
}

/// The same on two threads, n times on each.
fn at_once(n: u64, run: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        scope.spawn(|| run(n));
        run(n);
    });
}

fn main() -> io::Result<()> {
    let mut sampler = Sampler::open();
    let mut system =
        System::new_with_specifics(RefreshKind::nothing()).map_err(io::Error::other)?;
    let ours = Permits::new(ByteSize::gib(1));
    let theirs = Arc::new(Semaphore::new(1 << 20));
    let mut workloads: [Workload<'_>; 7] = [
        ("sample", &mut |n| sample(n, &mut sampler)),
        ("sysinfo", &mut |n| sysinfo(n, &mut system)),
        ("permit", &mut |n| permits(n, &ours)),
        ("tokio", &mut |n| tokio(n, &theirs)),
        ("tokio_owned", &mut |n| tokio_owned(n, &theirs)),
        ("permit_2_threads", &mut |n| at_once(n, |n| permits(n, &ours))),
        ("tokio_owned_2_threads", &mut |n| at_once(n, |n| tokio_owned(n, &theirs))),
    ];
    serve(&mut workloads)
}
