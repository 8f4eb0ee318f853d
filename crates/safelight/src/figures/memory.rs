use safelight_core::Pressure;
use safelight_memory_manager::{Reading, Usage};

use super::Family;
use crate::{
    Safelight,
    drivers::{Drivers, MemorySeen},
};

pub(super) fn families(safelight: &Safelight) -> Vec<Family> {
    let usage = safelight.permits().map(|permits| of_usage(&permits.usage()));
    let seen = safelight.with_drivers(Drivers::memory);
    usage.into_iter().chain(seen.map(|seen| of_seen(&seen))).flatten().collect()
}

fn of_usage(usage: &Usage) -> Vec<Family> {
    let gauges = [
        (
            "safelight_permits_capacity_bytes",
            "What jobs and caches may take together.",
            usage.capacity,
        ),
        ("safelight_permits_granted_bytes", "What jobs are charged.", usage.granted),
        ("safelight_permits_allotted_bytes", "What caches may hold.", usage.allotted),
        (
            "safelight_permits_most_granted_bytes",
            "The most that was granted at once.",
            usage.most_granted,
        ),
    ];
    let gauges = gauges.map(|(name, help, bytes)| Family::gauge(name, help).one(bytes));
    let mut all = Vec::from(gauges);
    all.extend([
        Family::gauge("safelight_permits_waiting", "Requests that wait for memory.")
            .one(usage.n_waiting),
        Family::counter("safelight_permits_granted_total", "Requests that were granted.")
            .one(usage.n_granted),
        Family::counter("safelight_permits_waited_total", "Requests that had to wait.")
            .one(usage.n_waited),
        Family::counter(
            "safelight_permits_reclaimed_bytes_total",
            "What caches said they let go of.",
        )
        .one(usage.reclaimed),
    ]);
    all
}

fn of_seen(seen: &MemorySeen) -> Vec<Family> {
    // Without a reading there is no level either.
    let Some(reading) = seen.reading else { return Vec::new() };
    let Reading { limit, used } = reading;
    vec![
        Family::gauge(
            "safelight_memory_level",
            "0 normal, 1 elevated, 2 high, 3 critical; from 75, 85 and 95 % by default.",
        )
        .one(number(seen.level)),
        Family::gauge("safelight_memory_limit_bytes", "The limit that binds.").one(limit),
        Family::gauge("safelight_memory_used_bytes", "What is used of the limit.")
            .one(used),
        Family::gauge(
            "safelight_memory_journal_entries",
            "Actions of the past that are remembered.",
        )
        .one(seen.journal.entries().len()),
    ]
}

fn number(level: Pressure) -> u64 {
    match level {
        Pressure::Normal => 0,
        Pressure::Elevated => 1,
        Pressure::High => 2,
        Pressure::Critical => 3,
    }
}
