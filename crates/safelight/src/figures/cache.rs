use safelight_cache::{Class, Evictions, Stats};

use super::Family;
use crate::Safelight;

pub(super) fn families(safelight: &Safelight) -> Vec<Family> {
    let Some(cache) = safelight.cache() else { return Vec::new() };
    let limits = [("bulk", Class::Bulk), ("small", Class::Small)]
        .map(|(name, class)| (name, cache.limits(class)));
    let mut all = of_stats(&cache.stats());
    all.extend([
        Family::gauge("safelight_cache_limit_bytes", "What a class may take.")
            .for_each(limits, |family, (class, limits)| {
                family.with([("class", class)], limits.bytes)
            }),
        Family::gauge(
            "safelight_cache_limit_entries",
            "How many entries of a class there may be, where that is limited.",
        )
        .for_each(limits, |family, (class, limits)| match limits.entries {
            Some(entries) => family.with([("class", class)], entries),
            None => family,
        }),
    ]);
    all
}

fn of_stats(stats: &Stats) -> Vec<Family> {
    let counters = [
        ("safelight_cache_hits_total", "Requests that were answered.", stats.n_hits),
        ("safelight_cache_misses_total", "Requests that were not.", stats.n_misses),
        (
            "safelight_cache_coalesced_total",
            "Requests that waited for the load of another.",
            stats.n_coalesced,
        ),
        (
            "safelight_cache_resurrected_total",
            "Hits on values that had been let go.",
            stats.n_resurrected,
        ),
        ("safelight_cache_loads_total", "Loads that gave a value.", stats.n_loads),
        (
            "safelight_cache_failed_loads_total",
            "Loads that failed.",
            stats.n_failed_loads,
        ),
        (
            "safelight_cache_oversize_total",
            "Values that were too large.",
            stats.n_oversize,
        ),
        (
            "safelight_cache_refused_total",
            "Values that were worth less.",
            stats.n_refused,
        ),
    ];
    let counters = counters.map(|(name, help, n)| Family::counter(name, help).one(n));
    let mut all = Vec::from(counters);
    all.extend([
        Family::counter("safelight_cache_evictions_total", "Entries that were let go.")
            .for_each(by_cause(&stats.evictions), |family, (cause, n)| {
                family.with([("cause", cause)], n)
            }),
        Family::counter(
            "safelight_cache_load_seconds_total",
            "Wall time of the loads that gave a value.",
        )
        .one(stats.load_time),
        Family::counter(
            "safelight_cache_saved_seconds_total",
            "Wall time that the hits saved.",
        )
        .one(stats.time_saved),
        Family::gauge("safelight_cache_held_bytes", "What is held.")
            .one(stats.usage.bytes),
        Family::gauge("safelight_cache_entries", "Entries that are held.")
            .one(stats.usage.n_entries),
    ]);
    all
}

fn by_cause(evictions: &Evictions) -> [(&'static str, u64); 6] {
    [
        ("capacity", evictions.n_capacity),
        ("limit", evictions.n_limit),
        ("reclaim", evictions.n_reclaim),
        ("expired", evictions.n_expired),
        ("replaced", evictions.n_replaced),
        ("removed", evictions.n_removed),
    ]
}
