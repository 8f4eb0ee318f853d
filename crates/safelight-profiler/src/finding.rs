use std::fmt;

use safelight_core::Share;

use crate::{
    Dimensions, Estimate, Fit, OperationCost, Quantity, Rules, Scaling, SizeCost,
};

/// A bottleneck, with its evidence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// The operation's name.
    pub operation: String,
    /// The image size, where the finding is about one.
    pub dimensions: Option<Dimensions>,
    /// What was measured.
    pub estimate: Estimate,
    /// What it is over.
    pub threshold: Quantity,
    /// The operation's part of all measured time: what is to be gained at most.
    pub share: Share,
}

/// The kinds of bottlenecks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// A run takes too long.
    Slow,
    /// A run holds too much memory.
    Heavy,
    /// A run is bound by the CPU.
    CpuBound,
    /// The time grows faster than the image.
    ScalesBadly,
    /// The same content is worked on again.
    Repeated,
}

impl Finding {
    /// Finds what is over the thresholds; an estimate must clear one with all its interval.
    pub(crate) fn of(cost: &OperationCost, rules: &Rules) -> Vec<Self> {
        let mut findings: Vec<Self> =
            cost.sizes.iter().flat_map(|size| of_size(cost, size, rules)).collect();
        findings.extend(cpu_bound(cost, rules));
        if let Scaling::Fitted(fit) = &cost.scaling
            && fit.misfit <= Fit::MAX_MISFIT
        {
            let threshold = Quantity::Exponent(rules.exponent);
            findings.extend(check(
                FindingKind::ScalesBadly,
                cost,
                None,
                Some(fit.exponent),
                threshold,
            ));
        }
        let n_repeats = Quantity::Runs(cost.repeats.n_repeats);
        let counted = Estimate {
            value: n_repeats,
            low: n_repeats,
            high: n_repeats,
            level: Share::ONE,
            n_runs: cost.repeats.n_keyed,
        };
        let none = Quantity::Runs(0);
        findings.extend(check(FindingKind::Repeated, cost, None, Some(counted), none));
        findings
    }
}

fn of_size<'a>(
    cost: &'a OperationCost,
    size: &SizeCost,
    rules: &Rules,
) -> impl Iterator<Item = Finding> + use<'a> {
    let at = Some(size.dimensions);
    let wall = size.wall.map(|wall| wall.median);
    let heap = size.heap.map(|heap| heap.peak);
    [
        check(FindingKind::Slow, cost, at, wall, Quantity::Time(rules.slow)),
        check(FindingKind::Heavy, cost, at, heap, Quantity::Bytes(rules.heap_peak)),
    ]
    .into_iter()
    .flatten()
}

/// Image work is nearly always bound by the CPU, so this is said once for an operation:
/// for the size that took most of its time.
fn cpu_bound(cost: &OperationCost, rules: &Rules) -> Option<Finding> {
    if cost.share < rules.min_share {
        return None;
    }
    let threshold = Quantity::Cpu(rules.cpu);
    let bound = cost.sizes.iter().filter_map(|size| {
        let cores = Some(size.cpu?.cores);
        let at = Some(size.dimensions);
        let finding = check(FindingKind::CpuBound, cost, at, cores, threshold)?;
        let n_runs = u32::try_from(size.n_runs).unwrap_or(u32::MAX);
        Some((size.wall?.mean * n_runs, finding))
    });
    bound.max_by_key(|(wall, _)| *wall).map(|(_, finding)| finding)
}

fn check(
    kind: FindingKind,
    cost: &OperationCost,
    dimensions: Option<Dimensions>,
    estimate: Option<Estimate>,
    threshold: Quantity,
) -> Option<Finding> {
    let estimate = estimate.filter(|estimate| estimate.is_over(threshold))?;
    let (operation, share) = (cost.name.clone(), cost.share);
    Some(Finding { kind, operation, dimensions, estimate, threshold, share })
}

impl FindingKind {
    /// Returns the name under which it is reported.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Heavy => "heavy",
            Self::CpuBound => "cpu_bound",
            Self::ScalesBadly => "scales_badly",
            Self::Repeated => "repeated",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, estimate, threshold, .. } = self;
        write!(f, "{operation}")?;
        if let Some(dimensions) = &self.dimensions {
            write!(f, " {dimensions}")?;
        }
        match self.kind {
            FindingKind::Slow => write!(f, " is slow: median {estimate}"),
            FindingKind::Heavy => write!(f, " holds much memory: peak heap {estimate}"),
            FindingKind::CpuBound => write!(f, " is bound by the CPU: {estimate}"),
            FindingKind::ScalesBadly => {
                write!(f, " grows faster than the image: exponent {estimate}")
            }
            FindingKind::Repeated => {
                let (n, of) = (estimate.value.number(), estimate.n_runs);
                return write!(f, " was repeated on the same content: {n} of {of} runs");
            }
        }?;
        write!(f, ", over {threshold}")
    }
}
