//! The CPU time of the process, alone in its process so that nobody else uses any.
#![cfg(feature = "system")]

use std::time::Duration;

use safelight_progress_monitor::Process;

#[test]
fn g05_on_the_real_machine_a_spinner_is_read_in_cpu_time() {
    let mut process = Process::open();
    // The counts of the process and of this thread, from the same moments.
    let before = process.read();
    let mut sum = 0_u64;
    let (after, spun) = loop {
        for n in 0..1_000_000_u64 {
            sum = std::hint::black_box(sum.wrapping_add(n));
        }
        let now = process.read();
        let (Some(own), Some(own_before)) = (now.own_cpu, before.own_cpu) else {
            eprintln!("skipped: the CPU time of a thread is not known here");
            return;
        };
        if Duration::from_secs(1) < own.saturating_sub(own_before) {
            break (now, own.saturating_sub(own_before));
        }
    };
    let (Some(after_cpu), Some(before_cpu)) = (after.cpu, before.cpu) else {
        eprintln!("skipped: the CPU time of the process is not known here");
        return;
    };
    // Only this thread did anything.
    let read = after_cpu.saturating_sub(before_cpu);
    let within = spun.mul_f64(0.95)..=spun.mul_f64(1.05);
    assert!(within.contains(&read), "{spun:?} spun, {read:?} read");
    assert!(after.rss.is_some_and(|rss| 500_000 < rss.bytes()));
}
