//! `cargo xtask stress cache`: the limits of the cache under load.
//!
//! Workers do whatever a user may do, with values that come and go all the time, while the
//! limits change. The heap is read from the allocator, not from the cache.

use std::{
    num::{NonZeroU64, NonZeroUsize},
    panic,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use safelight_alloc::process;
use safelight_cache::{Cache, Class, Limits, Policy, Weigh};
use safelight_core::{ByteSize, Clock, Consumer, Pressure, SystemClock};

use crate::{progress::Bar, status::Status, units::parse_count};

mod finding;

/// The limits of the cache under load, beside the heap that the allocator counts.
///
/// Both policies get half of the calls and of the changes. The limits go up and down between
/// 16 and 64 MiB. What is over a limit for a moment is in the hands of the callers: values
/// that were just made, given out or taken out; the output says how much that may be. The
/// heap has in it what the cache keeps beside values, too: entries that its index frees
/// late, the later the more threads want a core; readings with much of that are counted, and
/// when all is cleared it must be gone.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Calls of the cache, over all threads.
    #[arg(long, value_name = "N", default_value = "10000000")]
    operations: NonZeroU64,
    /// Changes of the limits, spread over the run.
    #[arg(long, value_name = "N", default_value = "100")]
    resizes: u64,
    /// Threads that call the cache.
    #[arg(long, value_name = "N", default_value = "4", value_parser = parse_count)]
    threads: NonZeroUsize,
    /// End after this time, whatever was done until then.
    #[arg(long, value_name = "S")]
    seconds: Option<u64>,
    /// Seed of the sequence of calls; the threads' timing differs all the same.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
}

type Blobs = Cache<u64, Blob>;

/// A value that counts its bytes while it lives.
struct Blob {
    bytes: Vec<u8>,
}

/// The bytes of all values that live.
static LIVE: AtomicU64 = AtomicU64::new(0);

impl Blob {
    fn new(len: usize) -> Self {
        let bytes = vec![0; len];
        LIVE.fetch_add(bytes.capacity() as u64, SeqCst);
        Self { bytes }
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        LIVE.fetch_sub(self.bytes.capacity() as u64, SeqCst);
    }
}

impl Weigh for Blob {
    fn heap(&self) -> ByteSize {
        self.bytes.heap()
    }
}

/// The largest value.
const MAX_VALUE: u64 = 256 << 10;

/// The most that a limit is ever set to.
const MOST: Limits = Limits { bytes: ByteSize::mib(64), entries: Some(1000) };

/// What a worker may have in hand: the value that it keeps, and what one call has: what it
/// reclaims, or the new value, one that was given out, and those that leave for the new one,
/// which are as large as it and one more at most.
const IN_HAND: u64 = 6 * MAX_VALUE;

/// Room for what is no value: remembered frequencies, and removed entries of the index, whose
/// memory is given back some time later, the later the more threads share a core.
const BOOKKEEPING: u64 = 8 << 20;

/// Calls of a worker between two readings of the heap.
const CALLS_PER_CHECK: u64 = 32;

/// What all threads share.
struct Stress {
    cache: Blobs,
    /// The bytes and entries that may be held at present, and how often that changed.
    allowed: Mutex<(Limits, u64)>,
    heap_before: u64,
    n_threads: u64,
    n_done: AtomicU64,
    n_requests: AtomicU64,
    n_checks: AtomicU64,
    n_violations: AtomicU64,
    /// Readings of the heap with more bookkeeping than there should be.
    n_late: AtomicU64,
    /// The heap over the limit, at most.
    worst_over: AtomicU64,
    /// The values over the limit, at most.
    worst_live: AtomicU64,
    n_resized: AtomicU64,
    is_over: AtomicBool,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Status {
    let start = SystemClock.now();
    let mut is_sound = true;
    for policy in [Policy::CostAware, Policy::Lru] {
        let n_operations = arguments.operations.get().div_ceil(2);
        let stress = Stress::new(policy, arguments.threads.get() as u64);
        let deadline = arguments.seconds.map(|seconds| Duration::from_secs(seconds) / 2);
        stress.run(arguments, n_operations, deadline);
        is_sound &= stress.finish(policy);
    }
    println!("{:.1} s in all", (SystemClock.now() - start).as_secs_f64());
    if is_sound { Status::Ok } else { Status::Failed }
}

impl Stress {
    fn new(policy: Policy, n_threads: u64) -> Self {
        let heap_before = process().current_bytes;
        let cache = Cache::builder()
            .limits(MOST)
            .policy(policy)
            .failure_ttl(Duration::from_micros(50))
            .build();
        Self {
            cache,
            allowed: Mutex::new((MOST, 0)),
            heap_before,
            n_threads,
            n_done: AtomicU64::new(0),
            n_requests: AtomicU64::new(0),
            n_checks: AtomicU64::new(0),
            n_violations: AtomicU64::new(0),
            n_late: AtomicU64::new(0),
            worst_over: AtomicU64::new(0),
            worst_live: AtomicU64::new(0),
            n_resized: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        }
    }

    fn run(&self, arguments: &Arguments, n_operations: u64, deadline: Option<Duration>) {
        let start = SystemClock.now();
        let bar = Bar::new("operations", n_operations);
        let n_wanted = arguments.resizes.div_ceil(2);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..self.n_threads)
                .map(|worker| {
                    let seed = (worker + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    let random = Random(arguments.seed ^ seed);
                    scope.spawn(move || self.work(random, n_operations))
                })
                .collect();
            let mut random = Random(arguments.seed | 1);
            // A worker that panics ends, too; the scope passes its panic on.
            while workers.iter().any(|worker| !worker.is_finished()) {
                let done = self.n_done.load(SeqCst).min(n_operations);
                let n_resized = self.n_resized.load(SeqCst);
                if n_resized * n_operations < done.saturating_mul(n_wanted) {
                    self.resize(&mut random);
                }
                let elapsed = SystemClock.now() - start;
                let is_late = deadline.is_some_and(|deadline| deadline <= elapsed);
                self.is_over.fetch_or(is_late, SeqCst);
                bar.set_position(done);
                bar.set_message(format!("{n_resized} changes of the limits"));
                thread::yield_now();
            }
        });
        while self.n_resized.load(SeqCst) < n_wanted && deadline.is_none() {
            self.resize(&mut Random(arguments.seed));
        }
        bar.finish();
    }

    /// Changes the limits, and checks that the lower ones hold when the call returns.
    fn resize(&self, random: &mut Random) {
        let bytes = ByteSize::from_bytes(
            MOST.bytes.bytes() / 4 + random.below(MOST.bytes.bytes() * 3 / 4),
        );
        let entries = (random.below(4) != 0).then(|| 1 + random.below(999) as usize);
        let limits = Limits { bytes, entries };
        self.allow(|old| both(old, limits));
        self.cache.set_limits(Class::Bulk, limits);
        match random.below(4) {
            0 => {
                self.cache.trim(Pressure::High);
            }
            1 => {
                self.cache.set_budget(bytes);
                self.cache.set_budget(ByteSize::MAX);
            }
            _ => {}
        }
        self.allow(|_| limits);
        self.n_resized.fetch_add(1, SeqCst);
        self.check();
    }

    /// Changes what is allowed.
    fn allow(&self, change: impl FnOnce(Limits) -> Limits) {
        let mut allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        *allowed = (change(allowed.0), allowed.1 + 1);
    }

    fn allowed(&self) -> (Limits, u64) {
        *self.allowed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, mut random: Random, n_operations: u64) {
        let mut n_calls = 0;
        let mut n_requests = 0;
        // A user keeps a value for a while, whatever becomes of it in the cache.
        let mut kept = None;
        while !self.is_over.load(SeqCst) {
            n_requests += self.call(&mut random, &mut kept);
            n_calls += 1;
            if n_calls % CALLS_PER_CHECK == 0 {
                self.check();
                let done = self.n_done.fetch_add(CALLS_PER_CHECK, SeqCst);
                if n_operations <= done + CALLS_PER_CHECK {
                    break;
                }
            }
        }
        self.n_done.fetch_add(n_calls % CALLS_PER_CHECK, SeqCst);
        self.n_requests.fetch_add(n_requests, SeqCst);
    }

    /// Makes one call; returns how many requests that was.
    fn call(&self, random: &mut Random, kept: &mut Option<Arc<Blob>>) -> u64 {
        let cache = &self.cache;
        // Some keys are asked for much more often than others.
        let key = random.low(4000);
        let len = (64 + random.low(MAX_VALUE - 128)) as usize;
        let blob = || Ok::<_, String>(Blob::new(len));
        match random.below(1000) {
            0 => {
                cache.reclaim(ByteSize::from_bytes(4 * MAX_VALUE));
                0
            }
            1..40 => {
                drop(cache.remove(&key));
                0
            }
            40..140 => {
                drop(cache.insert(key, Blob::new(len)));
                0
            }
            140..240 => {
                *kept = cache.get(&key);
                1
            }
            240..260 => {
                drop(cache.pin(&key));
                1
            }
            260..280 => {
                drop(cache.try_get_or_compute(key, || Err("no such file")));
                1
            }
            280..290 => {
                // Without the report of a panic, which is not what is tested.
                let panics = || -> Result<Blob, String> {
                    panic::resume_unwind(Box::new("a load that panics on purpose"))
                };
                drop(cache.try_get_or_compute(key, panics));
                1
            }
            290 => {
                cache.remove_matching(|key| key % 512 == 0);
                0
            }
            _ => {
                drop(cache.try_get_or_compute(key, blob));
                1
            }
        }
    }

    /// Compares the heap and the cache's own figures with what is allowed.
    fn check(&self) {
        let (before, epoch) = self.allowed();
        let live = LIVE.load(SeqCst);
        let heap = process();
        let usage = self.cache.usage();
        let (after, later_epoch) = self.allowed();
        if epoch != later_epoch {
            return;
        }
        let limits = both(before, after);
        self.n_checks.fetch_add(1, SeqCst);
        let is_within = usage.bytes <= limits.bytes
            && usage.n_entries <= limits.entries.unwrap_or(usize::MAX);
        let held = heap.current_bytes.saturating_sub(self.heap_before);
        let over = held.saturating_sub(limits.bytes.bytes());
        self.worst_over.fetch_max(over, SeqCst);
        let live_over = live.saturating_sub(limits.bytes.bytes());
        self.worst_live.fetch_max(live_over, SeqCst);
        let in_hand = self.n_threads * IN_HAND;
        if !is_within || in_hand < live_over {
            self.n_violations.fetch_add(1, SeqCst);
        }
        // No fault of a limit: the index frees removed entries when its readers have passed,
        // and a reader that has no core does not pass.
        if self.room(heap.slack_bytes) < over {
            self.n_late.fetch_add(1, SeqCst);
        }
    }

    /// What the heap may hold over the limit.
    fn room(&self, slack_bytes: u64) -> u64 {
        self.n_threads * IN_HAND + BOOKKEEPING + slack_bytes
    }
}

/// The larger of both limits.
fn both(a: Limits, b: Limits) -> Limits {
    let entries = match (a.entries, b.entries) {
        (Some(a), Some(b)) => Some(a.max(b)),
        _ => None,
    };
    Limits { bytes: a.bytes.max(b.bytes), entries }
}

/// Knuth's multiplicative generator with a mixing step; good enough to choose calls.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 >> 32) ^ self.0;
        mixed % n.max(1)
    }

    /// Returns a number below n, a low one more often.
    fn low(&mut self, n: u64) -> u64 {
        let n = 1 + self.below(n);
        self.below(n)
    }
}
