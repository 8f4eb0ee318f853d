//! What an image operation cost: time, CPU, heap, scaling, bottlenecks, advice.
//!
//! A [`Profiler`] hands out [`Operation`]s; each run of one is measured by a closure or a
//! [`Guard`], and what it cost is kept by image size.
//! A [`Recording`] is a copy of all that was measured, and an [`Analysis`] says what it
//! means.
//!
//! ```
//! use safelight_profiler::{Analysis, Profiler, Rules};
//!
//! let profiler = Profiler::new();
//! let invert = profiler.operation("invert");
//! for side in [64, 128, 256] {
//!     let mut pixels = vec![7_u8; (side * side) as usize];
//!     invert.pixels(side, side).measure(|| pixels.iter_mut().for_each(|p| *p = !*p));
//! }
//! println!("{}", Analysis::new(&profiler.recording(), &Rules::default()));
//! ```
//!
//! Wall time is monotonic.
//! CPU time is that of the thread (and of the workers it names), so a run that waits on a
//! busy machine reads about 0 %.
//! The heap is exact to the byte where the binary installs `safelight_alloc::TrackingAlloc`;
//! elsewhere it is "not measured", never 0.
//!
//! # When not to use it
//!
//! It measures what is marked as an operation.
//! To find out *which function* is hot inside one, take a sampling profiler.
//! Marking something that takes less than a microsecond shows mostly the marking: an empty
//! run costs tens of nanoseconds.
//!
//! # Features
//!
//! - `heap` (default): exact heap per operation, by `safelight-alloc`.
//! - `system` (default): CPU time of threads, by `safelight-probe`.
//! - `serde`: the module `report`, versioned structs for JSON.
//! - `schemars`: the JSON schema of that report.
//! - `tracing`: a layer that turns spans into operations.

#![forbid(unsafe_code)]

mod profiler;

mod call;
mod guard;
mod operation;
mod workers;

mod heap;
mod lane;
mod ring;
mod sample;
mod ticks;

mod recording;
mod repeats;
mod reservoir;
mod size_class;
mod totals;

mod advice;
mod analysis;
mod cost;
mod estimate;
mod finding;
mod overhead;
mod quantity;
mod rules;
mod scaling;

#[cfg(feature = "tracing")]
mod layer;
#[cfg(feature = "serde")]
pub mod report;

pub use crate::advice::{Advice, AdviceKind};
pub use crate::analysis::Analysis;
pub use crate::call::Call;
pub use crate::cost::{CpuCost, HeapCost, OperationCost, RepeatCost, SizeCost, WallCost};
pub use crate::estimate::Estimate;
pub use crate::finding::{Finding, FindingKind};
pub use crate::guard::Guard;
pub use crate::heap::HeapSource;
#[cfg(feature = "tracing")]
pub use crate::layer::SpanLayer;
pub use crate::operation::Operation;
pub use crate::overhead::Overhead;
pub use crate::profiler::{Builder, Profiler};
pub use crate::quantity::Quantity;
pub use crate::recording::Recording;
pub use crate::rules::Rules;
pub use crate::sample::Outcome;
pub use crate::scaling::{Fit, Scaling};
pub use crate::size_class::{Dimensions, SizeClass};
pub use crate::workers::Workers;
