use std::{
    fmt, mem,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering::Relaxed},
    thread::{self, JoinHandle},
    time::Duration,
};

use safelight_cache::{Class, Limits};
use safelight_core::{ByteSize, Clock, Pressure, Share};

use crate::{
    Event,
    actions::{Cause, Knob, Mode},
    safelight::{Parts, lock},
    signs::Wake,
};

/// How often it looks where nothing calls it.
const INTERVAL: Duration = Duration::from_secs(1);

/// A GPU with more of its memory in use is full.
const GPU_FULL: Share = Share::new(0.8);

/// Of so many requests one pushes a result out: the cache is too small.
const REQUESTS_PER_EVICTION: u64 = 10;

/// Fewer requests than this say nothing about a cache.
const MIN_REQUESTS: u64 = 50;

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

fn run(parts: &Parts, mut read_gpus: ReadGpus) {
    let mut thrash = Thrash::default();
    loop {
        // What an observer or a reader of GPUs panics with ends one look only.
        let looked = catch_unwind(AssertUnwindSafe(|| {
            look(parts, &mut thrash, &mut read_gpus);
        }));
        if let Err(panic) = looked {
            mem::forget(panic);
        }
        if parts.signs.wait(INTERVAL) == Wake::Stop {
            return;
        }
    }
}

fn look(parts: &Parts, thrash: &mut Thrash, read_gpus: &mut ReadGpus) {
    let mut causes = parts.signs.causes();
    causes.extend(thrash.look(parts).then_some(Cause::Evictions));
    let full = read_gpus().into_iter().filter(|(_, used)| GPU_FULL < *used);
    causes.extend(full.map(|(idx, _)| Cause::GpuFull(idx)));
    let turning = lock(&parts.turning);
    let changes = lock(&parts.actions).step(&causes, parts.clock.now());
    for change in changes.iter().filter(|change| change.mode == Mode::Act) {
        turn(parts, change.knob, change.after);
    }
    drop(turning);
    for change in changes {
        if let Some(observer) = &parts.observer {
            observer.observe(&Event::Changed(change));
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
        self.is_on = is_calm && n_new <= n_out.saturating_mul(REQUESTS_PER_EVICTION);
        self.is_on
    }
}

/// Turns a knob.
pub(crate) fn turn(parts: &Parts, knob: Knob, value: u64) {
    match knob {
        Knob::CacheBytes => set_cache_bytes(parts, ByteSize::from_bytes(value)),
        Knob::Jobs => {
            let limit = usize::try_from(value).unwrap_or(usize::MAX);
            parts.gate.set_limit(NonZeroUsize::new(limit).unwrap_or(NonZeroUsize::MIN));
        }
        Knob::Patience => parts.patience_ns.store(value, Relaxed),
        Knob::Purge => {
            // Where this allocator cannot be asked there is nothing to be done.
            let _ = safelight_alloc::purge();
        }
        // The monitor does it itself, and who works on a GPU asks for the value.
        Knob::Interval | Knob::GpuBatch(_) => {}
    }
}

/// Sets the limit of the cache, and what the permits reckon with.
fn set_cache_bytes(parts: &Parts, bytes: ByteSize) {
    let Some(cache) = &parts.cache else { return };
    let Limits { bytes: before, entries } = cache.limits(Class::Bulk);
    if before == bytes {
        return;
    }
    cache.set_limits(Class::Bulk, Limits { bytes, entries });
    if let Some(registration) = &parts.registration {
        registration.set_configured(bytes);
    }
}

impl fmt::Debug for Steward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steward").finish_non_exhaustive()
    }
}
