//! `cargo xtask bench`: ours beside the peers, in one run.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

use crate::status::Status;

mod arms;
mod cache;
mod comparisons;
mod imaging;
mod memory;
mod photos;
mod pipeline;
mod profiler;
mod progress;
mod rows;

/// Compares with peers, side by side in one run.
///
/// Sides run in turn and CPU time is compared, so that a busy machine changes little.
/// A target counts as met or missed only where the whole 99 % interval says so.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    suite: Suite,
}

#[derive(Subcommand)]
enum Suite {
    /// What an operation and an allocation cost under a profiler.
    Profiler(profiler::Arguments),
    /// What the cache costs and what it saves, beside its peers.
    Cache(cache::Arguments),
    /// What looks at the machine and permits cost, and what budgets achieve.
    Memory(memory::Arguments),
    /// What progress costs, and whether what is shown is true.
    Progress(progress::Arguments),
    Imaging(imaging::Arguments),
    /// What the whole stack costs around a pipeline of real image work.
    Pipeline(pipeline::Arguments),
    /// How close the generated images come to photos, in size and in cost.
    Photos(photos::Arguments),
}

/// Where results go.
#[derive(clap::Args)]
struct Output {
    #[arg(
        long,
        short,
        value_name = "FILE",
        help = "The JSON result [default: target/safelight/bench_<suite>_<UTC time>.json]"
    )]
    output: Option<PathBuf>,
    /// Print the table as Markdown.
    #[arg(long)]
    markdown: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<Status> {
    match &arguments.suite {
        Suite::Profiler(arguments) => profiler::run(arguments),
        Suite::Cache(arguments) => cache::run(arguments),
        Suite::Memory(arguments) => memory::run(arguments),
        Suite::Progress(arguments) => progress::run(arguments),
        Suite::Imaging(arguments) => imaging::run(arguments),
        Suite::Pipeline(arguments) => pipeline::run(arguments),
        Suite::Photos(arguments) => photos::run(arguments),
    }
}
