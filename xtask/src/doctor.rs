//! `cargo xtask doctor`: what limits and devices this machine has.

use std::{
    io::{self, Write},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use safelight_core::{ByteSize, Clock, SystemClock};
use safelight_probe::{CpuTimes, Gpus, Host, Process, Sampler};

use crate::{report_file::now, status::Status, units::parse_duration};

mod document;
mod notes;
mod observed;
mod render;

use self::{document::Document, observed::Observed};

/// Prints what limits and devices this machine has, and what could not be read.
///
/// It tells of the host and its processor; of every limit of memory above this process, that
/// of the machine and those of each cgroup from the own one upwards, with what is used of
/// them, which one binds and how much can still be had; of the pressure on memory, as totals
/// since boot and as the share of a short time in which tasks waited; of this process and its
/// allocator; of the GPUs of NVIDIA; and last of all that could not be read, with the reason.
///
/// Nothing unknown is ever 0: it is "not known", and null in JSON.
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 done, also where things are not known; 1 it could not be printed.",
    after_long_help = "\
How to read it:
  used         what does not come back by itself; clean pages of files are not in it, as the
               kernel drops them before it refuses memory
  hard limit   over it processes are killed
  high limit   over it processes are slowed down
  with swap    a hard limit on memory and swap together (cgroup version 1)
  pressure     some: at least one task waited for memory; full: all that were not idle did
  available    no swap is counted as room
  items        how many of --gpu-item fit on a GPU in 80 % of its memory

In a container the cgroups above it, and their limits, cannot be seen.
A cgroup without a limit of its own is not listed.

Exit codes: 0 done, also where things are not known; 1 it could not be printed.

Examples:
  cargo xtask doctor
  cargo xtask doctor --sampling 10s
  cargo xtask doctor --json > doctor.json     the schema is docs/schema/doctor.v1.json"
)]
pub(crate) struct Arguments {
    /// Print one JSON document instead of text.
    #[arg(long)]
    json: bool,

    /// How long pressure and the use of the processor are watched, like 1s or 500ms.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = parse_duration)]
    sampling: Duration,

    /// What one item of work takes on a GPU, like 2GiB: each GPU is then shown with how many
    /// fit at once in 80 % of its memory, beside what is used of it.
    #[arg(long, value_name = "SIZE", value_parser = parse_item)]
    gpu_item: Option<ByteSize>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<Status> {
    let document = observe(arguments.sampling, arguments.gpu_item);
    let text = if arguments.json {
        serde_json::to_string_pretty(&document)? + "\n"
    } else {
        render::render(&document)
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(Status::Ok),
    }
}

/// Reads the machine twice, some time apart.
fn observe(sampling: Duration, gpu_item: Option<ByteSize>) -> Document {
    let mut sampler = Sampler::open();
    let start = SystemClock.now();
    let before = sampler.sample().clone();
    let cpu_times_before = CpuTimes::read();
    pause(sampling);
    let elapsed = SystemClock.now() - start;
    let after = sampler.sample().clone();
    Observed {
        created: now(),
        sampled: elapsed,
        before,
        after,
        cpu_times_before,
        host: Host::read(),
        process: Process::read(),
        heap: safelight_alloc::is_installed().then(safelight_alloc::process),
        gpus: Gpus::open().and_then(|gpus| gpus.read()),
        gpu_item,
    }
    .into_document()
}

fn parse_item(text: &str) -> Result<ByteSize, String> {
    let item: ByteSize = text.parse().map_err(|error| format!("{error}"))?;
    if item == ByteSize::ZERO {
        return Err("an item takes something".to_owned());
    }
    Ok(item)
}

#[expect(
    clippy::disallowed_methods,
    reason = "shares need two readings, some time apart"
)]
fn pause(time: Duration) {
    thread::sleep(time);
}
