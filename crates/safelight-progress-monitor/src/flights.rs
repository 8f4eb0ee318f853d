use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::durations::Durations;

/// The timed updates of one tracker: those that go on, and how long the others took.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    /// In the order of their beginning, so the first is the oldest.
    open: BTreeMap<u64, Instant>,
    next: u64,
    /// The longest that ended since the collector looked.
    longest: Option<Duration>,
    durations: Option<Box<Durations>>,
    n_abandoned: u64,
}

impl Flights {
    pub(crate) fn begin(&mut self, now: Instant) -> u64 {
        let flight = self.next;
        self.next += 1;
        self.open.insert(flight, now);
        flight
    }

    pub(crate) fn complete(&mut self, flight: u64, took: Duration) {
        self.open.remove(&flight);
        self.longest = self.longest.max(Some(took));
        self.durations.get_or_insert_default().add(took);
    }

    pub(crate) fn abandon(&mut self, flight: u64) {
        self.open.remove(&flight);
        self.n_abandoned += 1;
    }

    pub(crate) fn n_open(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn n_abandoned(&self) -> u64 {
        self.n_abandoned
    }

    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.open.first_key_value().map(|(_, at)| *at)
    }

    pub(crate) fn take_longest(&mut self) -> Option<Duration> {
        self.longest.take()
    }

    pub(crate) fn durations(&self) -> Option<&Durations> {
        self.durations.as_deref()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let durations = self.durations.as_ref().map_or(0, |_| size_of::<Durations>());
        // The nodes of the map are two thirds full, as a rule.
        durations + self.open.len() * 24 * 3 / 2
    }
}
