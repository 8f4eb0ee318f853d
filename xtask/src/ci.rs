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

use self::steps::{Expect, PROMTOOL, STEPS, Step};

mod steps;

/// Checks all that must hold before a change lands.
///
/// Tools that are missing are installed from the package registry first.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only the steps whose names contain this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// Tools of cargo's that are not part of a toolchain.
const TOOLS: [(&str, &str); 2] = [("cargo-deny", "0.20.2"), ("cargo-hack", "0.6.46")];

/// Has a tool compiled in less time: its own profile may take minutes to make it fast.
const SOON: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
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
    let mut ends = Vec::new();
    for step in &steps {
        say(format_args!("\n==> {}", step.name));
        let start = SystemClock.now();
        let end = step.run()?;
        ends.push((step.name, end, SystemClock.now() - start));
    }
    println!();
    for (name, end, time) in &ends {
        println!("{:>7.1} s  {:7}  {name}", Duration::as_secs_f64(time), end.as_str());
    }
    let count = |wanted| ends.iter().filter(|(_, end, _)| *end == wanted).count();
    let [passed, failed, reduced] = [End::Passed, End::Failed, End::Reduced].map(count);
    println!("{passed} passed, {failed} failed, {reduced} reduced");
    Ok(if failed == 0 { Status::Ok } else { Status::Failed })
}

/// How a step ended.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Passed,
    Failed,
    /// It passed without what needs an absent program, which may be all of it.
    Reduced,
}

impl End {
    fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Failed => "FAILED",
            Self::Reduced => "REDUCED",
        }
    }
}

fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

impl Step {
    fn run(&self) -> Result<End> {
        let absent = self.needs.iter().find(|tool| !is_installed(tool));
        if let Some(absent) = absent {
            let needed = self.needs.join(", ");
            say(format_args!("REDUCED: {absent} is not here; install {needed}"));
            if self.reduced.is_empty() {
                return Ok(End::Reduced);
            }
        }
        let left_out = if absent.is_some() { self.reduced } else { &[] };
        let mut command = self.command(left_out);
        if self.expect == Expect::Failure {
            // It must fail in the test, not in the build.
            let built = self.command(&["--no-run"]).status()?;
            if !built.success() {
                return Ok(End::Failed);
            }
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        let status = command.status().context("cargo cannot be run")?;
        let is_right = status.success() == (self.expect == Expect::Success);
        Ok(match (is_right, absent) {
            (true, None) => End::Passed,
            (true, Some(_)) => End::Reduced,
            (false, _) => End::Failed,
        })
    }

    /// Returns its command, with some more arguments for cargo itself.
    fn command(&self, further: &[&str]) -> Command {
        let dashes = self.arguments.iter().position(|argument| *argument == "--");
        let (ours, of_program) =
            self.arguments.split_at(dashes.unwrap_or(self.arguments.len()));
        let mut command = cargo();
        command.args(ours).args(further).args(of_program);
        command.envs(self.environment.iter().copied());
        command
    }
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
            .envs(SOON)
            .current_dir(std::env::temp_dir())
            .status()
            .context("cargo cannot be run")?;
        if !installed.success() {
            bail!("{tool} cannot be installed; try `cargo install --locked {tool}`");
        }
    }
    let is_called = |tool: &&'static str| {
        steps
            .iter()
            .any(|step| step.arguments.contains(tool) || step.needs.contains(tool))
    };
    let packages = [
        (PROMTOOL, "prometheus"),
        ("cmake", "cmake"),
        ("nasm", "nasm"),
        ("cc", "gcc"),
        ("c++", "g++"),
    ];
    for (tool, package) in packages {
        if is_called(&tool) && !is_installed(tool) {
            install_package(tool, package);
        }
    }
    Ok(())
}

/// Installs a program where that takes no question; without it parts of steps are left out.
fn install_package(tool: &str, package: &str) {
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        let command = command.env("DEBIAN_FRONTEND", "noninteractive");
        let status = command.args(arguments).stdin(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    if Path::new("/etc/debian_version").is_file() && is_root() {
        say(format_args!("\n==> installing {tool}"));
        let package = ["install", "-y", "--no-install-recommends", package];
        let installed = apt_get(&package) || apt_get(&["update"]) && apt_get(&package);
        if installed && is_installed(tool) {
            return;
        }
    }
    say(format_args!(
        "\n==> {tool} is not here: what needs it is NOT checked; install Debian's package \
         `{package}`"
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
