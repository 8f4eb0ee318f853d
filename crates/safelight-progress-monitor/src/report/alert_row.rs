use std::time::Instant;

#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::since;
use crate::{Alert, Notice};

/// Something that was wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertRow {
    /// `slow_update`, `stuck_update`, `stall`, `queue`, `memory`, `cpu` or `late_frame`.
    pub kind: String,
    /// `warning` or `critical`.
    pub severity: String,
    /// The name of the tracker or the queue, or `process`, or `display`.
    pub subject: String,
    /// What was measured when it began, or when it ended.
    pub value: f64,
    /// What it is beyond.
    pub threshold: f64,
    /// Unit of both: `ns`, `bytes`, `cores`, `count` or `per_second`.
    pub unit: String,
    /// Since when the value is beyond the threshold.
    pub since_ns: u64,
    /// What to do about it.
    pub action: String,
}

/// The beginning or the end of an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoticeRow {
    /// When it was seen.
    pub at_ns: u64,
    /// `raised` or `cleared`.
    pub change: String,
    /// The alert.
    pub alert: AlertRow,
    /// The notice as a sentence.
    pub text: String,
}

impl AlertRow {
    pub(super) fn new(alert: &Alert, origin: Instant) -> Self {
        Self {
            kind: alert.kind.name().to_owned(),
            severity: alert.kind.severity().name().to_owned(),
            subject: alert.subject.to_string(),
            value: alert.value.number(),
            threshold: alert.threshold.number(),
            unit: alert.threshold.unit().to_owned(),
            since_ns: since(alert.since, origin),
            action: alert.kind.action().to_string(),
        }
    }
}

impl NoticeRow {
    pub(super) fn new(notice: &Notice, origin: Instant) -> Self {
        Self {
            at_ns: since(notice.at, origin),
            change: notice.change.name().to_owned(),
            alert: AlertRow::new(&notice.alert, origin),
            text: notice.to_string(),
        }
    }
}
