//! The report on a terminal: at most thirty lines.

use std::{fmt, time::Duration};

use safelight_core::{ByteSize, Share};
use safelight_profiler::{
    Quantity,
    report::{Operation, Profile},
};
use safelight_progress_monitor::report::Export;

use super::{Cache, Change, Jobs, Memory, Overhead, Recommendation, Report};

const N_OPERATIONS: usize = 6;
const N_ALERTS: usize = 3;
const N_CHANGES: usize = 3;
const N_RECOMMENDATIONS: usize = 4;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (os, arch) = (&self.host.os, &self.host.arch);
        write!(f, "safelight {} on {os} {arch}", self.safelight_version)?;
        match self.host.usable_cores {
            Some(n_cores) => write!(f, " with {n_cores} cores")?,
            None => f.write_str(" with an unknown number of cores")?,
        }
        writeln!(f, ", up {}", time(self.uptime_ns))?;
        write_jobs(f, &self.jobs)?;
        if 0 < self.n_contained_panics {
            let n = self.n_contained_panics;
            writeln!(
                f,
                "panics contained: {n}, of an observer or of what else was given"
            )?;
        }
        let why = |part| {
            let missing = self.missing.iter().find(|missing| missing.what == part);
            missing.map_or("off", |missing| &*missing.why)
        };
        let profile = self.profile.as_ref();
        write_part(f, ("operations", why("profile")), profile, write_profile)?;
        write_part(f, ("cache", why("cache")), self.cache.as_ref(), write_cache)?;
        write_part(f, ("memory", why("memory")), self.memory.as_ref(), write_memory)?;
        let progress = self.progress.as_ref();
        write_part(f, ("progress", why("progress")), progress, write_progress)?;
        write_changes(f, &self.changes)?;
        write_advice(f, &self.recommendations)?;
        write_overhead(f, &self.overhead)?;
        write!(
            f,
            "not measured: {} (in the report, with the reasons)",
            self.missing.len()
        )
    }
}

fn write_part<T>(
    f: &mut fmt::Formatter<'_>,
    (name, why): (&str, &str),
    part: Option<&T>,
    write: fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    match part {
        Some(part) => write(f, part),
        None => writeln!(f, "{name}: {why}"),
    }
}

fn write_jobs(f: &mut fmt::Formatter<'_>, jobs: &Jobs) -> fmt::Result {
    let total = jobs.total();
    write!(f, "jobs: {} ended", total.n_jobs())?;
    for (n, what) in [
        (total.n_computed, "computed"),
        (total.n_reused, "reused"),
        (total.n_refused, "refused"),
        (total.n_failed, "failed"),
        (total.n_panicked, "panicked"),
    ] {
        if 0 < n {
            write!(f, ", {n} {what}")?;
        }
    }
    let Jobs { n_inside, n_waiting, at_once, .. } = jobs;
    writeln!(f, "; {n_inside} at work, {n_waiting} waiting, {at_once} at once")
}

fn write_profile(f: &mut fmt::Formatter<'_>, profile: &Profile) -> fmt::Result {
    let mut costliest: Vec<&Operation> = profile.operations.iter().collect();
    costliest.sort_by_key(|operation| std::cmp::Reverse(operation.self_wall_ns));
    writeln!(f, "operations: {}", some(costliest.len()))?;
    for operation in costliest.iter().take(N_OPERATIONS) {
        let Operation { name, n_runs, wall_ns, .. } = operation;
        write!(f, "  {name}: {n_runs} runs in {}", time(*wall_ns))?;
        let most = operation.sizes.iter().max_by_key(|size| size.n_runs);
        if let Some((size, wall)) =
            most.and_then(|size| Some((size, size.wall.as_ref()?)))
        {
            write!(f, ", p50 {}", time(wall.p50_ns))?;
            if let Some(p95_ns) = wall.p95_ns {
                write!(f, ", p95 {}", time(p95_ns))?;
            }
            if 1 < operation.sizes.len() {
                write!(f, " at {}", size.dimensions)?;
            }
        }
        writeln!(f)?;
    }
    write_more(f, costliest.len(), N_OPERATIONS)
}

fn write_cache(f: &mut fmt::Formatter<'_>, cache: &Cache) -> fmt::Result {
    let n_requests = cache.n_hits + cache.n_misses;
    write!(f, "cache: {} of {n_requests} requests hit", cache.n_hits)?;
    if let Some(share) = cache.hit_share {
        write!(f, " ({})", Share::new(share))?;
    }
    write!(f, ", {} saved, {} in ", time(cache.time_saved_ns), bytes(cache.held_bytes))?;
    writeln!(f, "{} entries, {} pushed out", cache.n_entries, cache.evictions.n_capacity)
}

fn write_memory(f: &mut fmt::Formatter<'_>, memory: &Memory) -> fmt::Result {
    write!(f, "memory: {}", memory.level.as_deref().unwrap_or("level not known"))?;
    if let (Some(used), Some(limit)) = (memory.used_bytes, memory.limit_bytes) {
        write!(f, ", {} of {} used", bytes(used), bytes(limit))?;
    }
    let permits = &memory.permits;
    let (granted, allotted) = (permits.granted_bytes, permits.allotted_bytes);
    write!(f, "; {} granted, {} allotted", bytes(granted), bytes(allotted))?;
    write!(f, ", {} free of ", bytes(permits.free_bytes))?;
    let n_actions = memory.journal.as_ref().map_or(0, Vec::len);
    write!(f, "{}, {} waiting", bytes(permits.capacity_bytes), permits.n_waiting)?;
    writeln!(f, ", {n_actions} actions")
}

fn write_progress(f: &mut fmt::Formatter<'_>, progress: &Export) -> fmt::Result {
    let summary = &progress.summary;
    let n_raised: u64 = summary.alerts.iter().map(|kind| kind.n_raised).sum();
    let n_open = summary.n_open_alerts;
    writeln!(
        f,
        "progress: {} done; {n_raised} alerts, {n_open} of them open",
        summary.n_done
    )?;
    for alert in progress.open_alerts.iter().take(N_ALERTS) {
        writeln!(f, "  ! {}: {}: {}", alert.subject, alert.kind, alert.action)?;
    }
    write_more(f, progress.open_alerts.len(), N_ALERTS)
}

fn write_changes(f: &mut fmt::Formatter<'_>, changes: &[Change]) -> fmt::Result {
    writeln!(f, "changes: {}", some(changes.len()))?;
    for change in changes.iter().rev().take(N_CHANGES) {
        let Change { knob, before, after, unit, reason, step, .. } = change;
        let dry = if change.dry_run { ", dry run" } else { "" };
        writeln!(
            f,
            "  {knob}: {before} to {after} {unit}, {step} for {reason}{dry}, {} ago",
            time(change.age_ns)
        )?;
    }
    write_more(f, changes.len(), N_CHANGES)
}

fn write_advice(f: &mut fmt::Formatter<'_>, advice: &[Recommendation]) -> fmt::Result {
    writeln!(f, "advice: {}", some(advice.len()))?;
    for recommendation in advice.iter().take(N_RECOMMENDATIONS) {
        writeln!(f, "  > {}", recommendation.text)?;
    }
    write_more(f, advice.len(), N_RECOMMENDATIONS)
}

fn write_overhead(f: &mut fmt::Formatter<'_>, overhead: &Overhead) -> fmt::Result {
    let known = [
        overhead.per_run_ns.map(|ns| format!("{} to measure a run", time(ns))),
        overhead.profiling_share.map(|part| format!("{} of the time", Share::new(part))),
        overhead.cache_hit_ns.map(|ns| format!("{} for a hit", time(ns))),
        overhead.monitor_cpu_cores.map(|cores| format!("monitor at {cores:.4} cores")),
        overhead.monitor_bytes.map(|held| format!("{} for the monitor", bytes(held))),
    ];
    let known: Vec<String> = known.into_iter().flatten().collect();
    let told =
        if known.is_empty() { "not measured".to_owned() } else { known.join(", ") };
    writeln!(f, "overhead: {told}")
}

fn write_more(f: &mut fmt::Formatter<'_>, n: usize, n_shown: usize) -> fmt::Result {
    if n_shown < n { writeln!(f, "  and {} more", n - n_shown) } else { Ok(()) }
}

fn some(n: usize) -> String {
    if n == 0 { "none".to_owned() } else { n.to_string() }
}

fn time(ns: u64) -> Quantity {
    Quantity::Time(Duration::from_nanos(ns))
}

fn bytes(bytes: u64) -> ByteSize {
    ByteSize::from_bytes(bytes)
}
