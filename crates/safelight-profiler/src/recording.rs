use crate::{HeapSource, SizeClass, repeats::Repeats, sample::Sample, totals::Totals};

/// Everything that was measured, before any judgment.
///
/// It is what [`Profiler::recording`](crate::Profiler::recording) returns; recordings of
/// several profilers or processes can be merged, and [`Analysis`](crate::Analysis) judges
/// them.
/// Its memory is bounded: at most 280 KiB for each operation and size class, and 180 KiB for
/// the keys of each operation that is given any.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    pub(crate) operations: Vec<Operation>,
    pub(crate) heap: HeapSource,
    pub(crate) has_cpu: bool,
    /// Names of operations that are open, and how often.
    pub(crate) incomplete: Vec<(String, u64)>,
    pub(crate) n_lost: u64,
}

/// The measurements of one operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    sizes: Vec<(SizeClass, Totals)>,
    pub(crate) repeats: Repeats,
    /// The number of pixels of the latest run, and its place in `sizes`.
    latest: (u64, usize),
    n: u64,
    wall_ns: u64,
}

impl Operation {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            sizes: Vec::new(),
            repeats: Repeats::default(),
            latest: (0, usize::MAX),
            n: 0,
            wall_ns: 0,
        }
    }

    /// Returns the totals of each size class, smallest first.
    pub(crate) fn sizes(&self) -> Vec<(SizeClass, &Totals)> {
        let mut sizes: Vec<_> = self.sizes.iter().map(|(class, t)| (*class, t)).collect();
        sizes.sort_by_key(|(class, _)| *class);
        sizes
    }

    fn place_of(&mut self, class: SizeClass) -> usize {
        let found = self.sizes.iter().position(|(known, _)| *known == class);
        found.unwrap_or_else(|| {
            self.sizes.push((class, Totals::new()));
            self.sizes.len() - 1
        })
    }
}

impl Recording {
    pub(crate) fn new(heap: HeapSource, has_cpu: bool) -> Self {
        Self { heap, has_cpu, ..Self::default() }
    }

    /// Returns the names of the operations that ran, in the order of their registration.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.operations
            .iter()
            .filter(|operation| 0 < operation.n)
            .map(|o| o.name.as_str())
    }

    /// Returns how often an operation ran to its end; 0 for one that is not known.
    pub fn n_runs(&self, name: &str) -> u64 {
        self.operations.iter().find(|o| o.name == name).map_or(0, |operation| operation.n)
    }

    /// Returns the names of the operations that were open, and how often.
    pub fn incomplete(&self) -> &[(String, u64)] {
        &self.incomplete
    }

    /// Returns the number of runs that could not be recorded.
    ///
    /// That happens to operations nested more than 64 deep on one thread, and to those that
    /// end while their thread is being torn down.
    pub fn n_lost(&self) -> u64 {
        self.n_lost
    }

    /// Adds what another recording holds; operations meet by name.
    ///
    /// Where one of the two did not measure the heap, the figures of the other one remain,
    /// with their count of runs.
    pub fn merge(&mut self, other: &Self) {
        for theirs in &other.operations {
            let idx = self.operations.iter().position(|ours| ours.name == theirs.name);
            let Some(idx) = idx else {
                self.operations.push(theirs.clone());
                continue;
            };
            let ours = &mut self.operations[idx];
            for (class, totals) in &theirs.sizes {
                let idx = ours.place_of(*class);
                ours.sizes[idx].1.merge(totals);
            }
            ours.repeats.merge(&theirs.repeats);
            ours.n += theirs.n;
            ours.wall_ns += theirs.wall_ns;
        }
        if !self.heap.is_measured() {
            self.heap = other.heap;
        }
        self.has_cpu |= other.has_cpu;
        self.incomplete.extend(other.incomplete.iter().cloned());
        self.n_lost += other.n_lost;
    }

    pub(crate) fn add_operation(&mut self, name: &str) {
        self.operations.push(Operation::new(name));
    }

    /// Adds a run whose times are in nanoseconds.
    pub(crate) fn add(&mut self, sample: &Sample) {
        let operation = &mut self.operations[sample.operation_idx as usize];
        let attributes = sample.attributes;
        let n_pixels = u64::from(attributes.width) * u64::from(attributes.height);
        // Most runs are of the size of the one before.
        if operation.latest.0 != n_pixels || operation.sizes.len() <= operation.latest.1 {
            operation.latest = (n_pixels, operation.place_of(SizeClass::of(n_pixels)));
        }
        operation.sizes[operation.latest.1].1.add(sample);
        operation.repeats.add(attributes.key, sample.wall);
        operation.n += 1;
        operation.wall_ns += sample.wall;
    }

    pub(crate) fn mean_wall_ns(&self, operation_idx: u32) -> Option<u64> {
        let operation = &self.operations[operation_idx as usize];
        operation.wall_ns.checked_div(operation.n)
    }

    pub(crate) fn set_incomplete(&mut self, incomplete: Vec<(String, u64)>) {
        self.incomplete = incomplete;
    }

    pub(crate) fn set_n_lost(&mut self, n_lost: u64) {
        self.n_lost = n_lost;
    }

    /// Forgets the runs; the operations keep their indexes.
    pub(crate) fn clear(&mut self) {
        for operation in &mut self.operations {
            *operation = Operation::new(&operation.name);
        }
    }
}
