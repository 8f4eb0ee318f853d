use std::{collections::BTreeMap, sync::Arc, time::Instant};

use super::{queue::Queue, tracking::Tracking};
use crate::{alarms::Alarms, hub::Hub, track::Track};

/// The collector's side of all trackers and gauges.
#[derive(Debug, Default)]
pub(super) struct Registry {
    /// Children right below their parents.
    trackings: Vec<Tracking>,
    queues: Vec<Queue>,
    /// The state of the hub that this agrees with.
    version: u64,
    next_queue: u64,
    /// Whether trackers are gone since they were put in order.
    is_thinned: bool,
}

impl Registry {
    pub(super) fn trackings(&mut self) -> &mut [Tracking] {
        &mut self.trackings
    }

    pub(super) fn queues(&mut self) -> &mut [Queue] {
        &mut self.queues
    }

    pub(super) fn arm(&self) {
        self.trackings.iter().for_each(|tracking| tracking.track.arm());
    }

    pub(super) fn disarm(&self) {
        self.trackings.iter().for_each(|tracking| tracking.track.disarm());
    }

    pub(super) fn has_news(&self, hub: &Hub) -> bool {
        self.version != hub.version() || self.trackings.iter().any(Tracking::has_news)
    }

    /// Takes over what was added; says whether there was any.
    pub(super) fn refresh(&mut self, hub: &Hub) -> bool {
        let version = hub.version();
        let is_new = self.version < version;
        if !is_new && !self.is_thinned {
            return false;
        }
        (self.version, self.is_thinned) = (version, false);
        let mut known: BTreeMap<u64, Tracking> =
            self.trackings.drain(..).map(|known| (known.track.id, known)).collect();
        for (track, depth) in in_order(&hub.tracks()) {
            let old = known.remove(&track.id);
            let mut tracking = old.unwrap_or_else(|| Tracking::new(track, depth));
            tracking.depth = depth;
            self.trackings.push(tracking);
        }
        // Gauges are added at the end only, so those after the latest one are new.
        for level in hub.levels(self.next_queue) {
            self.next_queue = level.id + 1;
            self.queues.push(Queue::new(&level));
        }
        is_new
    }

    /// Removes trackers whose end was shown; returns how much they counted.
    pub(super) fn remove_finished(
        &mut self,
        hub: &Hub,
        now: Instant,
        alarms: &mut Alarms,
    ) -> u64 {
        if !self.trackings.iter().any(|tracking| tracking.is_over) {
            return 0;
        }
        let mut n_done = 0_u64;
        let mut gone = Vec::new();
        for tracking in self.trackings.iter_mut().filter(|tracking| tracking.is_over) {
            tracking.end(now, alarms);
            n_done = n_done.wrapping_add(tracking.n_done);
            gone.push(tracking.track.id);
        }
        self.trackings.retain(|tracking| !tracking.is_over);
        self.is_thinned = true;
        gone.sort_unstable();
        hub.remove_tracks(|id| gone.binary_search(&id).is_ok());
        n_done
    }

    /// Removes queues whose gauge is gone.
    pub(super) fn forget_queues(&mut self) {
        self.queues.retain(|queue| 0 < queue.level.strong_count());
    }

    pub(super) fn n_done(&self) -> u64 {
        let counts = self.trackings.iter().map(|tracking| tracking.n_done);
        counts.fold(0, u64::wrapping_add)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let of_trackers: usize = self.trackings.iter().map(Tracking::heap_bytes).sum();
        of_trackers
            + self.trackings.capacity() * size_of::<Tracking>()
            + self.queues.capacity() * size_of::<Queue>()
    }
}

/// Puts children right below their parents, and says how deep each is.
fn in_order(tracks: &[Arc<Track>]) -> Vec<(Arc<Track>, usize)> {
    let ids: BTreeMap<u64, usize> =
        tracks.iter().enumerate().map(|(idx, track)| (track.id, idx)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); tracks.len()];
    let mut pending = Vec::new();
    for (idx, track) in tracks.iter().enumerate() {
        // The child of one that is gone stands for itself.
        match track.parent.and_then(|parent| ids.get(&parent)) {
            Some(parent_idx) => children[*parent_idx].push(idx),
            None => pending.push((idx, 0)),
        }
    }
    pending.reverse();
    let mut ordered = Vec::with_capacity(tracks.len());
    while let Some((idx, depth)) = pending.pop() {
        pending.extend(children[idx].iter().rev().map(|child| (*child, depth + 1)));
        ordered.push((Arc::clone(&tracks[idx]), depth));
    }
    ordered
}
