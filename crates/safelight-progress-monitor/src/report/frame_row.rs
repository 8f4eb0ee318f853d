use safelight_core::{ByteSize, Cores};
#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{NoticeRow, SCHEMA_VERSION, nanos, since};
use crate::{Cause, Frame, Rate, TrackerFrame};

/// All that was shown at one moment; one line of [`JsonLines`](crate::JsonLines).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FrameRow {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// The time since the first look.
    pub elapsed_ns: u64,
    /// `due` or `woken`.
    pub cause: String,
    /// The time until the next look.
    pub interval_ns: u64,
    /// The trackers, children right below their parents.
    pub trackers: Vec<TrackerRow>,
    /// Trackers that are left out as detail is low.
    pub n_hidden: u64,
    /// The queues.
    pub queues: Vec<QueueRow>,
    /// Timed updates that go on.
    pub n_in_flight: u64,
    /// How long the oldest of them goes on.
    pub oldest_ns: Option<u64>,
    /// Alerts that began or ended.
    pub notices: Vec<NoticeRow>,
    /// Notices that are not in this frame.
    pub n_more_notices: u64,
    /// Lines of text from the trackers.
    pub messages: Vec<MessageRow>,
    /// Messages that are not in this frame.
    pub n_more_messages: u64,
    /// Alerts that are open.
    pub n_open_alerts: u64,
    /// Measures in force, by name.
    pub measures: Vec<String>,
    /// Resident memory of the process.
    pub rss_bytes: Option<u64>,
    /// CPU use of the process.
    pub cpu_cores: Option<f64>,
    /// CPU use of the monitor's thread.
    pub own_cpu_cores: Option<f64>,
    /// How much later than its interval this frame came.
    pub lateness_ns: u64,
    /// Times that a sink panicked.
    pub n_sink_panics: u64,
}

/// One tracker at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrackerRow {
    /// The number of the tracker.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// How many parents it has above it.
    pub depth: u64,
    /// What part of the job goes on.
    pub phase: Option<String>,
    /// How many are done.
    pub n_done: u64,
    /// How many there are.
    pub total: Option<u64>,
    /// How much was done in a second lately, once anything can be said.
    pub rate_per_second: Option<f64>,
    /// The time that is left.
    pub eta_ns: Option<u64>,
    /// How long nothing was counted, for one that has work.
    pub silent_ns: Option<u64>,
    /// Timed updates that go on.
    pub n_in_flight: u64,
    /// How long the oldest of them goes on.
    pub oldest_ns: Option<u64>,
    /// Timed updates that did not finish.
    pub n_abandoned: u64,
    /// The longest of the timed updates.
    pub longest_ns: Option<u64>,
    /// What 99 of 100 timed updates stayed within.
    pub p99_ns: Option<u64>,
    /// Whether it ended.
    pub is_finished: bool,
}

/// One queue at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QueueRow {
    /// Its name.
    pub name: String,
    /// How many wait.
    pub depth: u64,
}

/// A line of text from a tracker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MessageRow {
    /// When it was sent.
    pub at_ns: u64,
    /// The name of the tracker.
    pub tracker: String,
    /// What it says.
    pub text: String,
}

impl From<&Frame> for FrameRow {
    fn from(frame: &Frame) -> Self {
        let origin = frame.at.checked_sub(frame.elapsed).unwrap_or(frame.at);
        let queues = frame.queues.iter();
        let messages = frame.messages.iter();
        Self {
            schema_version: SCHEMA_VERSION,
            elapsed_ns: nanos(frame.elapsed),
            cause: match frame.cause {
                Cause::Due => "due".to_owned(),
                Cause::Woken => "woken".to_owned(),
            },
            interval_ns: nanos(frame.interval),
            trackers: frame.trackers.iter().map(TrackerRow::from).collect(),
            n_hidden: frame.n_hidden as u64,
            queues: queues
                .map(|queue| QueueRow {
                    name: queue.name.to_string(),
                    depth: queue.depth,
                })
                .collect(),
            n_in_flight: frame.n_in_flight as u64,
            oldest_ns: frame.oldest.map(nanos),
            notices: frame.notices.iter().map(|n| NoticeRow::new(n, origin)).collect(),
            n_more_notices: frame.n_more_notices,
            messages: messages
                .map(|message| MessageRow {
                    at_ns: since(message.at, origin),
                    tracker: message.tracker.to_string(),
                    text: message.text.clone(),
                })
                .collect(),
            n_more_messages: frame.n_more_messages,
            n_open_alerts: frame.n_open_alerts as u64,
            measures: frame.measures.iter().map(|m| m.name().to_owned()).collect(),
            rss_bytes: frame.rss.map(ByteSize::bytes),
            cpu_cores: frame.cpu.map(Cores::get),
            own_cpu_cores: frame.own.cpu.map(Cores::get),
            lateness_ns: nanos(frame.own.lateness),
            n_sink_panics: frame.own.n_sink_panics,
        }
    }
}

impl From<&TrackerFrame> for TrackerRow {
    fn from(tracker: &TrackerFrame) -> Self {
        Self {
            id: tracker.id,
            name: tracker.name.to_string(),
            depth: tracker.depth as u64,
            phase: tracker.phase.as_deref().map(str::to_owned),
            n_done: tracker.n_done,
            total: tracker.total,
            rate_per_second: tracker.rate.map(Rate::get),
            eta_ns: tracker.eta.map(nanos),
            silent_ns: tracker.silent.map(nanos),
            n_in_flight: tracker.n_in_flight as u64,
            oldest_ns: tracker.oldest.map(nanos),
            n_abandoned: tracker.n_abandoned,
            longest_ns: tracker.longest.map(nanos),
            p99_ns: tracker.p99.map(nanos),
            is_finished: tracker.is_finished,
        }
    }
}
