use std::{fmt, time::Duration};

use crate::{Advice, Finding, HeapSource, OperationCost, Recording, Rules};

/// What a recording means: costs, bottlenecks and advice.
///
/// ```
/// use safelight_profiler::{Analysis, Profiler, Rules, Scaling};
///
/// let profiler = Profiler::new();
/// profiler.operation("hash").pixels(64, 64).measure(|| std::hint::black_box(1 + 1));
///
/// let analysis = Analysis::new(&profiler.recording(), &Rules::default());
/// let hash = &analysis.operations[0];
/// assert_eq!((hash.name.as_str(), hash.n_runs), ("hash", 1));
/// // An exponent takes three sizes with five runs each.
/// assert_eq!(hash.scaling, Scaling::InsufficientData { n_sizes: 0 });
/// println!("{analysis}");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Analysis {
    /// Cost of each operation that ran, in the order of their registration.
    pub operations: Vec<OperationCost>,
    /// Bottlenecks, those of the costliest operations first.
    pub findings: Vec<Finding>,
    /// What to do about them, in the same order.
    pub advice: Vec<Advice>,
    /// Operations that were still open, and how often.
    pub incomplete: Vec<(String, u64)>,
    /// Runs that could not be recorded.
    pub n_lost: u64,
    /// Where heap figures come from, or why there are none.
    pub heap: HeapSource,
    /// Whether there was a clock for CPU time.
    pub has_cpu: bool,
}

impl Analysis {
    /// Judges a recording by the rules; the same input gives the same result.
    pub fn new(recording: &Recording, rules: &Rules) -> Self {
        let self_ns = recording.operations.iter().flat_map(|operation| {
            operation.sizes().into_iter().map(|(_, totals)| totals.self_wall_ns)
        });
        let total_self = Duration::from_nanos(self_ns.sum());
        let operations: Vec<OperationCost> = recording
            .operations
            .iter()
            .map(|operation| OperationCost::new(operation, rules.level, total_self))
            .filter(|cost| 0 < cost.n_runs)
            .collect();

        let mut costliest: Vec<&OperationCost> = operations.iter().collect();
        costliest.sort_by_key(|cost| std::cmp::Reverse(cost.self_wall));
        let mut findings = Vec::new();
        let mut advice = Vec::new();
        for cost in costliest {
            let found = Finding::of(cost, rules);
            advice.extend(Advice::of(cost, &found, rules));
            findings.extend(found);
        }
        Self {
            operations,
            findings,
            advice,
            incomplete: recording.incomplete.clone(),
            n_lost: recording.n_lost,
            heap: recording.heap,
            has_cpu: recording.has_cpu,
        }
    }
}

/// Prints the summary for a terminal: a line for each operation and size, then the rest.
impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for operation in &self.operations {
            writeln!(f, "{}: {}", operation.name, operation.scaling)?;
            for size in &operation.sizes {
                write!(f, "  {}: {} runs, ", size.dimensions, size.n_runs)?;
                match &size.wall {
                    Some(wall) => write!(f, "median {}", wall.median.value)?,
                    None => f.write_str("none succeeded")?,
                }
                match &size.cpu {
                    Some(cpu) => write!(f, ", CPU {}", cpu.mean_cores)?,
                    None => f.write_str(", CPU not measured")?,
                }
                match &size.heap {
                    Some(heap) => write!(f, ", peak heap {}", heap.max_peak)?,
                    None => f.write_str(", heap not measured")?,
                }
                if 0 < size.n_errors + size.n_panics {
                    write!(f, ", {} errors, {} panics", size.n_errors, size.n_panics)?;
                }
                writeln!(f)?;
            }
        }
        self.findings.iter().try_for_each(|finding| writeln!(f, "! {finding}"))?;
        self.advice.iter().try_for_each(|advice| writeln!(f, "> {advice}"))?;
        let incomplete = &self.incomplete;
        incomplete
            .iter()
            .try_for_each(|(name, n)| writeln!(f, "incomplete: {n} x {name}"))?;
        if 0 < self.n_lost {
            writeln!(f, "not recorded: {} runs", self.n_lost)?;
        }
        write!(f, "heap {}", self.heap)
    }
}
