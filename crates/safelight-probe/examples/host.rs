//! Prints what a report needs to know of the machine, or why it is not known.

use std::fmt::Debug;

use safelight_core::CpuClock;
use safelight_probe::{Host, Process, Reading, ThreadCpu};

fn show<T: Debug>(name: &str, reading: &Reading<T>) {
    match reading {
        Ok(value) => println!("{name:<18}{value:?}"),
        Err(error) => println!("{name:<18}not known: {error}"),
    }
}

fn main() {
    let host = Host::read();
    println!("{} on {}", host.os, host.arch);
    show("kernel", &host.kernel);
    show("CPU", &host.cpu_model);
    show("logical cores", &host.logical_cores);
    show("physical cores", &host.physical_cores);
    show("parallelism", &host.parallelism);
    show("memory", &host.memory_total);
    show("available", &host.memory_available);
    show("container limit", &host.container_memory);
    show("load", &host.load);
    show("steal", &host.cpu_times.map(|times| times.steal()));

    let process = Process::read();
    show("resident", &process.rss);
    show("peak resident", &process.peak_rss);
    show("CPU time", &process.cpu);
    show("threads", &process.threads);
    println!("{:<18}{:?}", "this thread", ThreadCpu.thread_cpu());
}
