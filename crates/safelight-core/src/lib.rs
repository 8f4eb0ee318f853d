//! The values and small traits that the Safelight crates share.
//!
//! Everything here is a plain value ([`ByteSize`], [`Share`], [`Cores`], [`Pressure`]) or a
//! trait of one to three methods ([`Clock`], [`CpuClock`], [`Observer`], [`Consumer`]).
//! There is no I/O, no policy and no dependency, so that any crate can speak this language
//! without paying for it.
//!
//! ```
//! use std::time::Duration;
//!
//! use safelight_core::{ByteSize, Clock, Cores, ManualClock};
//!
//! let limit: ByteSize = "256 MiB".parse()?;
//! assert_eq!(limit.bytes(), 268_435_456);
//!
//! let clock = ManualClock::new();
//! let start = clock.now();
//! clock.advance(Duration::from_millis(200));
//! let used = Cores::from_times(Duration::from_millis(400), clock.now() - start);
//! assert_eq!(used.to_string(), "200 % of one core");
//! # Ok::<(), safelight_core::ParseByteSizeError>(())
//! ```
//!
//! # When not to use it
//!
//! Alone it does nothing: depend on it to implement one of its traits, or to write a crate
//! that stands beside the others.
//!
//! # Features
//!
//! None.

#![forbid(unsafe_code)]

mod byte_size;
mod clock;
mod consumer;
mod cores;
mod cpu_clock;
mod observer;
mod pressure;
mod share;

pub use crate::byte_size::{ByteSize, ParseByteSizeError};
pub use crate::clock::{Clock, ManualClock, SystemClock};
pub use crate::consumer::{Consumer, Cost, Domain, Traits};
pub use crate::cores::Cores;
pub use crate::cpu_clock::CpuClock;
pub use crate::observer::Observer;
pub use crate::pressure::Pressure;
pub use crate::share::Share;
