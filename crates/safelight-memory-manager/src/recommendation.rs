use std::{fmt, time::Duration};

use safelight_core::ByteSize;

use crate::{Journal, Reading, Usage, Verdict};

/// What is known when recommendations are asked for; every part is evidence for some.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Of [`Permits::usage`](crate::Permits::usage).
    pub usage: Usage,
    /// Labels, each with its [`Permits::learned_ratio`](crate::Permits::learned_ratio).
    pub labels: &'a [(&'a str, f64)],
    /// Of [`Trend::verdict`](crate::Trend::verdict).
    pub verdict: Verdict,
    /// What was done.
    pub journal: &'a Journal,
    /// The last reading.
    pub reading: Reading,
    /// For each GPU, how many items run, and how many [`Batch::advise`](crate::Batch::advise)
    /// allows.
    pub batches: &'a [(usize, usize)],
}

/// What a person may change, with the numbers that speak for it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Recommendation {
    /// The capacity is small beside the demand.
    RaiseCapacity {
        /// How many requests had to wait.
        n_waited: u64,
        /// How many were granted, at once or later.
        n_granted: u64,
        /// The most that was granted at once.
        most_granted: ByteSize,
        /// What consumers may hold.
        allotted: ByteSize,
        /// What there is for both.
        capacity: ByteSize,
    },
    /// More may be granted than the limit that binds allows.
    LowerCapacity {
        /// What may be granted.
        capacity: ByteSize,
        /// The limit.
        limit: ByteSize,
    },
    /// Jobs of a label take more than they declare.
    DeclareMore {
        /// The label.
        label: String,
        /// How many times as much.
        ratio: f64,
    },
    /// Use grows steadily.
    FindLeak {
        /// By how much.
        per_minute: ByteSize,
        /// When it is at the limit, if that is known and soon.
        time_to_limit: Option<Duration>,
    },
    /// What consumers let go of is still used.
    Purge {
        /// How much of it, after the last action that had something let go.
        retained: ByteSize,
        /// What that action had let go.
        receipt: ByteSize,
    },
    /// Consumers have less than they are configured for.
    ///
    /// That is so for some seconds after pressure too, so ask again.
    ConfigureLess {
        /// What they may hold.
        allotted: ByteSize,
        /// What they are configured for.
        configured: ByteSize,
        /// What is granted to work.
        granted: ByteSize,
        /// The reading at that time.
        reading: Reading,
    },
    /// The memory of a GPU is too full for what runs there.
    CutBatch {
        /// Which one, in the order of the facts.
        gpu_idx: usize,
        /// How many items run.
        from: usize,
        /// How many there is room for.
        to: usize,
    },
}

/// From which ratio on a label declares too little: less is within an estimate.
const MIN_RATIO: f64 = 1.1;

/// From one request in so many that had to wait on, the capacity is small.
const MIN_WAITS: u64 = 10;

/// Says what may be changed, and why; nothing where nothing speaks for it.
///
/// The capacity is named where one request in ten, or more, had to wait; a label from a ratio
/// of 1.1 on; what is retained, from half of what was let go
/// on; budgets, below nine tenths of what is configured.
///
/// ```
/// # use safelight_core::{Clock, ManualClock};
/// # let now = ManualClock::new().now();
/// use safelight_memory_manager::{
///     ByteSize, Config, Control, Facts, Permits, Reading, Trend, recommend,
/// };
///
/// let permits = Permits::new(ByteSize::gib(1));
/// let permit = permits.try_reserve("decode", ByteSize::mib(100))?;
/// permit.record_actual(ByteSize::mib(130));
/// drop(permit);
/// let control = Control::new(permits.clone(), Config::default());
/// let reading = Reading { limit: ByteSize::gib(2), used: ByteSize::mib(300) };
/// let facts = Facts {
///     usage: permits.usage(),
///     labels: &[("decode", permits.learned_ratio("decode"))],
///     verdict: Trend::new(control.config().quiet).verdict(reading.limit),
///     journal: control.journal(),
///     reading,
///     batches: &[],
/// };
/// let texts: Vec<String> = recommend(&facts).iter().map(ToString::to_string).collect();
/// assert_eq!(texts, [
///     "declare 1.30 times as much for `decode`, at least: so much is charged, by what it took"
/// ]);
/// # Ok::<(), safelight_memory_manager::ReserveError>(())
/// ```
pub fn recommend(facts: &Facts<'_>) -> Vec<Recommendation> {
    let one = [
        raise_capacity(&facts.usage),
        lower_capacity(facts),
        find_leak(facts.verdict),
        purge(facts.journal),
        configure_less(facts),
    ];
    let too_little = facts.labels.iter().filter(|(_, ratio)| MIN_RATIO <= *ratio);
    let labels = too_little.map(|&(label, ratio)| Recommendation::DeclareMore {
        label: label.to_owned(),
        ratio,
    });
    let gpus = facts.batches.iter().enumerate().filter(|(_, (from, to))| to < from);
    let batches =
        gpus.map(|(gpu_idx, &(from, to))| Recommendation::CutBatch { gpu_idx, from, to });
    one.into_iter().flatten().chain(labels).chain(batches).collect()
}

fn raise_capacity(usage: &Usage) -> Option<Recommendation> {
    let Usage { n_waited, n_granted, most_granted, allotted, capacity, .. } = *usage;
    let one = Recommendation::RaiseCapacity {
        n_waited,
        n_granted,
        most_granted,
        allotted,
        capacity,
    };
    let is_much = n_granted <= n_waited.saturating_mul(MIN_WAITS);
    (0 < n_waited && is_much).then_some(one)
}

fn lower_capacity(facts: &Facts<'_>) -> Option<Recommendation> {
    let (capacity, limit) = (facts.usage.capacity, facts.reading.limit);
    let is_above = limit != ByteSize::ZERO && limit < capacity;
    is_above.then_some(Recommendation::LowerCapacity { capacity, limit })
}

fn find_leak(verdict: Verdict) -> Option<Recommendation> {
    let Verdict::Leak { per_minute, time_to_limit } = verdict else { return None };
    Some(Recommendation::FindLeak { per_minute, time_to_limit })
}

fn purge(journal: &Journal) -> Option<Recommendation> {
    // Where use rose, it is others who took it.
    let told =
        journal.entries().filter(|e| e.used_after.is_some_and(|u| u <= e.used_before));
    let settled = told.filter_map(|e| Some((e.receipt, e.retained()?)));
    let freeing = settled.filter(|(receipt, _)| ByteSize::ZERO < *receipt);
    let (receipt, retained) = freeing.last()?;
    let is_much = receipt <= retained.saturating_mul(2);
    is_much.then_some(Recommendation::Purge { retained, receipt })
}

fn configure_less(facts: &Facts<'_>) -> Option<Recommendation> {
    let Usage { allotted, configured, granted, .. } = facts.usage;
    let reading = facts.reading;
    let is_less = allotted < configured - ByteSize::from_bytes(configured.bytes() / 10);
    let one = Recommendation::ConfigureLess { allotted, configured, granted, reading };
    is_less.then_some(one)
}

impl fmt::Display for Recommendation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RaiseCapacity {
                n_waited,
                n_granted,
                most_granted,
                allotted,
                capacity,
            } => write!(
                f,
                "work on less at once or raise the capacity of {capacity}: waits {n_waited}, \
                 grants {n_granted}, at most {most_granted} granted at once; consumers may \
                 hold {allotted}"
            ),
            Self::LowerCapacity { capacity, limit } => {
                write!(f, "lower the capacity of {capacity}: the limit is {limit}")
            }
            Self::DeclareMore { label, ratio } => {
                write!(
                    f,
                    "declare {ratio:.2} times as much for `{label}`, at least: so much is \
                     charged, by what it took"
                )
            }
            Self::FindLeak { per_minute, time_to_limit } => {
                write!(f, "find what grows by {per_minute} a minute")?;
                time_to_limit.map_or(Ok(()), |left| match left.as_secs() / 60 {
                    0 => f.write_str(": the limit is reached in less than a minute"),
                    minutes => write!(f, ": the limit is reached in {minutes} min"),
                })
            }
            Self::Purge { retained, receipt } => write!(
                f,
                "purge the allocator, unless others took it: of {receipt} let go of last, \
                 {retained} were still used"
            ),
            Self::ConfigureLess { allotted, configured, granted, reading } => write!(
                f,
                "configure consumers for less than {configured}: they may hold {allotted}, \
                 with {granted} granted to work and {} of {} used",
                reading.used, reading.limit
            ),
            Self::CutBatch { gpu_idx, from, to } => {
                write!(f, "cut the batch of GPU {gpu_idx} from {from} to {to}")
            }
        }
    }
}
