use std::{fmt, time::Duration};

use crate::{
    Dimensions, Finding, FindingKind, Fit, OperationCost, Quantity, Rules, Scaling,
    SizeCost,
};

/// A change that is worth making, with what it should bring.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Advice {
    /// What to do.
    pub kind: AdviceKind,
    /// The operation's name.
    pub operation: String,
    /// The image size, where the advice is about one.
    pub dimensions: Option<Dimensions>,
    /// What it is now.
    pub before: Quantity,
    /// What it should be after; at best for [`AdviceKind::Parallelize`].
    pub after: Quantity,
}

/// The kinds of advice, each with the setting to change.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum AdviceKind {
    /// Keep the results: the figures are the wall time of all keyed runs.
    Cache {
        /// Measured cost of a hit.
        hit: Duration,
    },
    /// Do not keep the results: a hit costs more than the work.
    /// The figures are one run, and one hit.
    DoNotCache {
        /// Measured cost of a hit.
        hit: Duration,
    },
    /// Run several at once: the figures are the wall time of all runs.
    Parallelize {
        /// Threads to use.
        n_workers: usize,
    },
    /// Accept smaller images only: the figures are one run's time or peak heap.
    LimitPixels {
        /// The value to set as the largest number of pixels.
        max_pixels: u64,
    },
}

impl Advice {
    /// Returns what can be done about the findings of one operation.
    pub(crate) fn of(
        cost: &OperationCost,
        findings: &[Finding],
        rules: &Rules,
    ) -> Vec<Self> {
        let hit = rules.hit_costs.get(&cost.name);
        let on_caching = hit.and_then(|hit| on_caching(cost, *hit));
        let on_findings = findings.iter().filter_map(|finding| {
            let size =
                cost.sizes.iter().find(|s| Some(s.dimensions) == finding.dimensions)?;
            match finding.kind {
                FindingKind::Slow => limit_time(cost, size, rules),
                FindingKind::Heavy => limit_heap(cost, size, rules),
                FindingKind::CpuBound => parallelize(cost, size, rules),
                FindingKind::ScalesBadly | FindingKind::Repeated => None,
            }
        });
        on_caching.into_iter().chain(on_findings).collect()
    }

    /// Returns by how many times the figure gets smaller (above 1) or larger.
    pub fn gain(&self) -> f64 {
        self.before.number() / self.after.number()
    }
}

/// A hit must beat the mean run; without repeats there is nothing to save.
fn on_caching(cost: &OperationCost, hit: Duration) -> Option<Advice> {
    let mean = cost.wall.checked_div(u32::try_from(cost.n_runs).ok()?)?;
    let repeats = cost.repeats;
    let (kind, before, after) = if mean <= hit {
        (AdviceKind::DoNotCache { hit }, mean, hit)
    } else if 0 < repeats.n_repeats {
        let before = mean.mul_f64(repeats.n_keyed as f64);
        let saved = repeats.wall.saturating_sub(hit.mul_f64(repeats.n_repeats as f64));
        (AdviceKind::Cache { hit }, before, before.saturating_sub(saved))
    } else {
        return None;
    };
    Some(Advice {
        kind,
        operation: cost.name.clone(),
        dimensions: None,
        before: Quantity::Time(before),
        after: Quantity::Time(after),
    })
}

/// Work that keeps one core busy, and only one, can be spread over the others.
fn parallelize(cost: &OperationCost, size: &SizeCost, rules: &Rules) -> Option<Advice> {
    const MOST_OF_ONE_CORE: f64 = 1.1;
    let n_workers = rules.n_cores.get();
    let uses_one = size.cpu?.mean_cores.get() <= MOST_OF_ONE_CORE;
    let all_runs = size.wall?.mean.mul_f64(size.n_runs as f64);
    (uses_one && 1 < n_workers).then(|| Advice {
        kind: AdviceKind::Parallelize { n_workers },
        operation: cost.name.clone(),
        dimensions: Some(size.dimensions),
        before: Quantity::Time(all_runs),
        after: Quantity::Time(all_runs.div_f64(n_workers as f64)),
    })
}

/// The fitted curve says which size is still fast enough.
fn limit_time(cost: &OperationCost, size: &SizeCost, rules: &Rules) -> Option<Advice> {
    let Scaling::Fitted(fit) = &cost.scaling else { return None };
    if Fit::MAX_MISFIT < fit.misfit {
        return None;
    }
    let before = size.wall?.median.value;
    let max_pixels = fit.pixels_within(rules.slow)?.floor();
    (1.0 <= max_pixels && max_pixels < size.mean_pixels).then(|| Advice {
        kind: AdviceKind::LimitPixels { max_pixels: max_pixels as u64 },
        operation: cost.name.clone(),
        dimensions: Some(size.dimensions),
        before,
        after: Quantity::Time(fit.predict(max_pixels)),
    })
}

/// Peak heap is taken as proportional to the pixels, from this size downwards.
fn limit_heap(cost: &OperationCost, size: &SizeCost, rules: &Rules) -> Option<Advice> {
    let peak = size.heap?.peak.value;
    let share = rules.heap_peak.bytes() as f64 / peak.number();
    let max_pixels = (size.mean_pixels * share).floor();
    (1.0 <= max_pixels).then(|| Advice {
        kind: AdviceKind::LimitPixels { max_pixels: max_pixels as u64 },
        operation: cost.name.clone(),
        dimensions: Some(size.dimensions),
        before: peak,
        after: peak.with_number(peak.number() * max_pixels / size.mean_pixels),
    })
}

impl AdviceKind {
    /// Returns the name under which it is reported.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache { .. } => "cache",
            Self::DoNotCache { .. } => "do_not_cache",
            Self::Parallelize { .. } => "parallelize",
            Self::LimitPixels { .. } => "limit_pixels",
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, before, after, .. } = self;
        let (gain, loss) = (self.gain(), self.gain().recip());
        write!(f, "{operation}")?;
        if let Some(dimensions) = &self.dimensions {
            write!(f, " {dimensions}")?;
        }
        match self.kind {
            AdviceKind::Cache { hit } => {
                let hit = Quantity::Time(hit);
                write!(f, ": cache the results (a hit costs {hit}): ")?;
                write!(f, "{before} become {after}, {gain:.1}x")
            }
            AdviceKind::DoNotCache { .. } => {
                write!(f, ": do not cache: a hit costs {after}, the work {before}, ")?;
                write!(f, "{loss:.1}x as much")
            }
            AdviceKind::Parallelize { n_workers } => {
                write!(f, ": run {n_workers} at once: all runs together, ")?;
                write!(f, "{before} become {after} at best, {gain:.1}x")
            }
            AdviceKind::LimitPixels { max_pixels } => {
                write!(
                    f,
                    ": refuse more than {max_pixels} pixels (`Limits::max_pixels`): "
                )?;
                write!(f, "{before} become {after}, {gain:.1}x")
            }
        }
    }
}
