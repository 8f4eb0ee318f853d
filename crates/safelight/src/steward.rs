use std::{
    collections::BTreeSet,
    fmt,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use safelight_cache::Class;
use safelight_core::{Clock, Pressure, Share};

use crate::{
    actions::Cause,
    safelight::{Parts, lock},
    signs::Wake,
};

/// How often it looks where nothing calls it.
const INTERVAL: Duration = Duration::from_secs(1);

/// A GPU with more of its memory in use is full.
const GPU_FULL: Share = Share::new(0.8);

/// It stays full until not more than this is in use, or it would be full again at once.
const GPU_RELIEVED: Share = Share::new(0.7);

/// Of so many requests one pushes a result out: the cache is too small.
const REQUESTS_PER_EVICTION: u64 = 10;

/// Fewer requests than this say nothing about a cache.
const MIN_REQUESTS: u64 = 50;

/// A cache that uses less of its bytes is full of entries, and more bytes do not help.
const BYTES_IN_USE: Share = Share::new(0.8);

/// The memory in use of each GPU that can be read.
pub(crate) type ReadGpus = Box<dyn FnMut() -> Vec<(u32, Share)> + Send>;

/// A thread that does what the table of actions says.
pub(crate) struct Steward {
    parts: Arc<Parts>,
    thread: Option<JoinHandle<()>>,
}

impl Steward {
    pub(crate) fn start(parts: Arc<Parts>, read_gpus: ReadGpus) -> Self {
        let theirs = Arc::clone(&parts);
        let thread = thread::Builder::new()
            .name("safelight-actions".to_owned())
            .spawn(move || run(&theirs, read_gpus))
            .expect("the system starts a thread");
        Self { parts, thread: Some(thread) }
    }
}

impl Drop for Steward {
    fn drop(&mut self) {
        self.parts.signs.stop();
        let own = thread::current().id();
        if let Some(thread) =
            self.thread.take().filter(|thread| thread.thread().id() != own)
        {
            // A panic was printed where it arose.
            drop(thread.join());
        }
    }
}

fn run(parts: &Parts, read_gpus: ReadGpus) {
    let (mut thrash, mut gpus) = (Thrash::default(), FullGpus::new(read_gpus));
    loop {
        // The clock may be a foreign one, whose panic ends one look only.
        parts.panics.contain(|| {
            // Before anything is taken or locked.
            let now = parts.clock.now();
            let mut causes = parts.signs.take_causes();
            causes.extend(thrash.look(parts).then_some(Cause::Evictions));
            causes.extend(gpus.look(parts).map(Cause::GpuFull));
            parts.act(|actions| actions.step(&causes, now));
        });
        if parts.signs.wait(INTERVAL) == Wake::Stop {
            return;
        }
    }
}

/// Whether the cache pushes out a lot while memory is plenty.
#[derive(Debug, Default)]
struct Thrash {
    n_requests: u64,
    n_evictions: u64,
    is_on: bool,
}

impl Thrash {
    /// Judges what happened since the last time that there was enough to be judged.
    fn look(&mut self, parts: &Parts) -> bool {
        let Some(cache) = &parts.cache else { return false };
        let stats = cache.stats();
        let n_new = stats.n_requests().saturating_sub(self.n_requests);
        if n_new < MIN_REQUESTS {
            return self.is_on;
        }
        let n_out = stats.evictions.n_capacity.saturating_sub(self.n_evictions);
        (self.n_requests, self.n_evictions) =
            (stats.n_requests(), stats.evictions.n_capacity);
        let is_calm = parts.signs.pressure() == Pressure::Normal;
        let limit = cache.limits(Class::Bulk).bytes;
        let in_use = Share::of(stats.usage.bytes.bytes() as f64, limit.bytes() as f64);
        self.is_on = is_calm
            && BYTES_IN_USE <= in_use
            && n_new <= n_out.saturating_mul(REQUESTS_PER_EVICTION);
        self.is_on
    }
}

/// The GPUs that are full.
struct FullGpus {
    read: ReadGpus,
    full: BTreeSet<u32>,
}

impl FullGpus {
    fn new(read: ReadGpus) -> Self {
        Self { read, full: BTreeSet::new() }
    }

    /// Reads them where anybody works on one; those that cannot be read are not full.
    fn look(&mut self, parts: &Parts) -> impl Iterator<Item = u32> {
        let is_used = lock(&parts.actions).has_gpus();
        let read = is_used.then(|| parts.panics.contain(&mut self.read)).flatten();
        let is_full = |(idx, used): &(u32, Share)| {
            let line = if self.full.contains(idx) { GPU_RELIEVED } else { GPU_FULL };
            line < *used
        };
        let full = read.unwrap_or_default().into_iter().filter(is_full);
        self.full = full.map(|(idx, _)| idx).collect();
        self.full.iter().copied()
    }
}

impl fmt::Debug for Steward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steward").finish_non_exhaustive()
    }
}
