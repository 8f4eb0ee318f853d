//! `cargo xtask bench profiler`: what an operation and an allocation cost.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use safelight_benches::{arm::Arm, duel::Duel};

use super::{
    Output,
    rows::{self, Row, Target},
};
use crate::{report_file::workspace_root, status::Status};

/// What an operation and an allocation cost under a profiler, beside its peers.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Rounds of each comparison; a round runs the sides as A, B, B, A.
    #[arg(long, value_name = "N", default_value = "60")]
    rounds: NonZeroUsize,
    /// End with exit code 4 where a comparison is inconclusive or a peer could not be run.
    #[arg(long)]
    conclusive: bool,
    #[command(flatten)]
    output: Output,
}

/// A comparison: its name, our workload, the peer's arm and workload, and the target.
type Comparison = (&'static str, &'static str, (&'static str, &'static str), Target);

const OURS: &str = "safelight";

const COMPARISONS: [Comparison; 13] = [
    (
        "operation: wall + heap",
        "operation",
        ("hotpath", "operation"),
        Target::Ratio(0.55),
    ),
    ("operation: wall + heap", "operation", ("plain", "puffin"), Target::Ratio(0.55)),
    ("operation: wall + heap", "operation", ("plain", "tracing_registry"), Target::None),
    (
        "operation: wall + heap",
        "operation",
        ("plain", "tracing_timing_layer"),
        Target::None,
    ),
    ("operation: wall + heap", "operation", ("plain", "fastrace"), Target::Ratio(0.35)),
    (
        "operation: wall + heap",
        "operation",
        ("alloc_tracker", "operation"),
        Target::Ratio(1.0),
    ),
    ("operation: wall + heap", "operation", ("plain", "instant_pair"), Target::None),
    (
        "operation: wall + heap + sampled CPU",
        "operation_with_cpu_sampled",
        ("hotpath", "operation"),
        Target::None,
    ),
    ("operation: off", "operation_off", ("plain", "empty"), Target::Difference(1.5)),
    ("span through our layer", "layer", ("plain", "tracing_timing_layer"), Target::None),
    ("64 B alloc + free", "alloc_pair", ("plain", "alloc_pair"), Target::Difference(2.5)),
    (
        "64 B alloc + free, 2 threads",
        "alloc_pair_2_threads",
        ("plain", "alloc_pair_2_threads"),
        // Two threads do n pairs each, so the difference is that of two pairs.
        Target::Difference(5.0),
    ),
    ("64 B alloc + free", "alloc_pair", ("alloc_tracker", "alloc_pair"), Target::None),
];

/// Runs the suite.
pub(super) fn run(arguments: &Arguments) -> Result<Status> {
    let programs = build()?;
    let bar = ProgressBar::new(COMPARISONS.len() as u64).with_style(
        ProgressStyle::with_template("comparing {bar:30} {pos}/{len} {wide_msg}")
            .expect("the template is valid"),
    );
    let mut rows = Vec::new();
    for comparison in COMPARISONS {
        let (name, _, (arm, workload), _) = comparison;
        bar.set_message(format!("{name} beside {arm} {workload}"));
        let peer = if arm == "plain" { workload } else { arm };
        rows.push(match compare(&programs, comparison, arguments.rounds.get()) {
            Ok(duel) => Row::of_duel(name, peer, &duel, comparison.3),
            Err(error) => Row::unresolved(name, peer, format!("{error:#}")),
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
    rows::finish("profiler", &rows, &arguments.output)?;
    let inconclusive = rows.iter().any(Row::is_inconclusive);
    Ok(if arguments.conclusive && inconclusive {
        Status::Inconclusive
    } else {
        Status::Ok
    })
}

fn compare(
    programs: &BTreeMap<String, PathBuf>,
    (_, ours, (arm, theirs), _): Comparison,
    n_rounds: usize,
) -> Result<Duel> {
    let start = |name: &str| {
        let program =
            programs.get(&format!("arm_{name}")).context("the arm was not built")?;
        Arm::start(program).context("the arm does not start")
    };
    let (mut our_arm, mut their_arm) = (start(OURS)?, start(arm)?);
    Ok(Duel::run((&mut our_arm, ours), (&mut their_arm, theirs), n_rounds)?)
}

/// Builds the arms and returns where they are.
fn build() -> Result<BTreeMap<String, PathBuf>> {
    eprintln!("building the peers");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--release", "--package", "safelight-benches", "--bins"])
        .args(["--features", "peers", "--message-format", "json-render-diagnostics"])
        .current_dir(workspace_root())
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cargo cannot be run")?;
    if !output.status.success() {
        bail!("the peers do not build");
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    Ok(messages.lines().filter_map(executable).collect())
}

/// Returns name and path of a program that a message of cargo tells of.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let path = Path::new(message.get("executable")?.as_str()?).to_owned();
    Some((path.file_stem()?.to_str()?.to_owned(), path))
}
