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
            AtomicBool, AtomicU64, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
        lock,
    },
};

/// The bytes of a shard's place in the table of its thread, as the tables are filled mostly.
const IN_TABLE: usize = 96;
/// The count at which one rests that never said so.
const NEVER: u64 = u64::MAX;
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
    /// Whether nobody can count any more.
    is_released: AtomicBool,
    /// Whether a collector looks at it, and so shows its end.
    is_watched: AtomicBool,
    /// The count at which nothing was to come.
    rested_at: AtomicU64,
    phase: Mutex<Option<Arc<str>>>,
    /// Goes up with each change of the phase.
    phase_version: AtomicU64,
    /// How many shards there are, which is never less than before.
    n_shards: AtomicUsize,
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
            is_released: AtomicBool::new(false),
            is_watched: AtomicBool::new(false),
            rested_at: AtomicU64::new(NEVER),
            phase: Mutex::new(None),
            phase_version: AtomicU64::new(0),
            n_shards: AtomicUsize::new(0),
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
        // Before its owner has it, and so before anything is counted in it.
        self.n_shards.store(shards.all.len(), SeqCst);
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

    pub(crate) fn n_shards(&self) -> usize {
        self.n_shards.load(SeqCst)
    }

    /// Returns the shards from this place on; those before stay what they are.
    pub(crate) fn shards(&self, from: usize) -> Vec<&'static Shard> {
        lock(&self.shards).all.get(from..).unwrap_or_default().to_vec()
    }

    /// Returns what was counted where there is no shard.
    pub(crate) fn n_late(&self) -> u64 {
        self.late.load(SeqCst)
    }

    /// Lets the next update wake the collector.
    pub(crate) fn arm(&self) {
        let mut shards = lock(&self.shards);
        shards.is_armed = true;
        shards.all.iter().for_each(|shard| shard.arm());
        drop(shards);
        lock(&self.flights).is_armed = true;
    }

    pub(crate) fn disarm(&self) {
        let mut shards = lock(&self.shards);
        shards.is_armed = false;
        shards.all.iter().for_each(|shard| shard.disarm());
        drop(shards);
        lock(&self.flights).is_armed = false;
    }

    pub(crate) fn total(&self) -> Option<u64> {
        Some(self.total.load(Relaxed)).filter(|total| *total != UNKNOWN)
    }

    pub(crate) fn set_total(&self, total: Option<u64>) {
        // The one total that cannot be said is as good as unknown.
        let total = total.unwrap_or(UNKNOWN);
        if self.total.swap(total, Relaxed) != total {
            self.wake();
        }
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

    pub(crate) fn phase_version(&self) -> u64 {
        self.phase_version.load(SeqCst)
    }

    pub(crate) fn set_phase(&self, name: &str) {
        let name = Some(name).filter(|name| !name.is_empty());
        let mut phase = lock(&self.phase);
        if phase.as_deref() == name {
            return;
        }
        *phase = name.map(Arc::from);
        self.phase_version.fetch_add(1, SeqCst);
        drop(phase);
        self.wake();
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.is_finished.load(SeqCst)
    }

    pub(crate) fn finish(&self) {
        self.is_finished.store(true, SeqCst);
        self.wake();
    }

    /// Ends it, as nobody has it any more.
    pub(crate) fn release(&self) {
        self.is_released.store(true, SeqCst);
        self.finish();
    }

    /// Whether the count is the last one.
    pub(crate) fn is_released(&self) -> bool {
        self.is_released.load(SeqCst)
    }

    pub(crate) fn watch(&self) {
        self.is_watched.store(true, SeqCst);
    }

    /// Whether its count is all that is to be known of it.
    pub(crate) fn is_unseen(&self) -> bool {
        self.is_released() && !self.is_watched.load(SeqCst)
    }

    /// Says that nothing is to come after what was counted.
    pub(crate) fn rest(&self) {
        self.rested_at.store(self.n_done(), SeqCst);
        self.wake();
    }

    /// Whether nothing was counted since nothing was to come.
    pub(crate) fn is_resting(&self, n_done: u64) -> bool {
        self.rested_at.load(SeqCst) == n_done
    }

    pub(crate) fn begin(&self, now: Instant) -> usize {
        self.is_timed.store(true, SeqCst);
        let mut flights = lock(&self.flights);
        let flight = flights.begin(now);
        let is_armed = flights.is_armed;
        drop(flights);
        // A wake takes the lock of the whole monitor, so only who is waited for wakes.
        if is_armed {
            self.wake();
        }
        flight
    }

    /// Returns how many timed updates ever began.
    pub(crate) fn n_begun(&self) -> u64 {
        lock(&self.flights).n_begun()
    }

    pub(crate) fn complete(&self, flight: usize, took: Duration) {
        lock(&self.flights).complete(flight, took);
    }

    pub(crate) fn abandon(&self, flight: usize) {
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
            + shards.all.len() * (size_of::<Shard>() + IN_TABLE)
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
