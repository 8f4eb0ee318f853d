use std::{
    borrow::Borrow,
    collections::{HashMap, VecDeque},
    hash::Hash,
};

use crate::LoadError;

/// Keys that are remembered at most; the oldest is forgotten.
const MAX_REMEMBERED: usize = 1024;

/// Loads that failed a short while ago.
#[derive(Debug)]
pub(crate) struct Failures<K> {
    errors: HashMap<K, (LoadError, u64)>,
    /// The keys by deadline; some may have been forgotten or be there twice.
    by_deadline: VecDeque<(K, u64)>,
}

impl<K: Hash + Eq + Clone> Failures<K> {
    /// Remembers a failure until `deadline_ns`, which is never earlier than those before.
    pub(crate) fn put(
        &mut self,
        key: K,
        error: LoadError,
        deadline_ns: u64,
        now_ns: u64,
    ) {
        let is_over = |(_, deadline_ns): &(K, u64)| *deadline_ns <= now_ns;
        while self.by_deadline.front().is_some_and(is_over)
            || MAX_REMEMBERED <= self.by_deadline.len()
        {
            let Some((key, deadline_ns)) = self.by_deadline.pop_front() else { break };
            if self.errors.get(&key).is_some_and(|(_, known)| *known == deadline_ns) {
                self.errors.remove(&key);
            }
        }
        self.by_deadline.push_back((key.clone(), deadline_ns));
        self.errors.insert(key, (error, deadline_ns));
    }

    /// Returns the failure of a key, if it is remembered still.
    pub(crate) fn get(&self, key: &K, now_ns: u64) -> Option<LoadError> {
        let (error, deadline_ns) = self.errors.get(key)?;
        (now_ns < *deadline_ns).then(|| error.remembered())
    }

    pub(crate) fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.errors.remove(key);
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.errors.keys()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }
}

impl<K> Default for Failures<K> {
    fn default() -> Self {
        Self { errors: HashMap::new(), by_deadline: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Failures, MAX_REMEMBERED};
    use crate::LoadError;

    #[test]
    fn the_number_is_bounded_and_the_oldest_go_first() {
        let mut failures = Failures::default();
        for key in 0..=MAX_REMEMBERED as u64 {
            failures.put(key, LoadError::failed("no".into()), key + 10_000, key);
        }
        assert_eq!(failures.errors.len(), MAX_REMEMBERED);
        assert!(failures.get(&0, 0).is_none());
        assert!(failures.get(&1, 0).is_some());
        failures.put(7, LoadError::failed("no".into()), 90_000, 50_000);
        assert_eq!(failures.errors.len(), 1, "those whose time was over are gone");
        assert_eq!(failures.by_deadline.len(), 1);
    }
}
