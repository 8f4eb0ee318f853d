/// How an operation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It returned, and not with an error.
    #[default]
    Ok,
    /// It returned an error.
    Error,
    /// It was unwound by a panic.
    Panic,
}

/// What the caller says about one run of an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bytes_in: u64,
    /// Identity of the content, or 0 for unknown.
    pub(crate) key: u64,
}

/// What one run cost; the times in ticks of the profiler's clock until it is folded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) operation_idx: u32,
    pub(crate) outcome: Outcome,
    pub(crate) attributes: Attributes,
    pub(crate) wall: u64,
    pub(crate) self_wall: u64,
    /// CPU nanoseconds, where they were read.
    pub(crate) cpu_ns: Option<u64>,
    pub(crate) heap: Option<Heap>,
}

/// The heap of one run, in bytes above the level at its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heap {
    pub(crate) peak: u64,
    pub(crate) net: i64,
    pub(crate) allocated: u64,
    pub(crate) n_allocations: u64,
    /// How far the peak may be off: 0 on one thread.
    pub(crate) bound: u64,
}

/// Words that a sample takes in the ring.
pub(crate) const N_WORDS: usize = 12;

const CPU_KNOWN: u64 = 1 << 40;
const HEAP_KNOWN: u64 = 1 << 41;

impl Sample {
    /// Adds a later part of the same run.
    #[cfg(feature = "tracing")]
    pub(crate) fn append(&mut self, part: Self) {
        self.wall += part.wall;
        self.self_wall += part.self_wall;
        self.cpu_ns = self.cpu_ns.zip(part.cpu_ns).map(|(ours, theirs)| ours + theirs);
        self.heap = self.heap.zip(part.heap).map(|(ours, theirs)| Heap {
            peak: ours.peak.max(
                ours.net.saturating_add_unsigned(theirs.peak).max(0).cast_unsigned(),
            ),
            net: ours.net + theirs.net,
            allocated: ours.allocated + theirs.allocated,
            n_allocations: ours.n_allocations + theirs.n_allocations,
            bound: ours.bound.max(theirs.bound),
        });
    }

    #[inline]
    pub(crate) fn as_words(&self) -> [u64; N_WORDS] {
        let heap = self.heap.unwrap_or_default();
        let known = if self.cpu_ns.is_some() { CPU_KNOWN } else { 0 }
            | if self.heap.is_some() { HEAP_KNOWN } else { 0 };
        [
            u64::from(self.operation_idx) | (self.outcome as u64) << 32 | known,
            u64::from(self.attributes.width) << 32 | u64::from(self.attributes.height),
            self.attributes.bytes_in,
            self.attributes.key,
            self.wall,
            self.self_wall,
            self.cpu_ns.unwrap_or(0),
            heap.peak,
            heap.net.cast_unsigned(),
            heap.allocated,
            heap.n_allocations,
            heap.bound,
        ]
    }

    pub(crate) fn from_words(words: [u64; N_WORDS]) -> Self {
        let [
            head,
            size,
            bytes_in,
            key,
            wall,
            self_wall,
            cpu,
            peak,
            net,
            allocated,
            n,
            bound,
        ] = words;
        let net = net.cast_signed();
        let used = Heap { peak, net, allocated, n_allocations: n, bound };
        Self {
            operation_idx: head as u32,
            outcome: match (head >> 32) & 3 {
                0 => Outcome::Ok,
                1 => Outcome::Error,
                _ => Outcome::Panic,
            },
            attributes: Attributes {
                width: (size >> 32) as u32,
                height: size as u32,
                bytes_in,
                key,
            },
            wall,
            self_wall,
            cpu_ns: (head & CPU_KNOWN != 0).then_some(cpu),
            heap: (head & HEAP_KNOWN != 0).then_some(used),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
