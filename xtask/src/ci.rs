//! `cargo xtask ci`: all that must hold before a change lands.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use safelight_core::{Clock, SystemClock};

use crate::{report_file::workspace_root, say::say, status::Status};

/// Checks all that must hold before a change lands.
///
/// Tools that are missing are installed from the package registry first.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only the steps whose names contain this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// A step: its name, and the cargo command that must succeed.
struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    expect: Expect,
}

/// What a step must do.
#[derive(PartialEq)]
enum Expect {
    Success,
    /// The step checks that a broken variant is found out.
    Failure,
}

const fn step(name: &'static str, arguments: &'static [&'static str]) -> Step {
    Step { name, arguments, environment: &[], expect: Expect::Success }
}

/// A tool of cargo's that is not part of a toolchain.
const TOOLS: [(&str, &str); 2] = [("cargo-deny", "0.20.2"), ("cargo-hack", "0.6.46")];

/// What checks figures and alert rules, of Debian's package `prometheus`.
const PROMTOOL: &str = "promtool";

/// The model checker's arguments; it checks production code of hand-made synchronization.
const LOOM: &[&str] = &[
    "test",
    "--release",
    "--package",
    "safelight-profiler",
    "--no-default-features",
    "--lib",
    "--target-dir",
    "target/loom",
    "--",
    "loom_tests",
];

/// The same for the crates whose checker tries schedules at random.
const SHUTTLE: [&[&str]; 3] = [
    &[
        "test",
        "--release",
        "--package",
        "safelight-cache",
        "--lib",
        "--target-dir",
        "target/shuttle",
        "--",
        "shuttle_tests",
    ],
    &[
        "test",
        "--release",
        "--package",
        "safelight-memory-manager",
        "--lib",
        "--target-dir",
        "target/shuttle",
        "--",
        "shuttle_tests",
    ],
    &[
        "test",
        "--release",
        "--package",
        "safelight-progress-monitor",
        "--no-default-features",
        "--lib",
        "--target-dir",
        "target/shuttle",
        "--",
        "shuttle_tests",
    ],
];

const STEPS: &[Step] = &[
    step("format", &["fmt", "--all", "--check"]),
    step("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    step(
        "clippy, every feature of the crates",
        &[
            "clippy",
            "--workspace",
            "--exclude",
            "safelight-benches",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ],
    ),
    step(
        "clippy, peers",
        &[
            "clippy",
            "--package",
            "safelight-benches",
            "--all-targets",
            "--features",
            "peers",
            "--",
            "-D",
            "warnings",
        ],
    ),
    // The README's test command; doc tests and the layering test are in it.
    step("test", &["test", "--workspace"]),
    step(
        "test, every feature of the crates",
        &["test", "--workspace", "--exclude", "safelight-benches", "--all-features"],
    ),
    Step { environment: &[("RUSTFLAGS", "--cfg loom")], ..step("loom", LOOM) },
    Step {
        environment: &[("RUSTFLAGS", "--cfg loom --cfg weakened")],
        expect: Expect::Failure,
        ..step("loom finds a weakened ordering", LOOM)
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle")],
        ..step("shuttle, cache", SHUTTLE[0])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle")],
        ..step("shuttle, permits", SHUTTLE[1])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle")],
        ..step("shuttle, progress", SHUTTLE[2])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle --cfg weakened")],
        expect: Expect::Failure,
        ..step("shuttle finds a dropped check in the cache", SHUTTLE[0])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle --cfg weakened")],
        expect: Expect::Failure,
        ..step("shuttle finds a dropped check in the permits", SHUTTLE[1])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle --cfg weakened")],
        expect: Expect::Failure,
        ..step("shuttle finds a dropped check in the progress monitor", SHUTTLE[2])
    },
    Step {
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
        ..step(
            "documentation",
            &[
                "doc",
                "--workspace",
                "--no-deps",
                "--exclude",
                "safelight-benches",
                "--all-features",
            ],
        )
    },
    step(
        "deny",
        &["deny", "--log-level", "error", "check", "bans", "licenses", "sources"],
    ),
    step(
        "features",
        &[
            "hack",
            "check",
            "--workspace",
            "--feature-powerset",
            "--depth",
            "2",
            "--no-dev-deps",
            "--exclude-features",
            "native,peers",
        ],
    ),
    step(
        "short stress of the cache",
        &[
            "run",
            "--release",
            "--package",
            "xtask",
            "--",
            "stress",
            "cache",
            "--operations",
            "200000",
            "--seconds",
            "20",
        ],
    ),
    // They are in `test` too; here it is seen where promtool was missing.
    step(
        "promtool: metrics and rules",
        &[
            "test",
            "--package",
            "safelight",
            "--test",
            "prometheus",
            "--",
            "--nocapture",
            PROMTOOL,
        ],
    ),
    // Where no control group can be made it says so, and is no failure.
    step(
        "permits in a real control group",
        &["run", "--release", "--package", "xtask", "--", "test-oom", "--runs", "3"],
    ),
    step(
        "quick profile",
        &[
            "run",
            "--release",
            "--package",
            "xtask",
            "--",
            "profile",
            "--sizes",
            "256,384,512",
            "--time-budget",
            "8s",
        ],
    ),
];

/// Runs the steps and counts them; all run, also after one that failed.
pub(crate) fn run(arguments: &Arguments) -> Result<Status> {
    let wanted = |step: &&Step| {
        arguments.only.as_ref().is_none_or(|text| step.name.contains(text.as_str()))
    };
    let steps: Vec<&Step> = STEPS.iter().filter(wanted).collect();
    if steps.is_empty() {
        bail!("no step is named so; there are: {}", names().join(", "));
    }
    install_tools(&steps)?;
    let mut failed = Vec::new();
    let mut times = Vec::new();
    for step in &steps {
        say(format_args!("\n==> {}", step.name));
        let start = SystemClock.now();
        if !step.run()? {
            failed.push(step.name);
        }
        times.push((step.name, SystemClock.now() - start));
    }
    println!();
    for (name, time) in times {
        let mark = if failed.contains(&name) { "FAILED" } else { "ok" };
        println!("{:>7.1} s  {mark:6}  {name}", Duration::as_secs_f64(&time));
    }
    println!("{} passed, {} failed", steps.len() - failed.len(), failed.len());
    Ok(if failed.is_empty() { Status::Ok } else { Status::Failed })
}

fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

impl Step {
    fn run(&self) -> Result<bool> {
        let mut command = cargo();
        command.args(self.arguments).envs(self.environment.iter().copied());
        if self.expect == Expect::Failure {
            // It must fail in the test, not in the build.
            let built = command_like(self, "--no-run").status()?;
            if !built.success() {
                return Ok(false);
            }
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        let status = command.status().context("cargo cannot be run")?;
        Ok(status.success() == (self.expect == Expect::Success))
    }
}

/// Returns the step's command with one more argument for cargo.
fn command_like(step: &Step, argument: &str) -> Command {
    let mut command = cargo();
    let before_dashes = step.arguments.iter().take_while(|argument| **argument != "--");
    command.args(before_dashes).arg(argument).envs(step.environment.iter().copied());
    command
}

fn cargo() -> Command {
    let cargo: OsString = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace_root()).stdin(Stdio::null());
    command
}

/// Installs the tools that the steps call and that are not there.
fn install_tools(steps: &[&Step]) -> Result<()> {
    for (tool, version) in TOOLS {
        let subcommand = tool.trim_start_matches("cargo-");
        let is_called =
            steps.iter().any(|step| step.arguments.first() == Some(&subcommand));
        if !is_called || is_installed(tool) {
            continue;
        }
        say(format_args!("\n==> installing {tool} {version}"));
        // Where it is built does not matter, but not below the workspace's configuration.
        let installed = cargo()
            .args(["install", "--locked", tool, "--version", version])
            .current_dir(std::env::temp_dir())
            .status()
            .context("cargo cannot be run")?;
        if !installed.success() {
            bail!("{tool} cannot be installed; try `cargo install --locked {tool}`");
        }
    }
    let is_called = steps.iter().any(|step| step.arguments.contains(&PROMTOOL));
    if is_called && !is_installed(PROMTOOL) {
        install_promtool();
    }
    Ok(())
}

/// Installs promtool where that takes no question; without it its tests are skipped.
fn install_promtool() {
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        let command = command.env("DEBIAN_FRONTEND", "noninteractive");
        let status = command.args(arguments).stdin(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    if Path::new("/etc/debian_version").is_file() && is_root() {
        say(format_args!("\n==> installing {PROMTOOL}"));
        let package = ["install", "-y", "--no-install-recommends", "prometheus"];
        let installed = apt_get(&package) || apt_get(&["update"]) && apt_get(&package);
        if installed && is_installed(PROMTOOL) {
            return;
        }
    }
    say(format_args!(
        "\n==> {PROMTOOL} is not here: figures and alert rules are NOT checked by it; \
         install Debian's package `prometheus`"
    ));
}

fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    false
}

/// Whether a program is on the path, or where cargo installs programs.
fn is_installed(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let bin = home.map(|home| home.join("bin"));
    std::env::split_paths(&path).chain(bin).any(|dir| dir.join(tool).is_file())
}
