use std::time::Duration;

use safelight_profiler::{Analysis, OperationCost, SizeCost, WallCost};

use super::Family;
use crate::{Safelight, report};

pub(super) fn families(safelight: &Safelight) -> Vec<Family> {
    let analysis = report::analyze(safelight, &safelight.config());
    analysis.as_ref().map(of_analysis).unwrap_or_default()
}

fn of_analysis(analysis: &Analysis) -> Vec<Family> {
    let operations = &analysis.operations;
    let sum = |cost: &OperationCost, n: fn(&SizeCost) -> u64| -> u64 {
        cost.sizes.iter().map(n).sum()
    };
    vec![
        Family::counter("safelight_operation_runs_total", "Runs that ended.")
            .for_each(operations, |family, cost| {
                family.with([("operation", &cost.name)], cost.n_runs)
            }),
        Family::counter(
            "safelight_operation_errors_total",
            "Runs that ended with an error.",
        )
        .for_each(operations, |family, cost| {
            family.with([("operation", &cost.name)], sum(cost, |size| size.n_errors))
        }),
        Family::counter("safelight_operation_panics_total", "Runs that panicked.")
            .for_each(operations, |family, cost| {
                family.with([("operation", &cost.name)], sum(cost, |size| size.n_panics))
            }),
        Family::summary(
            "safelight_operation_duration_seconds",
            "Wall time of runs; quantiles are those of the slowest size of images, of runs \
             that succeeded.",
        )
        .for_each(operations, duration),
        Family::counter(
            "safelight_operation_unrecorded_runs_total",
            "Runs that could not be recorded.",
        )
        .one(analysis.n_lost),
    ]
}

/// Quantiles of sizes cannot be put together; each holds for the sizes that are faster too.
fn duration(family: Family, cost: &OperationCost) -> Family {
    let slowest = |quantile: fn(&WallCost) -> Option<Duration>| {
        let walls = cost.sizes.iter().filter_map(|size| size.wall.as_ref());
        walls.filter_map(quantile).max()
    };
    let operation = ("operation", cost.name.as_str());
    let quantiles = [
        ("0.5", slowest(|wall| Some(wall.p50))),
        ("0.95", slowest(|wall| wall.p95)),
        ("0.99", slowest(|wall| wall.p99)),
    ];
    let known = quantiles.into_iter().filter_map(|(name, time)| Some((name, time?)));
    family
        .for_each(known, |family, (name, time)| {
            family.with([operation, ("quantile", name)], time)
        })
        .with_suffix("_sum", [operation], cost.wall)
        .with_suffix("_count", [operation], cost.n_runs)
}
