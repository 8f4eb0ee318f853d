use std::{
    cell::{Cell, RefCell},
    sync::{Arc, Weak},
};

use crate::{shard::Shard, sync::thread_local, track::Track};

thread_local! {
    /// The shard that this thread added to last; it needs no bookkeeping to be looked at.
    static LAST: Cell<Option<(u64, &'static Shard)>> = const { Cell::new(None) };

    /// The shards that this thread owns.
    static CELLS: RefCell<Cells> = const { RefCell::new(Cells { slots: Vec::new(), n: 0 }) };
}

/// A table from trackers to the shards of one thread.
///
/// Numbers of trackers are given in a row, so mostly each is at the place of its number.
struct Cells {
    /// Open addressing; the length is 0 or a power of two, and at most half is in use.
    slots: Vec<Option<Owned>>,
    n: usize,
}

/// A shard, and whom it is given back to when the thread ends.
struct Owned {
    id: u64,
    shard: &'static Shard,
    track: Weak<Track>,
}

/// Adds to the calling thread's shard of a tracker.
#[inline]
pub(crate) fn add(track: &Arc<Track>, n: u64) {
    match LAST.try_with(Cell::get) {
        Ok(Some((id, shard))) if id == track.id => {
            if shard.add(n) {
                track.wake();
            }
        }
        _ => add_by_table(track, n),
    }
}

/// Finds the shard in the table of the thread, and remembers it.
fn add_by_table(track: &Arc<Track>, n: u64) {
    let added = CELLS.try_with(|cells| {
        // An allocator that counts its own work may come here a second time.
        let mut cells = cells.try_borrow_mut().ok()?;
        let shard = cells.shard(track);
        let _ = LAST.try_with(|last| last.set(Some((track.id, shard))));
        Some(shard.add(n))
    });
    match added {
        Ok(Some(false)) => {}
        Ok(Some(true)) => track.wake(),
        Ok(None) | Err(_) => track.add_late(n),
    }
}

impl Cells {
    /// Returns the shard for a tracker, which is a new one at first.
    fn shard(&mut self, track: &Arc<Track>) -> &'static Shard {
        let home_idx = track.id as usize & self.slots.len().wrapping_sub(1);
        if let Some(Some(owned)) = self.slots.get(home_idx)
            && owned.id == track.id
        {
            return owned.shard;
        }
        let idx = self.find_or_insert(track);
        let owned = self.slots[idx].as_ref();
        owned.expect("it was found or inserted").shard
    }

    fn find_or_insert(&mut self, track: &Arc<Track>) -> usize {
        if self.slots.len() < 2 * (self.n + 1) {
            self.grow();
        }
        let idx = self.place(track.id);
        if self.slots[idx].is_none() {
            let shard = track.take_shard();
            let owned = Owned { id: track.id, shard, track: Arc::downgrade(track) };
            self.slots[idx] = Some(owned);
            self.n += 1;
        }
        idx
    }

    /// Returns where a tracker is, or where it would be.
    fn place(&self, id: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut idx = id as usize & mask;
        while self.slots[idx].as_ref().is_some_and(|owned| owned.id != id) {
            idx = (idx + 1) & mask;
        }
        idx
    }

    /// Forgets trackers that are gone, and makes room for as many again.
    fn grow(&mut self) {
        let mut live: Vec<Owned> = self.slots.drain(..).flatten().collect();
        live.retain(|owned| 0 < owned.track.strong_count());
        self.n = live.len();
        let n_slots = (4 * (self.n + 1)).next_power_of_two();
        self.slots.resize_with(n_slots, || None);
        self.slots.shrink_to(n_slots);
        for owned in live {
            let idx = self.place(owned.id);
            self.slots[idx] = Some(owned);
        }
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        // What ends later in this thread must not count where the next owner does.
        let _ = LAST.try_with(|last| last.set(None));
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(track) = self.track.upgrade() {
            track.give_back(self.shard);
        }
    }
}
