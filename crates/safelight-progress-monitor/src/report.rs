//! What was shown and what was wrong as plain, versioned structs for JSON.
//!
//! Names carry their units: `_ns`, `_bytes`, `_cores`, `_share`, `_per_second`.
//! Moments are times since the first look. What is not known is `null`, never 0.
//!
//! ```
//! use safelight_progress_monitor::{
//!     Clock, Collector, Config, Monitor, Reading, SystemClock, report,
//! };
//!
//! let monitor = Monitor::new();
//! let mut collector = Collector::new(&monitor, Config::default())?;
//! collector.step(SystemClock.now(), &Reading::default());
//!
//! let export = report::Export::from(&collector);
//! let json = serde_json::to_string(&export)?;
//! assert_eq!(serde_json::from_str::<report::Export>(&json)?, export);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::time::{Duration, Instant};

use safelight_core::{ByteSize, Cores};
#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Collector, Entry, PastLook};

mod alert_row;
mod frame_row;
mod summary;

pub use self::{
    alert_row::{AlertRow, NoticeRow},
    frame_row::{FrameRow, MessageRow, QueueRow, TrackerRow},
    summary::{KindRow, Summary},
};

/// Version of these structs; it goes up when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// All that a collector knows: the latest frame, the history, alerts and a summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// The whole run in a few figures.
    pub summary: Summary,
    /// The latest look.
    pub latest: FrameRow,
    /// The latest looks, the oldest first.
    pub metrics: Vec<MetricRow>,
    /// Alerts that are open, as many as are kept.
    pub open_alerts: Vec<AlertRow>,
    /// The latest notices, the oldest first.
    pub notices: Vec<NoticeRow>,
    /// The latest measures that were taken or undone, the oldest first.
    pub measures: Vec<MeasureRow>,
}

/// One look of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MetricRow {
    /// When it was taken.
    pub at_ns: u64,
    /// The time until the next one, as it was planned.
    pub interval_ns: u64,
    /// What all trackers had counted.
    pub n_done: u64,
    /// Timed updates that went on.
    pub n_in_flight: u64,
    /// The depths of all queues, added up.
    pub n_waiting: u64,
    /// Resident memory of the process.
    pub rss_bytes: Option<u64>,
    /// CPU use of the process.
    pub cpu_cores: Option<f64>,
    /// CPU use of the monitor's thread.
    pub own_cpu_cores: Option<f64>,
}

/// A measure that was taken or undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MeasureRow {
    /// When.
    pub at_ns: u64,
    /// `widen_interval`, `lower_detail` or `coalesce`.
    pub measure: String,
    /// `taken` or `undone`.
    pub step: String,
    /// Why it was taken: the kind of an alert, or `storm`.
    pub reason: String,
}

impl From<&Collector> for Export {
    fn from(collector: &Collector) -> Self {
        let frame = collector.frame();
        let origin = frame.at.checked_sub(frame.elapsed).unwrap_or(frame.at);
        let open = collector.open_alerts();
        Self {
            schema_version: SCHEMA_VERSION,
            summary: Summary::from(collector),
            latest: FrameRow::from(frame),
            metrics: collector.history().map(|look| metric(look, origin)).collect(),
            open_alerts: open.iter().map(|alert| AlertRow::new(alert, origin)).collect(),
            notices: collector.notices().map(|n| NoticeRow::new(n, origin)).collect(),
            measures: collector.journal().map(|entry| measure(entry, origin)).collect(),
        }
    }
}

fn metric(look: &PastLook, origin: Instant) -> MetricRow {
    MetricRow {
        at_ns: since(look.at, origin),
        interval_ns: nanos(look.interval),
        n_done: look.n_done,
        n_in_flight: look.n_in_flight as u64,
        n_waiting: look.n_waiting,
        rss_bytes: look.rss.map(ByteSize::bytes),
        cpu_cores: look.cpu.map(Cores::get),
        own_cpu_cores: look.own_cpu.map(Cores::get),
    }
}

fn measure(entry: &Entry, origin: Instant) -> MeasureRow {
    MeasureRow {
        at_ns: since(entry.at, origin),
        measure: entry.measure.name().to_owned(),
        step: entry.step.name().to_owned(),
        reason: entry.reason.to_string(),
    }
}

fn since(at: Instant, origin: Instant) -> u64 {
    nanos(at.saturating_duration_since(origin))
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
