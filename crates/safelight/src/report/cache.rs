use safelight_cache::Class;
#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{missing::List, nanos};
use crate::{Config, Safelight};

/// What the cache did and holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// Who leaves when there is no room: `cost aware` or `lru`.
    pub policy: String,
    /// What images and other large results may take.
    pub bulk_limits: Limits,
    /// What small results may take; the same limits where they are with the others.
    pub small_limits: Limits,
    /// What is held, with what the cache keeps for each entry.
    pub held_bytes: u64,
    /// Entries that are held.
    pub n_entries: u64,
    /// Requests that were answered with a value that was there.
    pub n_hits: u64,
    /// Requests that were not; with the hits, all requests.
    pub n_misses: u64,
    /// The hits as a part of the requests; `null` before the first.
    pub hit_share: Option<f64>,
    /// Hits on values that had been let go and were still held by somebody.
    pub n_resurrected: u64,
    /// Requests that waited for the load of another caller.
    pub n_coalesced: u64,
    /// Loads that gave a value.
    pub n_loads: u64,
    /// Loads that failed or panicked.
    pub n_failed_loads: u64,
    /// Misses that were answered with a failure of before.
    pub n_remembered_failures: u64,
    /// Wall time of the loads that gave a value.
    pub load_time_ns: u64,
    /// Wall time that the hits saved: each counts what loading its value took.
    pub time_saved_ns: u64,
    /// Values that were not kept because they weigh more than the limit.
    pub n_oversize: u64,
    /// Values that were not kept because those who would have to leave are worth more.
    pub n_refused: u64,
    /// Entries that were let go, by cause.
    pub evictions: Evictions,
}

/// What a class of entries may take at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes of all entries together.
    pub bytes: u64,
    /// Number of entries; `null` for any number.
    pub entries: Option<u64>,
}

/// Entries that were let go, by cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Evictions {
    /// To make room.
    pub n_capacity: u64,
    /// Because a limit was lowered.
    pub n_limit: u64,
    /// Because memory was asked back.
    pub n_reclaim: u64,
    /// Because their time was over.
    pub n_expired: u64,
    /// Because a new value took their place.
    pub n_replaced: u64,
    /// Because somebody removed them.
    pub n_removed: u64,
}

pub(super) fn read(
    safelight: &Safelight,
    config: &Config,
    missing: &mut List,
) -> Option<Cache> {
    let Some(cache) = safelight.cache() else {
        let is_on = config.cache.is_some();
        let why = if is_on { "another store was given" } else { "it is switched off" };
        missing.note("cache", why);
        return None;
    };
    let stats = cache.stats();
    let limits = |class| Limits::from(cache.limits(class));
    Some(Cache {
        policy: policy(config),
        bulk_limits: limits(Class::Bulk),
        small_limits: limits(Class::Small),
        held_bytes: stats.usage.bytes.bytes(),
        n_entries: stats.usage.n_entries as u64,
        n_hits: stats.n_hits,
        n_misses: stats.n_misses,
        hit_share: stats.hit_ratio().map(safelight_core::Share::get),
        n_resurrected: stats.n_resurrected,
        n_coalesced: stats.n_coalesced,
        n_loads: stats.n_loads,
        n_failed_loads: stats.n_failed_loads,
        n_remembered_failures: stats.n_remembered_failures,
        load_time_ns: nanos(stats.load_time),
        time_saved_ns: nanos(stats.time_saved),
        n_oversize: stats.n_oversize,
        n_refused: stats.n_refused,
        evictions: Evictions::from(stats.evictions),
    })
}

/// Returns the policy by the word that stands in a configuration.
fn policy(config: &Config) -> String {
    let mut keys = Config::keys().iter();
    let key = keys.find(|key| key.name() == "cache.policy").expect("it is in the table");
    let word = key.value(config).unwrap_or_default();
    word.trim_matches('"').to_owned()
}

impl From<safelight_cache::Limits> for Limits {
    fn from(limits: safelight_cache::Limits) -> Self {
        let entries = limits.entries.map(|entries| entries as u64);
        Self { bytes: limits.bytes.bytes(), entries }
    }
}

impl From<safelight_cache::Evictions> for Evictions {
    fn from(evictions: safelight_cache::Evictions) -> Self {
        Self {
            n_capacity: evictions.n_capacity,
            n_limit: evictions.n_limit,
            n_reclaim: evictions.n_reclaim,
            n_expired: evictions.n_expired,
            n_replaced: evictions.n_replaced,
            n_removed: evictions.n_removed,
        }
    }
}
