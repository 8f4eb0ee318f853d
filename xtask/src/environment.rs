//! The surroundings of a measurement.

use std::process::Command;

use safelight_core::ByteSize;
use safelight_probe::{CpuTimes, Host, MemoryLimit, Process, Reading};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{report_file::workspace_root, status::describe};

/// The machine, the build and the load under which a report was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Environment {
    /// Version of Safelight.
    pub(crate) version: String,
    /// Commit of the working tree; `+` behind it where files differ from it.
    pub(crate) commit: Fact<String>,
    /// `release` or `debug`; the figures of a debug build mean little.
    pub(crate) build_profile: String,
    /// Operating system.
    pub(crate) os: String,
    /// Processor architecture.
    pub(crate) arch: String,
    /// Version of the kernel.
    pub(crate) kernel: Fact<String>,
    /// Name of the processor.
    pub(crate) cpu_model: Fact<String>,
    /// Logical cores of the machine.
    pub(crate) logical_cores: Fact<u64>,
    /// Physical cores of the machine.
    pub(crate) physical_cores: Fact<u64>,
    /// Cores that this process may use.
    pub(crate) usable_cores: Fact<u64>,
    /// Memory of the machine.
    pub(crate) memory_bytes: Fact<u64>,
    /// Memory that could be had without swapping.
    pub(crate) memory_available_bytes: Fact<u64>,
    /// Memory limit of the process's own container; unknown where there is none.
    pub(crate) container_memory_bytes: Fact<u64>,
    /// Runnable and waiting tasks, mean of the minute before the run.
    pub(crate) load_1min: Fact<f64>,
    /// Part of the processor time that a hypervisor took away, during the run.
    pub(crate) steal_share: Fact<f64>,
    /// Highest resident set of this process so far.
    pub(crate) peak_rss_bytes: Fact<u64>,
}

/// A value, or why it is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fact<T> {
    /// The value.
    Known(T),
    /// Why there is none.
    Unknown(String),
}

impl<T> Fact<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(change(value)),
            Self::Unknown(reason) => Fact::Unknown(reason),
        }
    }
}

impl<T> From<Reading<T>> for Fact<T> {
    fn from(reading: Reading<T>) -> Self {
        reading.map_or_else(|error| Self::Unknown(describe(&error)), Self::Known)
    }
}

impl Environment {
    pub(crate) fn read() -> Self {
        let host = Host::read();
        let bytes = |reading: Reading<ByteSize>| Fact::from(reading).map(ByteSize::bytes);
        let count = |reading: Reading<usize>| Fact::from(reading).map(|n| n as u64);
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: commit(),
            build_profile: if cfg!(debug_assertions) { "debug" } else { "release" }
                .to_owned(),
            os: host.os.to_owned(),
            arch: host.arch.to_owned(),
            kernel: host.kernel.into(),
            cpu_model: host.cpu_model.into(),
            logical_cores: count(host.logical_cores),
            physical_cores: count(host.physical_cores),
            usable_cores: Fact::from(host.parallelism).map(|n| n.get() as u64),
            memory_bytes: bytes(host.memory_total),
            memory_available_bytes: bytes(host.memory_available),
            container_memory_bytes: match host.container_memory {
                Ok(MemoryLimit::Bytes(limit)) => Fact::Known(limit.bytes()),
                Ok(_) => Fact::Unknown("unlimited".to_owned()),
                Err(error) => Fact::from(Err(error)),
            },
            load_1min: host.load.into(),
            steal_share: Fact::Unknown("the run has not ended".to_owned()),
            peak_rss_bytes: Fact::Unknown("the run has not ended".to_owned()),
        }
    }

    /// Adds what is known only after the run.
    pub(crate) fn add_run(&mut self, cpu_times_before: &Reading<CpuTimes>) {
        let steal = |before: CpuTimes| {
            let now = CpuTimes::read()?;
            Ok(now.steal_since(&before))
        };
        self.steal_share = match cpu_times_before.clone().and_then(steal) {
            Ok(Some(share)) => Fact::Known(share.get()),
            Ok(None) => Fact::Unknown("the run was too short to tell".to_owned()),
            Err(error) => Fact::from(Err(error)),
        };
        self.peak_rss_bytes = Fact::from(Process::read().peak_rss).map(ByteSize::bytes);
    }
}

fn commit() -> Fact<String> {
    let git = |arguments: &[&str]| {
        let output =
            Command::new("git").args(arguments).current_dir(workspace_root()).output();
        let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
        if !output.status.success() {
            return Err("this is not a git checkout with a commit".to_owned());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let described = git(&["rev-parse", "--short=12", "HEAD"]).and_then(|commit| {
        let changed = !git(&["status", "--porcelain"])?.is_empty();
        Ok(if changed { format!("{commit}+") } else { commit })
    });
    described.map_or_else(Fact::Unknown, Fact::Known)
}
