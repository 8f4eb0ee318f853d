//! `cargo xtask stress`: what must hold under load, checked against independent readings.

use clap::Subcommand;

use crate::status::Status;

mod cache;

/// Runs a crate under load for a while, and checks what must hold.
///
/// Ends with exit code 1 where something did not hold.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// The limits of the cache, beside the heap that the allocator counts.
    Cache(cache::Arguments),
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Status {
    match &arguments.subject {
        Subject::Cache(arguments) => cache::run(arguments),
    }
}
