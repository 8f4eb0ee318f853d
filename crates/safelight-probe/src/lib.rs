//! Reads the operating system: process, thread CPU and host facts.
//!
//! What can be read is a value, what cannot is an error that says why: a [`Reading`].
//! Nothing unknown is ever 0.
//!
//! ```
//! use safelight_core::CpuClock;
//! use safelight_probe::{Host, Process, ThreadCpu};
//!
//! let host = Host::read();
//! match &host.cpu_model {
//!     Ok(model) => println!("{model}, {} {}", host.os, host.arch),
//!     Err(error) => println!("CPU not known: {error}"),
//! }
//! let process = Process::read();
//! println!("resident: {:?}, at most {:?}", process.rss, process.peak_rss);
//! println!("this thread: {:?}", ThreadCpu.thread_cpu());
//! ```
//!
//! # When not to use it
//!
//! It opens files anew for each reading of a [`Process`] or a [`Host`]: good for the beginning and the end of a run, not for a sampling loop.
//! Only the limit of the process' own cgroup is read, not those of its ancestors.
//!
//! # Features
//!
//! None. On Linux it reads procfs and cgroup files; elsewhere sysinfo stands in.

#![forbid(unsafe_code)]

#[cfg(any(target_os = "linux", test))]
mod cgroup;
mod cpu_times;
mod error;
mod host;
mod memory_limit;
#[cfg(any(not(target_os = "linux"), test))]
mod portable;
mod process;
#[cfg(any(target_os = "linux", test))]
mod procfs;
mod thread_cpu;

#[cfg(not(target_os = "linux"))]
use crate::portable as system;
#[cfg(target_os = "linux")]
use crate::procfs as system;

pub use crate::cpu_times::CpuTimes;
pub use crate::error::{ProbeError, Reading};
pub use crate::host::Host;
pub use crate::memory_limit::MemoryLimit;
pub use crate::process::{Process, reset_peak_rss};
pub use crate::thread_cpu::ThreadCpu;
