use std::time::{Duration, Instant};

use crate::durations::Durations;

/// The timed updates of one tracker: those that go on, and how long the others took.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    /// When each began; the places of those that ended are used again.
    places: Vec<Option<Instant>>,
    free: Vec<usize>,
    n_begun: u64,
    /// Whether the collector sleeps and wants to be woken by the next one.
    pub(crate) is_armed: bool,
    /// The longest that ended since the collector looked.
    longest: Option<Duration>,
    durations: Option<Box<Durations>>,
    n_abandoned: u64,
}

impl Flights {
    /// Begins one; returns its place.
    pub(crate) fn begin(&mut self, now: Instant) -> usize {
        self.n_begun += 1;
        if let Some(place) = self.free.pop() {
            self.places[place] = Some(now);
            return place;
        }
        self.places.push(Some(now));
        // So that no end has to make room.
        self.free.reserve(self.places.len());
        self.places.len() - 1
    }

    pub(crate) fn complete(&mut self, place: usize, took: Duration) {
        self.end(place);
        self.longest = self.longest.max(Some(took));
        self.durations.get_or_insert_default().add(took);
    }

    pub(crate) fn abandon(&mut self, place: usize) {
        self.end(place);
        self.n_abandoned += 1;
    }

    fn end(&mut self, place: usize) {
        self.places[place] = None;
        self.free.push(place);
    }

    pub(crate) fn n_begun(&self) -> u64 {
        self.n_begun
    }

    pub(crate) fn n_open(&self) -> usize {
        self.places.len() - self.free.len()
    }

    pub(crate) fn n_abandoned(&self) -> u64 {
        self.n_abandoned
    }

    /// Looks at all; only the collector asks.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.places.iter().flatten().min().copied()
    }

    /// Whether one began at such a moment; only the collector asks.
    pub(crate) fn any(&self, is_meant: impl FnMut(Instant) -> bool) -> bool {
        self.places.iter().flatten().copied().any(is_meant)
    }

    pub(crate) fn take_longest(&mut self) -> Option<Duration> {
        self.longest.take()
    }

    pub(crate) fn durations(&self) -> Option<&Durations> {
        self.durations.as_deref()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let durations = self.durations.as_ref().map_or(0, |_| size_of::<Durations>());
        durations
            + self.places.capacity() * size_of::<Option<Instant>>()
            + self.free.capacity() * size_of::<usize>()
    }
}
