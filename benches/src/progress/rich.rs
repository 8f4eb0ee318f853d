//! The time left as rich, a library for Python, tells it.

use std::collections::VecDeque;

/// Samples that are kept at most.
const MOST: usize = 1000;

/// The formula of rich, written anew.
///
/// What was advanced in the last 30 s, over the time from the first of these samples to the
/// last one, rounded up to whole seconds. Samples go when a new one comes, so while nothing
/// comes the speed stays as it was. `tests/rich_recording.rs` holds it to recordings of rich.
#[derive(Clone, Debug)]
pub struct Rich {
    total: u64,
    n_done: u64,
    /// In seconds.
    period: f64,
    /// When, and how many.
    samples: VecDeque<(f64, u64)>,
}

impl Rich {
    /// The time that is looked back on, in seconds, if nothing else is said.
    pub const PERIOD: f64 = 30.0;

    /// Begins a job.
    pub fn new(total: u64) -> Self {
        Self { total, n_done: 0, period: Self::PERIOD, samples: VecDeque::new() }
    }

    /// Takes in that so many more are done, at a moment in seconds.
    pub fn advance(&mut self, now: f64, n: u64) {
        self.n_done += n;
        while self.samples.front().is_some_and(|(at, _)| *at < now - self.period) {
            self.samples.pop_front();
        }
        if self.samples.len() == MOST {
            self.samples.pop_front();
        }
        self.samples.push_back((now, n));
    }

    /// Returns the seconds that are left, if anything can be said.
    pub fn left(&self) -> Option<f64> {
        if self.total <= self.n_done {
            return Some(0.0);
        }
        let (first, last) = (self.samples.front()?.0, self.samples.back()?.0);
        // What the first one took is not known.
        let n: u64 = self.samples.iter().skip(1).map(|(_, n)| n).sum();
        if last <= first || n == 0 {
            return None;
        }
        let speed = n as f64 / (last - first);
        Some(((self.total - self.n_done) as f64 / speed).ceil())
    }
}
