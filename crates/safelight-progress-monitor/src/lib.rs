//! Progress of a job, and whether the progress shown is true and timely.
//!
//! Workers add to a [`Tracker`]: some plain stores to a cell of their own thread, so nobody
//! waits for anybody, and never for a terminal. A [`Collector`] looks now and then, says how
//! fast it goes, what is left, what is stuck and what is wrong, and hands a [`Frame`] to
//! [`Sink`]s.
//!
//! ```
//! use std::io::stderr;
//!
//! use safelight_progress_monitor::{
//!     Collector, Config, Driver, Lines, Monitor, Reading, SystemClock, TrackIterator,
//! };
//!
//! # fn thumbnail(_: &str) {}
//! let monitor = Monitor::new();
//! let collector = Collector::new(&monitor, Config::default())?;
//! let driver =
//!     Driver::start(collector, SystemClock, Reading::default, Lines::new(stderr()));
//! let tracker = monitor.tracker("thumbnails");
//! for name in ["sea.jpg", "sky.jpg"].iter().tracked(&tracker) {
//!     thumbnail(name);
//! }
//! assert_eq!(driver.stop().n_done(), 2);
//! # Ok::<(), safelight_progress_monitor::ConfigError>(())
//! ```
//!
//! # What there is
//!
//! - [`Monitor`] makes [`Tracker`]s and [`Gauge`]s. A tracker has a total that may change,
//!   phases, children, messages, timed updates, and a [`Local`] for hot loops.
//! - [`TrackIterator`] and [`TrackRead`], and with a feature parallel iterators, count by
//!   themselves; [`Tracker::tracked`] and [`Tracker::tracked_future`] time functions and
//!   futures.
//! - [`Collector`] is a state machine: [`Reading`] and moment in, [`Frame`] out. It raises
//!   [`Alert`]s, takes [`Measure`]s, and keeps a history. [`Driver`] is its thread.
//! - [`Lines`] writes plain text; closures are sinks, and features bring more.
//!
//! # When not to use it
//!
//! - For a bar in a small tool, `indicatif` alone is less to learn.
//! - For counters that are scraped for months, take a metrics library: a tracker is a job,
//!   which ends.
//! - To find out what an operation costs, take a profiler.
//!
//! # Features
//!
//! - `system` (default): memory and CPU time of the process, by `safelight-probe`.
//! - `terminal`: `Terminal`, bars by `indicatif`.
//! - `serde`: the module `report`, `JsonLines`, and `Config` from a file.
//! - `schemars`: the JSON schema of the report.
//! - `tracing`: `Events`, a sink of `tracing` events.
//! - `rayon`: `TrackParallelIterator`.

#![forbid(unsafe_code)]

mod ending;
mod gauge;
mod in_flight;
mod local;
mod message;
mod monitor;
mod tracked;
#[cfg(feature = "rayon")]
mod tracked_parallel;
mod tracker;

mod cells;
mod durations;
mod flights;
mod hub;
mod pool;
mod shard;
mod signal;
mod sync;
mod track;
mod track_id;

mod collector;
mod config;
mod config_error;
mod frame;
mod past_look;
mod reading;

mod alarms;
mod alert;
mod bounded;
mod episode;
mod estimate;
mod event;
mod measure;
mod measures;
mod notice;
mod pace;
mod rate;
mod spaced;
mod value;
mod worst;

mod driver;
#[cfg(feature = "system")]
mod process;
#[cfg(feature = "serde")]
pub mod report;
#[cfg(all(test, shuttle))]
mod shuttle_tests;
mod sink;

pub use crate::alert::{Action, Alert, AlertKind, Severity, Subject};
pub use crate::collector::Collector;
pub use crate::config::Config;
pub use crate::config_error::ConfigError;
pub use crate::driver::Driver;
pub use crate::event::Event;
pub use crate::frame::{Cause, Frame, OwnFrame, QueueFrame, TrackerFrame};
pub use crate::gauge::Gauge;
pub use crate::in_flight::InFlight;
pub use crate::local::Local;
pub use crate::measure::{Entry, Measure, Reason, Step};
pub use crate::message::Message;
pub use crate::monitor::Monitor;
pub use crate::notice::{Change, Notice};
pub use crate::past_look::PastLook;
#[cfg(feature = "system")]
pub use crate::process::Process;
pub use crate::rate::Rate;
pub use crate::reading::Reading;
#[cfg(feature = "tracing")]
pub use crate::sink::Events;
#[cfg(feature = "serde")]
pub use crate::sink::JsonLines;
#[cfg(feature = "terminal")]
pub use crate::sink::{Colors, Terminal};
pub use crate::sink::{Lines, Sink};
pub use crate::tracked::{TrackIterator, TrackRead, Tracked};
#[cfg(feature = "rayon")]
pub use crate::tracked_parallel::TrackParallelIterator;
pub use crate::tracker::Tracker;
pub use crate::value::Value;

// What callers of the above need.
pub use safelight_core::{ByteSize, Clock, Cores, ManualClock, Share, SystemClock};
