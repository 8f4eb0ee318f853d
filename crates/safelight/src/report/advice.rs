use std::time::Duration;

use safelight_cache::{BreakEven, Verdict};
use safelight_memory_manager::{Facts, recommend};
use safelight_profiler::Analysis;
#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Config, Safelight, drivers::Drivers, operations::work_of};

/// Something that a person may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// Who says so: `profiler`, `cache` or `memory`.
    pub part: String,
    /// What to do, with the figures that speak for it.
    pub text: String,
}

pub(super) fn collect(
    safelight: &Safelight,
    config: &Config,
    analysis: Option<&Analysis>,
) -> Vec<Recommendation> {
    let of =
        |part: &'static str| move |text| Recommendation { part: part.to_owned(), text };
    let profiler = analysis.into_iter().flat_map(|analysis| &analysis.advice);
    let profiler = profiler.map(ToString::to_string);
    let cache = analysis.map(|analysis| on_caching(safelight, config, analysis));
    let all = profiler.map(of("profiler"));
    let all = all.chain(cache.into_iter().flatten().map(of("cache")));
    all.chain(on_memory(safelight).into_iter().map(of("memory"))).collect()
}

/// Names the operations for which a hit is hardly cheaper than the work.
fn on_caching(
    safelight: &Safelight,
    config: &Config,
    analysis: &Analysis,
) -> Vec<String> {
    if safelight.cache().is_none() {
        return Vec::new();
    }
    let known = config.profiler.as_ref().map(|rules| &rules.hit_costs);
    let advise = |name: &str| {
        let work = work_of(name);
        let cost = analysis.operations.iter().find(|cost| cost.name == work)?;
        let load = cost.wall.as_nanos() / u128::from(cost.n_runs.max(1));
        let load = Duration::from_nanos(u64::try_from(load).unwrap_or(u64::MAX));
        let hit = known.and_then(|known| known.get(name)).copied();
        let hit = hit.unwrap_or_else(|| safelight.parts().origin.hit());
        let break_even = BreakEven { load, hit };
        let is_bad = break_even.verdict() == Verdict::DoNotCache;
        is_bad.then(|| format!("{name}: {break_even}"))
    };
    let operations = safelight.parts().operations.all();
    operations.into_iter().filter_map(|(name, _)| advise(name)).collect()
}

fn on_memory(safelight: &Safelight) -> Vec<String> {
    let Some(permits) = safelight.permits() else { return Vec::new() };
    let seen = safelight.with_drivers(Drivers::memory);
    // Without a reading half of it would be guesses.
    let reading = seen.as_ref().and_then(|seen| seen.reading);
    let Some((seen, reading)) = seen.zip(reading) else { return Vec::new() };
    let facts = Facts {
        usage: permits.usage(),
        labels: &permits.learned_ratios(),
        // A program that has just begun grows too: only a long watch can tell.
        verdict: safelight_memory_manager::Verdict::Unknown,
        journal: &seen.journal,
        reading,
        batches: &[],
    };
    recommend(&facts).iter().map(ToString::to_string).collect()
}
