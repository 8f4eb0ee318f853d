//! CPU time: scripted clocks for the arithmetic, the real one for the truth.

use std::{cell::Cell, thread, time::Duration};

#[cfg(feature = "system")]
use safelight_core::CpuClock;
use safelight_core::ManualClock;
use safelight_profiler::{Analysis, CpuCost, Profiler, Rules};

const MS: Duration = Duration::from_millis(1);

thread_local! {
    /// What the scripted CPU clock says on this thread.
    static SPENT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

fn spend(time: Duration) {
    SPENT.set(SPENT.get() + time);
}

fn scripted() -> (Profiler, ManualClock) {
    let clock = ManualClock::new();
    let builder = Profiler::builder().clock(clock.clone());
    (builder.cpu_clock(|| Some(SPENT.get())).build(), clock)
}

#[track_caller]
fn cpu_of(profiler: &Profiler, name: &str) -> CpuCost {
    let analysis = Analysis::new(&profiler.recording(), &Rules::default());
    let cost = analysis.operations.into_iter().find(|cost| cost.name == name);
    cost.and_then(|cost| cost.sizes[0].cpu).expect("CPU time was read")
}

#[test]
fn p03_waiting_is_not_cpu() {
    let (profiler, clock) = scripted();
    profiler.operation("sleep").measure(|| clock.advance(400 * MS));
    assert_eq!(cpu_of(&profiler, "sleep").mean_cores.to_string(), "0 % of one core");
}

#[test]
fn p03_two_workers_are_two_cores() {
    let (profiler, clock) = scripted();
    profiler.operation("two").measure_workers(|workers| {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| workers.run(|| spend(400 * MS)));
            }
        });
        clock.advance(400 * MS);
    });
    let cpu = cpu_of(&profiler, "two");
    assert_eq!(cpu.mean_cores.to_string(), "200 % of one core");
    assert_eq!(cpu.mean, 800 * MS);
}

#[test]
fn p03_an_inner_operations_workers_count_for_the_outer_one_once() {
    let (profiler, clock) = scripted();
    let (outer, inner) = (profiler.operation("outer"), profiler.operation("inner"));
    outer.measure_workers(|workers| {
        spend(MS);
        workers.run(|| spend(2 * MS));
        thread::scope(|scope| {
            scope.spawn(|| {
                workers.run(|| {
                    inner.measure_workers(|inner_workers| {
                        spend(10 * MS);
                        thread::scope(|scope| {
                            scope.spawn(|| inner_workers.run(|| spend(100 * MS)));
                        });
                    });
                });
            });
        });
        clock.advance(100 * MS);
    });
    assert_eq!(cpu_of(&profiler, "inner").mean, 110 * MS);
    assert_eq!(cpu_of(&profiler, "outer").mean, 113 * MS);
}

#[test]
fn p03_nested_calls_of_run_charge_once() {
    let (profiler, _) = scripted();
    let (outer, inner) = (profiler.operation("outer"), profiler.operation("inner"));
    outer.measure_workers(|outer_workers| {
        inner.measure_workers(|inner_workers| {
            let work = || {
                outer_workers.run(|| {
                    spend(MS);
                    outer_workers.run(|| spend(10 * MS));
                    inner_workers.run(|| spend(100 * MS));
                });
            };
            thread::scope(|scope| scope.spawn(work).join()).unwrap();
        });
    });
    assert_eq!(cpu_of(&profiler, "inner").mean, 100 * MS);
    assert_eq!(cpu_of(&profiler, "outer").mean, 111 * MS);
}

#[test]
fn p03_a_worker_that_panics_still_counts() {
    let (profiler, _) = scripted();
    profiler.operation("op").measure_workers(|workers| {
        let work = || {
            workers.run(|| {
                spend(5 * MS);
                panic!("on purpose");
            });
        };
        thread::scope(|scope| scope.spawn(work).join()).unwrap_err();
    });
    assert_eq!(cpu_of(&profiler, "op").mean, 5 * MS);
}

#[test]
fn short_operations_are_sampled_and_say_so() {
    let (profiler, clock) = scripted();
    let operation = profiler.operation("short");
    for _ in 0..20_000 {
        operation.measure(|| {
            clock.advance(Duration::from_micros(1));
            spend(Duration::from_nanos(500));
        });
    }
    let cpu = cpu_of(&profiler, "short");
    assert_eq!(cpu.mean_cores.get().to_string(), "0.5");
    // The first 128, and one in 64 of the rest: 438 with a standard deviation of 17.
    assert!((340..540).contains(&cpu.n_runs), "{} runs", cpu.n_runs);
}

#[test]
fn what_a_reading_itself_costs_is_taken_off() {
    // Each reading takes 300 ns of CPU.
    let reading = || {
        spend(Duration::from_nanos(300));
        Some(SPENT.get())
    };
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).cpu_clock(reading).build();
    profiler.operation("short").measure(|| {
        spend(Duration::from_micros(2));
        clock.advance(Duration::from_micros(2));
    });
    assert_eq!(cpu_of(&profiler, "short").mean, Duration::from_micros(2));
}

#[test]
fn without_a_clock_nothing_is_claimed() {
    let profiler = Profiler::builder().without_cpu_clock().build();
    profiler.operation("op").measure(|| ());
    let analysis = Analysis::new(&profiler.recording(), &Rules::default());
    assert_eq!(analysis.operations[0].sizes[0].cpu, None);
    assert!(!analysis.has_cpu);
    assert!(analysis.to_string().contains("CPU not measured"));
}

/// Spins until this thread has used so much CPU time, whatever else the machine does.
#[cfg(feature = "system")]
fn spin(time: Duration) {
    let clock = safelight_probe::ThreadCpu;
    let end = clock.thread_cpu().expect("Linux has a thread clock") + time;
    while clock.thread_cpu().is_some_and(|now| now < end) {
        std::hint::black_box((0..1000_u64).sum::<u64>());
    }
}

#[test]
#[cfg(feature = "system")]
fn p03_on_this_machine_spinning_reads_within_5_percent_and_waiting_under_5() {
    let profiler = Profiler::new();
    let is_within =
        |mean: Duration, wanted: Duration| mean.abs_diff(wanted) <= wanted.mul_f64(0.05);
    profiler.operation("spin").measure(|| spin(400 * MS));
    let spun = cpu_of(&profiler, "spin").mean;
    assert!(is_within(spun, 400 * MS), "{spun:?}");

    profiler.operation("workers").measure_workers(|workers| {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| workers.run(|| spin(200 * MS)));
            }
        });
    });
    let spun = cpu_of(&profiler, "workers").mean;
    assert!(is_within(spun, 400 * MS), "{spun:?}");

    // Waits for two threads that keep the cores busy.
    profiler.operation("wait").measure(|| {
        let busy: Vec<_> = (0..2).map(|_| thread::spawn(|| spin(100 * MS))).collect();
        for thread in busy {
            thread.join().unwrap();
        }
    });
    let waited = cpu_of(&profiler, "wait");
    assert!(waited.mean_cores.get() < 0.05, "{}", waited.mean_cores);
}
