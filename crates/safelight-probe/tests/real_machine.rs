//! Readings of the machine that runs the tests: CPU time and bytes, never wall time.

#![cfg(target_os = "linux")]

use std::{hint::black_box, thread, time::Duration};

use safelight_core::{ByteSize, CpuClock, Share};
use safelight_probe::{
    CpuTimes, Host, MemoryLimit, Process, Sampler, ThreadCpu, reset_peak_rss,
};

/// Spins until the calling thread has used that much CPU time; returns how much it was.
fn spin(wanted: Duration) -> Duration {
    let start = thread_cpu();
    let mut sum = 0_u64;
    while since(start, thread_cpu()) < wanted {
        sum = (0..10_000).fold(sum, |sum, i| black_box(sum ^ i));
    }
    since(start, thread_cpu())
}

fn thread_cpu() -> Duration {
    ThreadCpu.thread_cpu().expect("Linux has the clock")
}

fn process_cpu() -> Duration {
    Process::read().cpu.expect("Linux has the clock")
}

fn since(earlier: Duration, later: Duration) -> Duration {
    later.checked_sub(earlier).expect("the clock does not go back")
}

// One test, because the clock and the peak of the process belong to all that runs in it.
#[test]
fn process_and_threads_are_read() {
    p03_spinner_is_read_within_five_percent();
    g05_sampler_reads_a_spinner_within_five_percent();
    sampler_and_process_agree();
    threads_have_clocks_of_their_own();
    peak_of_the_resident_set_is_kept_and_reset();
    cpu_times_move_with_the_work();
}

fn p03_spinner_is_read_within_five_percent() {
    let before = process_cpu();
    let thread = spin(Duration::from_millis(100));
    let process = since(before, process_cpu());
    let ratio = thread.as_secs_f64() / process.as_secs_f64();
    assert!((0.95..=1.0).contains(&ratio), "{thread:?} of {process:?}");
}

fn g05_sampler_reads_a_spinner_within_five_percent() {
    let mut sampler = Sampler::open();
    let mut cpu = || sampler.sample().cpu_time.clone().expect("Linux has the clock");
    let before = cpu();
    let thread = spin(Duration::from_millis(100));
    let process = since(before, cpu());
    let ratio = thread.as_secs_f64() / process.as_secs_f64();
    assert!((0.95..=1.0).contains(&ratio), "{thread:?} of {process:?}");
}

fn sampler_and_process_agree() {
    let mut sampler = Sampler::open();
    let parked = [(); 5].map(|()| thread::spawn(thread::park));
    let sample = sampler.sample();
    let process = Process::read();
    assert_eq!(sample.n_threads.clone().ok(), process.threads.ok());
    let rss = sample.rss.clone().expect("procfs tells");
    let other = process.rss.expect("procfs tells");
    assert!(rss.bytes().abs_diff(other.bytes()) < 4 << 20, "{rss} {other}");
    assert!(5 < sample.n_threads.clone().expect("procfs tells"));
    for thread in parked {
        thread.thread().unpark();
        thread.join().expect("it only waits");
    }
}

fn threads_have_clocks_of_their_own() {
    let (before, process_before) = (thread_cpu(), process_cpu());
    let workers = [(); 2].map(|()| thread::spawn(|| spin(Duration::from_millis(50))));
    let spun: Duration =
        workers.into_iter().map(|worker| worker.join().expect("it spins")).sum();
    let own = since(before, thread_cpu());
    let process = since(process_before, process_cpu());
    // What others burn is not this thread's.
    assert!(own < spun / 20, "{own:?}");
    assert!(spun <= process && process < spun * 11 / 10, "{spun:?} of {process:?}");
}

fn peak_of_the_resident_set_is_kept_and_reset() {
    let size = ByteSize::mib(64);
    let before = Process::read().rss.expect("procfs tells");
    drop(black_box(vec![1_u8; size.bytes() as usize]));
    let after = Process::read();
    let peak = after.peak_rss.expect("procfs tells");
    assert!(before + size <= peak + ByteSize::mib(4), "{before} {peak}");
    match reset_peak_rss() {
        Ok(()) => {
            let process = Process::read();
            let peak = process.peak_rss.expect("procfs tells");
            let rss = process.rss.expect("procfs tells");
            assert!(peak <= rss + ByteSize::mib(8), "{peak} {rss}");
        }
        Err(error) => println!("skipped the reset: {error}"),
    }
    assert!(after.threads.is_ok_and(|threads| 1 < threads));
}

#[test]
fn host_is_read() {
    let host = Host::read();
    assert_eq!(host.os, "linux");
    assert!(host.kernel.is_ok_and(|kernel| kernel.contains('.')));
    let logical = host.logical_cores.expect("procfs tells");
    assert!(
        host.physical_cores.is_err() || host.physical_cores.is_ok_and(|n| n <= logical)
    );
    assert!(host.parallelism.is_ok_and(|parallelism| parallelism.get() <= logical));
    let total = host.memory_total.expect("procfs tells");
    assert!(host.memory_available.is_ok_and(|available| available < total));
    assert!(host.load.is_ok_and(|load| 0.0 <= load));
    match host.container_memory {
        Ok(MemoryLimit::Bytes(limit)) => assert!(ByteSize::ZERO < limit),
        Ok(MemoryLimit::Unlimited) => {}
        Err(error) => println!("limit of the cgroup not read: {error}"),
    }
}

#[test]
fn sample_is_whole_or_says_why_not() {
    fn is_send<T: Send + 'static>(_: &T) {}
    let mut sampler = Sampler::open();
    is_send(&sampler);
    let sample = sampler.sample().clone();
    let headroom = sample.headroom.clone().expect("procfs tells");
    assert!(headroom.available < headroom.limit, "{headroom:?}");
    assert!(sample.limits.iter().all(|limit| headroom.available <= limit.available()));
    assert!(sample.load.is_ok_and(|load| 0.0 <= load));
    for psi in [sample.host_psi.clone(), sample.cgroup_psi.clone()] {
        match psi {
            Ok(psi) => assert!(psi.full() <= psi.some(), "{psi:?}"),
            Err(error) => eprintln!("pressure is not told here: {error}"),
        }
    }
    for error in &sample.unread {
        eprintln!("not read here: {error}");
    }
}

fn cpu_times_move_with_the_work() {
    let before = CpuTimes::read().expect("procfs tells");
    spin(Duration::from_millis(100));
    let after = CpuTimes::read().expect("procfs tells");
    assert!(after.busy_since(&before).is_some_and(|busy| Share::ZERO < busy));
    assert!(after.steal_since(&before).is_some());
}
