use std::{collections::BTreeMap, sync::Arc, time::Instant};

use super::{moment::Moment, queue::Queue, tracking::Tracking};
use crate::{Frame, TrackerFrame, alarms::Alarms, hub::Hub, track::Track};

/// The collector's side of all trackers and gauges.
#[derive(Debug, Default)]
pub(super) struct Registry {
    /// Children right below their parents.
    trackings: Vec<Tracking>,
    queues: Vec<Queue>,
    /// Trackers whose end was shown and that may still count, with their counts.
    ended: Vec<(Arc<Track>, u64)>,
    /// Counted by trackers that are gone.
    n_gone: u64,
    /// Counted by trackers that came and went before they were seen here.
    n_unseen: u64,
    /// The state of the hub that this agrees with.
    version: u64,
    next_queue: u64,
    /// Whether trackers are gone since they were put in order.
    is_thinned: bool,
    /// Counted by those that are there.
    n_there: u64,
    /// Whether one of them was seen to be over.
    is_any_over: bool,
    /// Whether counts wake whoever waits for them.
    is_armed: bool,
}

/// How much of the trackers is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    Full,
    /// No children.
    Low,
}

impl Registry {
    /// Looks at all trackers, of which children are hidden where detail is low; says
    /// whether anything was counted.
    pub(super) fn look(
        &mut self,
        moment: &Moment<'_>,
        detail: Detail,
        alarms: &mut Alarms,
        frame: &mut Frame,
    ) -> bool {
        let (mut has_news, mut n_shown) = (false, 0);
        for tracking in &mut self.trackings {
            let n_before = tracking.n_done;
            let shown = place(&mut frame.trackers, n_shown, &tracking.track);
            tracking.step(moment, alarms, shown);
            frame.n_in_flight += shown.n_in_flight;
            frame.oldest = frame.oldest.max(shown.oldest);
            let n_new = tracking.n_done.wrapping_sub(n_before);
            self.n_there = self.n_there.wrapping_add(n_new);
            self.is_any_over |= tracking.is_over;
            has_news |= 0 < n_new;
            if detail == Detail::Low && 0 < tracking.depth {
                frame.n_hidden += 1;
            } else {
                n_shown += 1;
            }
        }
        frame.trackers.truncate(n_shown);
        has_news
    }

    pub(super) fn queues(&mut self) -> &mut [Queue] {
        &mut self.queues
    }

    pub(super) fn arm(&mut self) {
        self.is_armed = true;
        self.trackings.iter().for_each(|tracking| tracking.track.arm());
        self.queues.iter().for_each(Queue::arm);
    }

    pub(super) fn disarm(&mut self) {
        if !std::mem::take(&mut self.is_armed) {
            return;
        }
        self.trackings.iter().for_each(|tracking| tracking.track.disarm());
        self.queues.iter().for_each(Queue::disarm);
    }

    pub(super) fn has_news(&self, hub: &Hub) -> bool {
        self.version != hub.version()
            || self.trackings.iter().any(Tracking::has_news)
            || self.queues.iter().any(Queue::has_news)
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
        let (tracks, n_unseen) = hub.tracks();
        self.n_unseen = n_unseen;
        for (track, depth) in in_order(&tracks) {
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

    /// Removes trackers whose end was shown; what they counted stays.
    pub(super) fn remove_finished(
        &mut self,
        hub: &Hub,
        now: Instant,
        alarms: &mut Alarms,
    ) {
        self.look_at_ended();
        if !std::mem::take(&mut self.is_any_over) {
            return;
        }
        let mut gone = Vec::new();
        for tracking in self.trackings.iter_mut().filter(|tracking| tracking.is_over) {
            tracking.end(now, alarms);
            gone.push(tracking.track.id);
            self.n_there = self.n_there.wrapping_sub(tracking.n_done);
            self.ended.push((Arc::clone(&tracking.track), tracking.n_done));
        }
        self.trackings.retain(|tracking| !tracking.is_over);
        self.is_thinned = true;
        gone.sort_unstable();
        hub.remove_tracks(|id| gone.binary_search(&id).is_ok());
        self.look_at_ended();
    }

    /// Counts what came after the end, and forgets those that nobody has any more.
    fn look_at_ended(&mut self) {
        let n_gone = &mut self.n_gone;
        self.ended.retain_mut(|(track, n_done)| {
            // The release is read first: the count is then the last one.
            let is_released = track.is_released();
            *n_done = track.n_done();
            if is_released {
                *n_gone = n_gone.wrapping_add(*n_done);
            }
            !is_released
        });
    }

    /// Removes queues whose gauge is gone.
    pub(super) fn forget_queues(&mut self) {
        self.queues.retain(|queue| 0 < queue.level.strong_count());
    }

    /// Returns what all trackers counted, those that are gone included.
    pub(super) fn n_done(&self) -> u64 {
        let ended = self.ended.iter().map(|(_, n_done)| *n_done);
        let gone = self.n_gone.wrapping_add(self.n_unseen);
        ended.fold(self.n_there.wrapping_add(gone), u64::wrapping_add)
    }

    /// Lets silence count from now on, as nobody looked for a while.
    pub(super) fn resume(&mut self) {
        self.trackings.iter_mut().for_each(Tracking::resume);
        self.queues.iter_mut().for_each(Queue::resume);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let of_trackers: usize = self.trackings.iter().map(Tracking::heap_bytes).sum();
        let of_ended: usize =
            self.ended.iter().map(|(track, _)| track.heap_bytes()).sum();
        of_trackers
            + of_ended
            + self.ended.capacity() * size_of::<(Arc<Track>, u64)>()
            + self.trackings.capacity() * size_of::<Tracking>()
            + self.queues.capacity() * size_of::<Queue>()
    }
}

/// Returns the place of a tracker, which mostly was its place at the look before.
fn place<'a>(
    places: &'a mut Vec<TrackerFrame>,
    idx: usize,
    track: &Track,
) -> &'a mut TrackerFrame {
    match places.get(idx) {
        None => places.push(TrackerFrame::new(track.id, &track.name)),
        Some(place) if place.id == track.id => {}
        Some(_) => places[idx] = TrackerFrame::new(track.id, &track.name),
    }
    &mut places[idx]
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
