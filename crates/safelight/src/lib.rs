#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod safelight;

mod builder;
mod config;
mod event;
mod frames;
pub mod global;
mod images;
mod input;
mod job;

mod admission;
mod error;
mod request_key;
mod store;
mod stored;

pub mod actions;

#[cfg(feature = "metrics")]
mod metrics;
mod prometheus;
pub mod report;

mod at_work;
mod drivers;
mod figures;
mod gate;
mod operations;
mod panics;
mod reload;
mod signs;
mod steward;
mod turning;
mod versioned;

pub use crate::admission::{Admission, Admitted, Refusal};
pub use crate::builder::Builder;
pub use crate::config::{Capacity, Config, Jobs, Key, Memory};
pub use crate::error::Error;
pub use crate::event::{Event, Finished, Outcome};
pub use crate::images::Encoded;
pub use crate::input::Input;
pub use crate::job::Job;
pub use crate::request_key::RequestKey;
pub use crate::safelight::Safelight;
pub use crate::store::Store;
pub use crate::stored::{Shared, Stored};

// The parts, for what is not wrapped here.
pub use safelight_alloc as alloc;
pub use safelight_cache as cache;
pub use safelight_imaging as imaging;
pub use safelight_memory_manager as memory_manager;
pub use safelight_probe as probe;
pub use safelight_profiler as profiler;
pub use safelight_progress_monitor as progress_monitor;

// What callers of the above need.
pub use safelight_cache::{Operation, SourceId, Weigh};
pub use safelight_core::{ByteSize, Clock, Observer, Pressure, Share, SystemClock};
pub use safelight_imaging::{Depth, Fit, Pixels, Target, Validation};
