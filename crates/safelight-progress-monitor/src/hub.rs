use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Weak},
};

use safelight_core::Clock;

use crate::{
    Gauge, Message,
    gauge::Level,
    signal::Signal,
    sync::{
        Mutex,
        atomic::{
            AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
        lock,
    },
    track::Track,
    track_id,
};

/// Messages that wait for the collector; older ones go.
const MOST_MESSAGES: usize = 256;

/// Trackers that are kept before those that are over are looked for.
const FEW_TRACKS: usize = 1024;

/// What trackers, gauges and the collector share.
pub(crate) struct Hub {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) signal: Arc<Signal>,
    registry: Mutex<Registry>,
    /// Goes up with each change of the registry.
    version: AtomicU64,
    outbox: Mutex<Outbox>,
}

#[derive(Default)]
struct Registry {
    tracks: Vec<Arc<Track>>,
    /// Counted by trackers that came and went while no collector looked.
    n_folded: u64,
    /// How many trackers are the sign to fold.
    fold_at: usize,
    levels: Vec<Weak<Level>>,
    next_level: u64,
    /// The monitor's own.
    named: BTreeMap<String, Arc<Track>>,
}

/// Messages on their way to the sinks.
#[derive(Default)]
struct Outbox {
    messages: VecDeque<Message>,
    n_lost: u64,
}

impl Hub {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            signal: Arc::new(Signal::new()),
            registry: Mutex::default(),
            version: AtomicU64::new(1),
            outbox: Mutex::default(),
        }
    }

    /// Makes the shared part of a tracker.
    pub(crate) fn add_track(&self, name: &str, parent: Option<u64>) -> Arc<Track> {
        let track = self.new_track(name, parent);
        lock(&self.registry).add(&track);
        self.note_change();
        track
    }

    fn new_track(&self, name: &str, parent: Option<u64>) -> Arc<Track> {
        let (id, signal) = (track_id::next(), Arc::clone(&self.signal));
        Arc::new(Track::new(id, name, parent, self.clock.now(), signal))
    }

    /// Removes trackers that are finished and were shown so; the caller knows of it.
    pub(crate) fn remove_tracks(&self, is_gone: impl Fn(u64) -> bool) {
        lock(&self.registry).tracks.retain(|track| !is_gone(track.id));
    }

    pub(crate) fn add_gauge(&self, name: &str) -> Gauge {
        let mut registry = lock(&self.registry);
        // Those of dropped gauges go when the room is used up.
        if registry.levels.len() == registry.levels.capacity() {
            registry.levels.retain(|level| 0 < level.strong_count());
        }
        let gauge = Gauge::new(registry.next_level, name, Arc::clone(&self.signal));
        registry.next_level += 1;
        registry.levels.push(Arc::downgrade(gauge.level()));
        drop(registry);
        self.note_change();
        gauge
    }

    fn note_change(&self) {
        self.version.fetch_add(1, SeqCst);
        self.signal.wake();
    }

    pub(crate) fn version(&self) -> u64 {
        self.version.load(SeqCst)
    }

    /// Returns the trackers, and what was counted by others that no collector looked at.
    pub(crate) fn tracks(&self) -> (Vec<Arc<Track>>, u64) {
        let registry = lock(&self.registry);
        // From here on the collector shows how they end.
        registry.tracks.iter().for_each(|track| track.watch());
        (registry.tracks.clone(), registry.n_folded)
    }

    /// Returns the living gauges from this number on, in the order of their numbers.
    pub(crate) fn levels(&self, from: u64) -> Vec<Arc<Level>> {
        let registry = lock(&self.registry);
        let living = registry.levels.iter().rev().filter_map(Weak::upgrade);
        let mut new: Vec<_> = living.take_while(|level| from <= level.id).collect();
        new.reverse();
        new
    }

    /// Returns the monitor's own tracker of that name.
    pub(crate) fn named_track(&self, name: &str) -> Arc<Track> {
        if let Some(track) = lock(&self.registry).named.get(name) {
            return Arc::clone(track);
        }
        let track = self.new_track(name, None);
        let mut registry = lock(&self.registry);
        // Another thread may have been faster; then nobody ever sees this one.
        if let Some(first) = registry.named.get(name) {
            return Arc::clone(first);
        }
        registry.named.insert(name.to_owned(), Arc::clone(&track));
        registry.add(&track);
        drop(registry);
        self.note_change();
        track
    }

    pub(crate) fn send(&self, message: Message) {
        let mut outbox = lock(&self.outbox);
        if outbox.messages.len() == MOST_MESSAGES {
            outbox.messages.pop_front();
            outbox.n_lost += 1;
        }
        outbox.messages.push_back(message);
        drop(outbox);
        self.signal.wake();
    }

    /// Moves the messages that came; returns how many were lost since the last call.
    pub(crate) fn receive(&self, into: &mut Vec<Message>) -> u64 {
        let mut outbox = lock(&self.outbox);
        into.extend(outbox.messages.drain(..));
        std::mem::take(&mut outbox.n_lost)
    }

    /// Returns the bytes of it all on the heap, the tracks apart.
    pub(crate) fn heap_bytes(&self) -> usize {
        let registry = lock(&self.registry);
        let outbox = lock(&self.outbox);
        // With what counts its holders.
        let of_level = |level: Arc<Level>| size_of::<Level>() + level.name.len() + 32;
        size_of::<Self>()
            + size_of::<Signal>()
            + (registry.tracks.capacity() + registry.levels.capacity())
                * size_of::<usize>()
            + outbox.messages.capacity() * size_of::<Message>()
            + registry
                .levels
                .iter()
                .filter_map(Weak::upgrade)
                .map(of_level)
                .sum::<usize>()
    }
}

impl Registry {
    fn add(&mut self, track: &Arc<Track>) {
        if self.fold_at.max(FEW_TRACKS) <= self.tracks.len() {
            self.fold();
        }
        self.tracks.push(Arc::clone(track));
    }

    /// Keeps but the count of trackers that are over and that no collector looks at.
    fn fold(&mut self) {
        let n_folded = &mut self.n_folded;
        self.tracks.retain(|track| {
            let is_unseen = track.is_unseen();
            if is_unseen {
                *n_folded = n_folded.wrapping_add(track.n_done());
            }
            !is_unseen
        });
        self.fold_at = 2 * self.tracks.len();
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let version = self.version.load(Relaxed);
        f.debug_struct("Hub").field("version", &version).finish_non_exhaustive()
    }
}
