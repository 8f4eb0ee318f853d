//! The commands of this workspace: `cargo xtask --help`.

#![cfg_attr(not(test), deny(clippy::print_stderr))]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use safelight_alloc::TrackingAlloc;

mod bench;
mod ci;
mod control_group;
mod doctor;
mod environment;
mod image_operation;
mod load;
mod profile;
mod progress;
mod report_file;
mod say;
mod status;
mod stress;
mod table;
mod test_oom;
mod units;

/// Counts the heap of each operation that `profile` measures.
#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

/// Measures image operations, compares them with peers, and checks this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 it could not be done, 2 wrong usage, \
    4 a comparison was inconclusive, 130 interrupted by Ctrl-C.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures what image operations cost, and writes a report.
    Profile(profile::Arguments),
    /// Compares with peers, side by side in one run.
    Bench(bench::Arguments),
    Doctor(doctor::Arguments),
    /// Runs a crate under load, and checks what must hold.
    Stress(stress::Arguments),
    TestOom(test_oom::Arguments),
    /// The program under test of test-oom, which starts it in a group of its own.
    #[command(hide = true)]
    OomVictim(test_oom::VictimArguments),
    /// The program under test of bench memory, which takes all memory of a group.
    #[command(hide = true)]
    HeadroomVictim(test_oom::HeadroomArguments),
    Load(load::Arguments),
    /// Checks all that must hold before a change lands.
    Ci(ci::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Profile(arguments) => profile::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Stress(arguments) => Ok(stress::run(&arguments)),
        Command::TestOom(arguments) => test_oom::run(&arguments),
        Command::OomVictim(arguments) => test_oom::run_victim(&arguments),
        Command::HeadroomVictim(arguments) => test_oom::run_headroom_victim(&arguments),
        Command::Load(arguments) => load::run(&arguments),
        Command::Ci(arguments) => ci::run(&arguments),
    };
    result
        .unwrap_or_else(|error| {
            say::say(format_args!("error: {error:#}"));
            status::for_error(&error)
        })
        .into()
}
