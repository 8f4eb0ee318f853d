//! Reads the operating system: memory limits and pressure, process, CPU, GPUs.
//!
//! What can be read is a value, what cannot is an error that says why: a [`Reading`].
//! Nothing unknown is ever 0.
//!
//! ```
//! use safelight_core::CpuClock;
//! use safelight_probe::{Host, Sampler, ThreadCpu};
//!
//! // Once: what the machine is.
//! let host = Host::read();
//! match &host.cpu_model {
//!     Ok(model) => println!("{model}, {} {}", host.os, host.arch),
//!     Err(error) => println!("CPU not known: {error}"),
//! }
//!
//! // Again and again: how much memory there is, and what limits it.
//! let mut sampler = Sampler::open();
//! let sample = sampler.sample();
//! if let Ok(headroom) = &sample.headroom {
//!     println!("{} until the {} binds", headroom.available, headroom.binding);
//! }
//! println!("resident: {:?}, this thread: {:?}", sample.rss, ThreadCpu.thread_cpu());
//! ```
//!
//! # When not to use it
//!
//! [`Process`] and [`Host`] open files anew for each reading: good for the beginning and the
//! end of a run. For a loop there is the [`Sampler`], and the
//! [`ProcessSampler`] where the own process is all that matters.
//! For disks, networks, temperatures and other processes, take sysinfo.
//!
//! # Features
//!
//! - `nvml`: `Gpus`, the memory and load of NVIDIA GPUs. It needs nothing to build, and at
//!   run time the library of the driver, without which GPUs are unavailable.
//!
//! On Linux procfs and cgroup files are read; elsewhere sysinfo stands in.

#![forbid(unsafe_code)]

mod cpu_times;
mod error;
#[cfg(feature = "nvml")]
mod gpus;
mod headroom;
mod host;
mod limit;
mod memory_limit;
mod process;
mod process_sampler;
mod psi;
mod sample;
mod sampler;
mod thread_cpu;

#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod kept_file;
#[cfg(any(not(target_os = "linux"), test))]
mod portable;
#[cfg(target_os = "linux")]
mod procfs;

#[cfg(not(target_os = "linux"))]
use crate::portable as system;
#[cfg(target_os = "linux")]
use crate::procfs as system;

pub use crate::cpu_times::CpuTimes;
pub use crate::error::{ProbeError, Reading};
#[cfg(feature = "nvml")]
pub use crate::gpus::{Gpu, GpuMemory, GpuProcess, Gpus};
pub use crate::headroom::Headroom;
pub use crate::host::Host;
pub use crate::limit::{Binding, Limit, LimitKind};
pub use crate::memory_limit::MemoryLimit;
pub use crate::process::{Process, reset_peak_rss};
pub use crate::process_sampler::ProcessSampler;
pub use crate::psi::{Psi, Stall};
pub use crate::sample::Sample;
pub use crate::sampler::Sampler;
pub use crate::thread_cpu::ThreadCpu;
