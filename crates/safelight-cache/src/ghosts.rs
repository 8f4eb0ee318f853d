use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::policy::Frequency;

/// How often keys were asked for that are not held, so that they need not start anew.
///
/// Keys are known by their hash: two keys with one hash share a frequency, which costs a
/// worse choice at most.
#[derive(Debug, Default)]
pub(crate) struct Ghosts {
    frequencies: HashMap<u64, Frequency, FixedState>,
}

impl Ghosts {
    /// Returns and forgets what is known of a key.
    pub(crate) fn take(&mut self, hash: u64) -> Frequency {
        self.frequencies.remove(&hash).unwrap_or(Frequency::ZERO)
    }

    /// Remembers a key; where that makes more than `max`, forgets the rarer half.
    pub(crate) fn put(&mut self, hash: u64, frequency: Frequency, max: usize) {
        self.frequencies.insert(hash, frequency);
        if max < self.frequencies.len() {
            self.forget_half();
        }
    }

    fn forget_half(&mut self) {
        let mut all: Vec<Frequency> = self.frequencies.values().copied().collect();
        let middle_idx = all.len() / 2;
        let (_, middle, _) =
            all.select_nth_unstable_by(middle_idx, |a, b| a.total_cmp(*b));
        let middle = *middle;
        let n_before = self.frequencies.len();
        self.frequencies.retain(|_, frequency| middle < *frequency);
        if self.frequencies.len() == n_before {
            // They are all alike.
            self.frequencies.clear();
        }
    }

    /// Forgets the rarer ones until there are `max`, and gives their memory back.
    pub(crate) fn shrink(&mut self, max: usize) {
        while max < self.frequencies.len() {
            self.forget_half();
        }
        self.frequencies.shrink_to(max);
    }

    pub(crate) fn clear(&mut self) {
        self.frequencies = HashMap::default();
    }
}

#[cfg(test)]
mod tests {
    use super::{Frequency, Ghosts};

    #[test]
    fn the_rarer_half_is_forgotten() {
        let mut ghosts = Ghosts::default();
        for n in 1..=9 {
            ghosts.put(u64::from(n), Frequency::ZERO.plus(n, 0), 8);
        }
        assert_eq!(ghosts.frequencies.len(), 4);
        assert_eq!(ghosts.take(9), Frequency::ZERO.plus(9, 0));
        assert_eq!(ghosts.take(9), Frequency::ZERO);
        assert_eq!(ghosts.take(2), Frequency::ZERO);
    }
}
