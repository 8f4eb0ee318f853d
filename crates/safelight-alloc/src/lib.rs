//! A global allocator that counts heap exactly, per operation and across threads.
//!
//! [`TrackingAlloc`] wraps any allocator, by default the system's, and counts in plain
//! cells of the calling thread: about a nanosecond for an allocation and its release.
//! A [`Span`] reads those cells around a piece of work on one thread and is exact to the
//! byte, also when spans nest. A [`Scope`] adds up several threads, and [`process`] all of
//! them, within a bound that each reading states.
//! [`purge`] has the system's allocator give back the memory that it keeps though it is free,
//! and [`return_large_blocks`] has it keep none of large blocks.
//!
//! ```
//! use std::hint::black_box;
//!
//! use safelight_alloc::{Span, TrackingAlloc};
//!
//! #[global_allocator]
//! static ALLOC: TrackingAlloc = TrackingAlloc::system();
//!
//! let ((), usage) = Span::measure(|| drop(black_box(vec![0_u8; 1 << 20])));
//! assert_eq!(usage.peak_bytes, 1 << 20);
//! assert_eq!(usage.net_bytes, 0);
//! ```
//!
//! # When not to use it
//!
//! It counts what goes through Rust's global allocator, in the sizes that were asked for.
//! Memory of C libraries, memory maps, stacks, and what the allocator keeps for itself are
//! not in it: for those, read the resident set of the process.
//! It does not say *where* memory was allocated; a heap profiler does, at a higher cost.
//!
//! # Features
//!
//! None, and no dependencies.

mod account;
mod large_blocks;
mod level;
mod local;
mod process;
mod purge;
mod scope;
mod span;
mod tracking_alloc;
mod usage;

pub use crate::large_blocks::{LargeBlocks, return_large_blocks};
pub use crate::level::SLACK;
pub use crate::process::{ProcessHeap, process, reset_process_peak};
pub use crate::purge::{Purged, purge};
pub use crate::scope::{Scope, ScopeUsage};
pub use crate::span::Span;
pub use crate::tracking_alloc::{TrackingAlloc, is_installed};
pub use crate::usage::Usage;
