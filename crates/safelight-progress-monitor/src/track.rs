use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    flights::Flights,
    pool,
    shard::Shard,
    signal::Signal,
    sync::{
        Mutex,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
        lock,
    },
};

/// The total of a job whose size is not known.
const UNKNOWN: u64 = u64::MAX;

/// What a tracker's handles, the threads that count and the collector share.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) id: u64,
    pub(crate) name: Arc<str>,
    pub(crate) parent: Option<u64>,
    pub(crate) born: Instant,
    signal: Arc<Signal>,
    total: AtomicU64,
    /// Updates of threads that are being torn down, and have no cell any more.
    late: AtomicU64,
    is_finished: AtomicBool,
    phase: Mutex<Option<Arc<str>>>,
    shards: Mutex<Shards>,
    flights: Mutex<Flights>,
    /// Whether an update was ever timed: else nobody looks at `flights`.
    is_timed: AtomicBool,
}

#[derive(Debug, Default)]
struct Shards {
    all: Vec<&'static Shard>,
    /// Those whose owner is gone; the next thread counts on where it stopped.
    free: Vec<&'static Shard>,
    is_armed: bool,
}

impl Track {
    pub(crate) fn new(
        id: u64,
        name: &str,
        parent: Option<u64>,
        born: Instant,
        signal: Arc<Signal>,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            parent,
            born,
            signal,
            total: AtomicU64::new(UNKNOWN),
            late: AtomicU64::new(0),
            is_finished: AtomicBool::new(false),
            phase: Mutex::new(None),
            shards: Mutex::new(Shards::default()),
            flights: Mutex::new(Flights::default()),
            is_timed: AtomicBool::new(false),
        }
    }

    pub(crate) fn wake(&self) {
        self.signal.wake();
    }

    /// Gives a shard to one owner.
    pub(crate) fn take_shard(&self) -> &'static Shard {
        let mut shards = lock(&self.shards);
        if let Some(shard) = shards.free.pop() {
            return shard;
        }
        let shard = pool::take();
        if shards.is_armed {
            shard.arm();
        }
        shards.all.push(shard);
        shard
    }

    /// Takes a shard back from its owner; what it counted stays.
    pub(crate) fn give_back(&self, shard: &'static Shard) {
        lock(&self.shards).free.push(shard);
    }

    /// Counts for a thread that cannot have a cell.
    #[cold]
    pub(crate) fn add_late(&self, n: u64) {
        self.late.fetch_add(n, SeqCst);
        self.wake();
    }

    /// Returns all that was counted.
    pub(crate) fn n_done(&self) -> u64 {
        let shards = lock(&self.shards);
        let late = self.late.load(SeqCst);
        shards.all.iter().fold(late, |sum, shard| sum.wrapping_add(shard.count()))
    }

    /// Lets the next update wake the collector.
    pub(crate) fn arm(&self) {
        let mut shards = lock(&self.shards);
        shards.is_armed = true;
        shards.all.iter().for_each(|shard| shard.arm());
    }

    pub(crate) fn disarm(&self) {
        let mut shards = lock(&self.shards);
        shards.is_armed = false;
        shards.all.iter().for_each(|shard| shard.disarm());
    }

    pub(crate) fn total(&self) -> Option<u64> {
        Some(self.total.load(Relaxed)).filter(|total| *total != UNKNOWN)
    }

    pub(crate) fn set_total(&self, total: Option<u64>) {
        // The one total that cannot be said is as good as unknown.
        self.total.store(total.unwrap_or(UNKNOWN), Relaxed);
        self.wake();
    }

    /// Sets the total where none is known.
    pub(crate) fn suggest_total(&self, total: u64) {
        let set = self.total.compare_exchange(UNKNOWN, total, Relaxed, Relaxed);
        if set.is_ok() {
            self.wake();
        }
    }

    pub(crate) fn phase(&self) -> Option<Arc<str>> {
        lock(&self.phase).clone()
    }

    pub(crate) fn set_phase(&self, name: &str) {
        *lock(&self.phase) = Some(name.into());
        self.wake();
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.is_finished.load(SeqCst)
    }

    pub(crate) fn finish(&self) {
        self.is_finished.store(true, SeqCst);
        self.wake();
    }

    pub(crate) fn begin(&self, now: Instant) -> u64 {
        self.is_timed.store(true, SeqCst);
        let flight = lock(&self.flights).begin(now);
        self.wake();
        flight
    }

    pub(crate) fn complete(&self, flight: u64, took: Duration) {
        lock(&self.flights).complete(flight, took);
    }

    pub(crate) fn abandon(&self, flight: u64) {
        lock(&self.flights).abandon(flight);
    }

    /// Calls with the timed updates, if there ever was one.
    pub(crate) fn with_flights<R>(
        &self,
        call: impl FnOnce(&mut Flights) -> R,
    ) -> Option<R> {
        self.is_timed.load(SeqCst).then(|| call(&mut lock(&self.flights)))
    }

    /// Returns the bytes of it all on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        let shards = lock(&self.shards);
        let pointers = shards.all.capacity() + shards.free.capacity();
        let phase = lock(&self.phase).as_ref().map_or(0, |name| name.len() + 16);
        let flights = self.with_flights(|flights| flights.heap_bytes()).unwrap_or(0);
        size_of::<Self>()
            + self.name.len()
            + 32
            + shards.all.len() * (size_of::<Shard>() + 128)
            + pointers * size_of::<usize>()
            + phase
            + flights
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        // Nobody can count here any more: that takes a handle, and those keep the track.
        pool::give_back(&lock(&self.shards).all);
    }
}
