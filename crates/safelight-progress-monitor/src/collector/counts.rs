use crate::{shard::Shard, track::Track};

#[cfg(test)]
mod tests;

/// The shards of a tracker, so that no look has to take a lock to add them up.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Mostly it is the only one.
    first: Option<&'static Shard>,
    others: Vec<&'static Shard>,
}

impl Counts {
    /// Returns all that was counted.
    pub(super) fn n_done(&mut self, track: &Track) -> u64 {
        let n_known = usize::from(self.first.is_some()) + self.others.len();
        // A shard is announced before anything is counted in it.
        if n_known < track.n_shards() {
            let mut new = track.shards(n_known).into_iter();
            self.first = self.first.or_else(|| new.next());
            self.others.extend(new);
        }
        let shards = self.first.iter().chain(&self.others);
        shards.fold(track.n_late(), |sum, shard| sum.wrapping_add(shard.count()))
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.others.capacity() * size_of::<&Shard>()
    }
}
