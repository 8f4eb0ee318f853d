//! Byte permits, budgets and pressure: admission that keeps a program in its memory.
//!
//! Whoever watches memory and reacts is too late: between two looks a few images are
//! decoded, and the system kills the program. So work asks first. [`Permits`] grants bytes
//! in the order of the requests, has caches make room before it grants, and lets the rest
//! wait. Levels of pressure are the alarm beside it.
//!
//! ```
//! use std::time::Duration;
//!
//! use safelight_memory_manager::{ByteSize, Permits};
//!
//! # fn decode(_: &str) -> Vec<u8> { vec![0; 1024] }
//! let permits = Permits::new(ByteSize::gib(1));
//! for name in ["sea.jpg", "sky.jpg"] {
//!     let permit = permits.reserve("decode", ByteSize::mib(96), Duration::MAX)?;
//!     let pixels = decode(name);
//!     permit.record_actual(ByteSize::from_len(pixels.capacity()));
//!     // The bytes are given back with the permit.
//! }
//! # Ok::<(), safelight_memory_manager::ReserveError>(())
//! ```
//!
//! # What there is
//!
//! - [`Permits`]: admission, and the [`Consumer`]s that make room for it.
//! - [`Governor`]: levels and actions from [`Reading`]s. [`Budgets`] and [`spread`]: what
//!   the consumers may hold, in all and each.
//! - [`Control`] applies both to the consumers of [`Permits`], keeps a [`Journal`] and tells
//!   an observer; [`Driver`] is a thread that does so again and again.
//! - [`Trend`]: a leak, a step, what comes and goes, or nothing.
//! - [`Batch`] and [`Plan`]: how many items at once, on a GPU or of large images.
//! - [`recommend`]: what a person may change, with the numbers that speak for it.
//!
//! Nothing but `Driver` starts a thread or asks the time, but for the wait of
//! [`Permits::reserve`], and nothing but `Driver::start_system` reads the system: otherwise
//! the caller fills the readings.
//!
//! # When not to use it
//!
//! - Where nobody can say how much work will take, not even about: permits are promises.
//!   What is said too low is learned, but not before it happened once.
//! - To limit a program that does not ask: that takes a control group, or another process.
//! - For tiny and frequent allocations: a permit costs more than they do. Take one for all.
//! - Where one piece of work takes permits one after the other: it may wait for what it
//!   holds itself. Take one for all, and [`try_grow`](Permit::try_grow) it.
//!
//! # Features
//!
//! - `system`, on by default: `Driver::start_system` and `Reading::of`, with the limits that
//!   `safelight-probe` reads.

#![forbid(unsafe_code)]

mod batch;
mod budgets;
mod config;
mod control;
mod driver;
mod governor;
mod journal;
mod permits;
mod plan;
mod reading;
mod recommendation;
mod reserve_error;
#[cfg(all(test, shuttle))]
mod shuttle_tests;
mod spread;
mod sync;
#[cfg(feature = "system")]
mod system;
mod trend;

pub use crate::batch::Batch;
pub use crate::budgets::{Budgets, Rule, Situation};
pub use crate::config::Config;
pub use crate::control::{Control, Event};
pub use crate::driver::Driver;
pub use crate::governor::{Action, Decision, Governor};
pub use crate::journal::{Entry, Journal};
pub use crate::permits::{Permit, Permits, Registration, Reserve, Usage};
pub use crate::plan::{Pixels, Plan};
pub use crate::reading::Reading;
pub use crate::recommendation::{Facts, Recommendation, recommend};
pub use crate::reserve_error::ReserveError;
pub use crate::spread::{Claim, spread};
pub use crate::trend::{Trend, Verdict};

// What callers of the above need.
pub use safelight_core::{
    ByteSize, Clock, Consumer, Cost, Domain, Pressure, Share, SystemClock, Traits,
};
