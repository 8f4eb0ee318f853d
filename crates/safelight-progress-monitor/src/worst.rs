use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

#[cfg(test)]
mod tests;

/// Values that are kept at most; beyond, close ones are taken for one.
const MOST: usize = 8;

/// The longest time within a sliding window.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worst {
    /// The newest last, each longer than those after it.
    times: VecDeque<(Instant, Duration)>,
}

impl Worst {
    pub(crate) fn add(&mut self, at: Instant, time: Duration) {
        while self.times.back().is_some_and(|(_, other)| *other <= time) {
            self.times.pop_back();
        }
        if self.times.len() == MOST {
            // The longer of the last two stays as long as the other one would.
            let idx = MOST - 2;
            self.times[idx].0 = self.times[MOST - 1].0;
            self.times.pop_back();
        }
        self.times.push_back((at, time));
    }

    /// Returns the longest that is not older than the window.
    pub(crate) fn within(&mut self, window: Duration, now: Instant) -> Option<Duration> {
        let is_old = |at: Instant| window < now.saturating_duration_since(at);
        while self.times.front().is_some_and(|(at, _)| is_old(*at)) {
            self.times.pop_front();
        }
        self.times.front().map(|(_, time)| *time)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.times.capacity() * size_of::<(Instant, Duration)>()
    }
}
