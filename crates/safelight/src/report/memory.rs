use std::time::Instant;

use safelight_core::{ByteSize, Clock};
use safelight_memory_manager::{Entry, Usage};
#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{missing::List, nanos};
use crate::{Config, Safelight, drivers::Drivers};

/// What was granted, how scarce memory is, and what was done about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// How the capacity is used.
    pub permits: Permits,
    /// What one declared byte is charged, by operation.
    pub learned: Vec<Label>,
    /// `normal`, `elevated`, `high` or `critical`, at the latest look.
    pub level: Option<String>,
    /// The limit that binds, at the latest look.
    pub limit_bytes: Option<u64>,
    /// What is used of it.
    pub used_bytes: Option<u64>,
    /// The same as a part of the limit.
    pub used_share: Option<f64>,
    /// What was done when memory was scarce, the oldest first.
    pub journal: Option<Vec<MemoryAction>>,
    /// Looks that ended with a panic.
    pub n_panics: Option<u64>,
}

/// How the capacity is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Permits {
    /// What there is.
    pub capacity_bytes: u64,
    /// What jobs are charged.
    pub granted_bytes: u64,
    /// What caches may hold.
    pub allotted_bytes: u64,
    /// What caches are configured to hold when there is plenty.
    pub configured_bytes: u64,
    /// What is neither granted nor allotted.
    pub free_bytes: u64,
    /// What caches said they let go of since the start.
    pub reclaimed_bytes: u64,
    /// The most that was granted at once.
    pub most_granted_bytes: u64,
    /// Requests that were granted.
    pub n_granted: u64,
    /// Requests that came to a wait.
    pub n_waited: u64,
    /// Requests that wait now.
    pub n_waiting: u64,
}

/// What one byte that an operation declares is charged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The operation.
    pub operation: String,
    /// The factor, by what its jobs really took.
    pub ratio: f64,
}

/// Something that was done when memory was scarce.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemoryAction {
    /// How long before the report.
    pub age_ns: u64,
    /// How scarce memory was.
    pub level: String,
    /// What caches were asked to let go of.
    pub wanted_bytes: u64,
    /// What they say they let go of.
    pub receipt_bytes: u64,
    /// What they held before.
    pub held_before_bytes: u64,
    /// What they held after.
    pub held_after_bytes: u64,
    /// What was used by the reading before.
    pub used_before_bytes: u64,
    /// What was used by the next reading; `null` until there is one.
    pub used_after_bytes: Option<u64>,
    /// What was let go of and is still used; `null` until there is a next reading.
    pub retained_bytes: Option<u64>,
}

pub(super) fn read(
    safelight: &Safelight,
    config: &Config,
    missing: &mut List,
) -> Option<Memory> {
    let Some(permits) = safelight.permits() else {
        let is_on = config.memory.is_some();
        let why =
            if is_on { "another admission was given" } else { "it is switched off" };
        missing.note("memory", why);
        return None;
    };
    let seen = safelight.with_drivers(Drivers::memory);
    let reading = seen.as_ref().and_then(|seen| seen.reading);
    if reading.is_none() {
        missing.note("memory.limit_bytes", "nothing was read yet");
    }
    let now = safelight.parts().memory_clock.now();
    let learned = permits.learned_ratios().into_iter();
    Some(Memory {
        permits: Permits::from(permits.usage()),
        learned: learned
            .map(|(operation, ratio)| Label { operation: operation.to_owned(), ratio })
            .collect(),
        level: reading.and(seen.as_ref()).map(|seen| seen.level.to_string()),
        limit_bytes: reading.map(|reading| reading.limit.bytes()),
        used_bytes: reading.map(|reading| reading.used.bytes()),
        used_share: reading.map(|reading| reading.share().get()),
        journal: seen.as_ref().map(|seen| {
            seen.journal.entries().map(|entry| MemoryAction::new(entry, now)).collect()
        }),
        n_panics: seen.as_ref().map(|seen| seen.n_panics),
    })
}

impl From<Usage> for Permits {
    fn from(usage: Usage) -> Self {
        Self {
            capacity_bytes: usage.capacity.bytes(),
            granted_bytes: usage.granted.bytes(),
            allotted_bytes: usage.allotted.bytes(),
            configured_bytes: usage.configured.bytes(),
            free_bytes: usage.free().bytes(),
            reclaimed_bytes: usage.reclaimed.bytes(),
            most_granted_bytes: usage.most_granted.bytes(),
            n_granted: usage.n_granted,
            n_waited: usage.n_waited,
            n_waiting: usage.n_waiting as u64,
        }
    }
}

impl MemoryAction {
    fn new(entry: &Entry, now: Instant) -> Self {
        Self {
            age_ns: nanos(now.saturating_duration_since(entry.at)),
            level: entry.level.to_string(),
            wanted_bytes: entry.wanted.bytes(),
            receipt_bytes: entry.receipt.bytes(),
            held_before_bytes: entry.held_before.bytes(),
            held_after_bytes: entry.held_after.bytes(),
            used_before_bytes: entry.used_before.bytes(),
            used_after_bytes: entry.used_after.map(ByteSize::bytes),
            retained_bytes: entry.retained().map(ByteSize::bytes),
        }
    }
}
