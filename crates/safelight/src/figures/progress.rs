use std::collections::BTreeMap;

use safelight_progress_monitor::{AlertKind, Collector, Frame};

use super::Family;
use crate::Safelight;

pub(super) fn families(safelight: &Safelight) -> Vec<Family> {
    let families = safelight.with_drivers(|drivers| drivers.progress(of_collector));
    families.unwrap_or_default()
}

fn of_collector(collector: &Collector) -> Vec<Family> {
    let open = collector.open_alerts();
    let n_open = |kind| open.iter().filter(|alert| alert.kind == kind).count();
    let mut all = of_frame(collector.frame());
    all.extend([
        Family::counter(
            "safelight_progress_updates_total",
            "What all trackers counted, those that are gone included.",
        )
        .one(collector.n_done()),
        Family::gauge("safelight_alerts_open", "Alerts that are open.")
            .for_each(AlertKind::ALL, |family, kind| {
                family.with([("kind", kind.name())], n_open(kind))
            }),
        Family::counter("safelight_alerts_raised_total", "Alerts that ever began.")
            .for_each(AlertKind::ALL, |family, kind| {
                family.with([("kind", kind.name())], collector.n_raised(kind))
            }),
        Family::gauge(
            "safelight_monitor_footprint_bytes",
            "Memory of trackers, gauges and the history of looks.",
        )
        .one(collector.footprint()),
    ]);
    all
}

fn of_frame(frame: &Frame) -> Vec<Family> {
    let done = frame.trackers.iter().map(|tracker| (&*tracker.name, tracker.n_done));
    let depths = frame.queues.iter().map(|queue| (&*queue.name, queue.depth));
    let own = frame.own.cpu;
    let optional = |family: Family, value: Option<f64>| match value {
        Some(value) => family.one(value),
        None => family,
    };
    vec![
        Family::gauge("safelight_progress_done", "What a tracker that is there counted.")
            .for_each(by_name(done), |family, (tracker, n)| {
                family.with([("tracker", tracker)], n)
            }),
        Family::gauge("safelight_progress_queue_depth", "How many wait in a queue.")
            .for_each(by_name(depths), |family, (queue, n)| {
                family.with([("queue", queue)], n)
            }),
        Family::gauge("safelight_progress_in_flight", "Timed updates that go on.")
            .one(frame.n_in_flight),
        Family::gauge(
            "safelight_process_resident_memory_bytes",
            "Resident memory of the process.",
        )
        .for_each(frame.rss, Family::one),
        optional(
            Family::gauge("safelight_process_cpu_cores", "CPU use of the process."),
            frame.cpu.map(safelight_core::Cores::get),
        ),
        optional(
            Family::gauge("safelight_monitor_cpu_cores", "CPU use of the monitor."),
            own.map(safelight_core::Cores::get),
        ),
    ]
}

/// Adds those of one name up: samples must differ in their labels.
fn by_name<'a>(
    counts: impl Iterator<Item = (&'a str, u64)>,
) -> impl Iterator<Item = (&'a str, u64)> {
    let mut sums = BTreeMap::new();
    for (name, n) in counts {
        let sum: &mut u64 = sums.entry(name).or_default();
        *sum = sum.saturating_add(n);
    }
    sums.into_iter()
}
