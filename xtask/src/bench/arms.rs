//! The programs of `benches` that measure a side of a comparison.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use safelight_benches::arm::Arm;

use crate::{report_file::workspace_root, say::say};

/// Programs that were built, with the peers in them.
pub(super) struct Programs {
    paths: BTreeMap<String, PathBuf>,
}

impl Programs {
    /// Builds programs, which takes a while where the peers were not built yet.
    pub(super) fn build(names: &[&str]) -> Result<Self> {
        Self::build_with("peers", names)
    }

    /// Builds programs with these features, with commas between them.
    pub(super) fn build_with(features: &str, names: &[&str]) -> Result<Self> {
        say("building the peers");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "--release", "--package", "safelight-benches"])
            .args(names.iter().flat_map(|name| ["--bin", name]))
            .args(["--features", features, "--message-format", "json-render-diagnostics"])
            .current_dir(workspace_root())
            .stderr(Stdio::inherit())
            .output()
            .context("cargo cannot be run")?;
        if !output.status.success() {
            bail!("the peers do not build");
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        Ok(Self { paths: messages.lines().filter_map(executable).collect() })
    }

    /// Returns where a program is.
    pub(super) fn path(&self, name: &str) -> Result<&Path> {
        let path = self.paths.get(name);
        path.map(PathBuf::as_path).with_context(|| format!("{name} was not built"))
    }

    /// Starts a program that answers requests.
    pub(super) fn start(&self, name: &str) -> Result<Arm> {
        Arm::start(self.path(name)?).with_context(|| format!("{name} does not start"))
    }
}

/// Returns name and path of a program that a message of cargo tells of.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let path = Path::new(message.get("executable")?.as_str()?).to_owned();
    Some((path.file_stem()?.to_str()?.to_owned(), path))
}
