use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use crate::{
    profiler::Shared,
    ring::{CAPACITY, Ring},
    sample::Sample,
};

/// Operations that one thread may have open at once and still be recorded.
pub(crate) const MAX_OPEN: usize = 64;

const _: () = assert!(
    MAX_OPEN < CAPACITY || cfg!(loom),
    "every open operation needs a slot to end in"
);

thread_local! {
    /// This thread's lanes, one for each profiler that it met; the latest one first.
    static LANES: RefCell<Vec<Lane>> = const { RefCell::new(Vec::new()) };
}

/// The part of a lane that the profiler sees too.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) ring: Ring,
    /// Index + 1 of the operation open in each slot, or 0.
    open: [AtomicU64; MAX_OPEN],
    /// Whether the thread has ended.
    closed: AtomicBool,
}

impl Outlet {
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    /// Returns the indexes of the operations that are open now.
    pub(crate) fn open_operations(&self) -> impl Iterator<Item = u32> {
        self.open.iter().filter_map(|slot| (slot.load(Relaxed) as u32).checked_sub(1))
    }
}

/// What one thread knows of one profiler.
struct Lane {
    profiler_id: u64,
    outlet: Arc<Outlet>,
    /// Ticks spent in the operations that ended inside the present one.
    children: u64,
    /// CPU nanoseconds that other threads spent for operations that ended here.
    workers_cpu_ns: u64,
    /// A bit for each slot of `open` that is in use.
    open: u64,
    random: u64,
}

/// The place that an operation took on its thread's lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    slot_idx: u8,
    outer_children: u64,
    workers_cpu_ns: u64,
}

/// Takes a place on this thread's lane, or `None` where too much is open already.
#[inline]
pub(crate) fn open(shared: &Shared, operation_idx: u32) -> Option<Place> {
    with_lane(shared, |lane| lane.open(shared, operation_idx)).flatten()
}

/// Gives the place back and records the sample; completes its self time and its CPU time.
///
/// `workers_cpu_ns` is what other threads spent for this operation.
#[inline]
pub(crate) fn close(
    shared: &Shared,
    place: Place,
    sample: &mut Sample,
    workers_cpu_ns: u64,
) {
    let closed = with_lane(shared, |lane| {
        lane.leave(place, sample, workers_cpu_ns);
        lane.outlet.ring.push(sample);
    });
    if closed.is_none() {
        shared.n_lost.fetch_add(1, Relaxed);
    }
}

/// Says yes once in so many times, at random.
#[inline]
pub(crate) fn draw(shared: &Shared, one_in: u64) -> bool {
    with_lane(shared, |lane| lane.draw().is_multiple_of(one_in)).unwrap_or(false)
}

/// Gives the place back and completes the sample, which is recorded later.
#[cfg(feature = "tracing")]
pub(crate) fn leave(shared: &Shared, place: Place, mut sample: Sample) -> Sample {
    with_lane(shared, |lane| lane.leave(place, &mut sample, 0));
    sample
}

/// Records a complete sample.
#[cfg(feature = "tracing")]
pub(crate) fn record(shared: &Shared, sample: Sample) {
    let recorded = with_lane(shared, |lane| {
        lane.make_room(shared);
        lane.outlet.ring.push(&sample);
    });
    if recorded.is_none() {
        shared.n_lost.fetch_add(1, Relaxed);
    }
}

/// Calls with this thread's lane, or not at all where the thread is being torn down.
#[inline]
fn with_lane<R>(shared: &Shared, call: impl FnOnce(&mut Lane) -> R) -> Option<R> {
    let called = LANES.try_with(|lanes| {
        let lanes = &mut *lanes.borrow_mut();
        if lanes.first().is_none_or(|lane| lane.profiler_id != shared.id) {
            bring_to_front(lanes, shared);
        }
        call(&mut lanes[0])
    });
    called.ok()
}

/// Returns the CPU nanoseconds that other threads spent for operations of this thread.
pub(crate) fn workers_cpu_ns(shared: &Shared) -> u64 {
    let spent = LANES.try_with(|lanes| {
        let lanes = lanes.borrow();
        lanes.iter().find(|lane| lane.profiler_id == shared.id).map(|l| l.workers_cpu_ns)
    });
    spent.ok().flatten().unwrap_or(0)
}

impl Lane {
    fn new(shared: &Shared) -> Self {
        let outlet = Arc::new(Outlet {
            ring: Ring::new(),
            open: [const { AtomicU64::new(0) }; MAX_OPEN],
            closed: AtomicBool::new(false),
        });
        let random = 1 | std::ptr::from_ref(&*outlet).addr() as u64;
        shared.register(&outlet);
        Self {
            profiler_id: shared.id,
            outlet,
            children: 0,
            workers_cpu_ns: 0,
            open: 0,
            random,
        }
    }

    #[inline]
    fn open(&mut self, shared: &Shared, operation_idx: u32) -> Option<Place> {
        if self.open == u64::MAX {
            shared.n_lost.fetch_add(1, Relaxed);
            return None;
        }
        self.make_room(shared);
        let slot_idx = self.open.trailing_ones();
        self.open |= 1 << slot_idx;
        self.outlet.open[slot_idx as usize].store(u64::from(operation_idx) + 1, Relaxed);
        Some(Place {
            slot_idx: slot_idx as u8,
            outer_children: std::mem::take(&mut self.children),
            workers_cpu_ns: self.workers_cpu_ns,
        })
    }

    /// Draws a number by Marsaglia's xorshift64.
    fn draw(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    /// Leaves a free slot for each open operation to end in, and one more.
    #[inline]
    fn make_room(&self, shared: &Shared) {
        if self.outlet.ring.n_free() <= self.open.count_ones() as usize {
            shared.fold(&self.outlet.ring);
        }
    }

    #[inline]
    fn leave(&mut self, place: Place, sample: &mut Sample, workers_cpu_ns: u64) {
        self.open &= !(1 << place.slot_idx);
        self.outlet.open[usize::from(place.slot_idx)].store(0, Relaxed);
        sample.self_wall = sample.wall.saturating_sub(self.children);
        self.children = place.outer_children + sample.wall;
        self.workers_cpu_ns += workers_cpu_ns;
        let by_workers = self.workers_cpu_ns - place.workers_cpu_ns;
        sample.cpu_ns = sample.cpu_ns.map(|own| own + by_workers);
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.outlet.closed.store(true, Relaxed);
    }
}

/// Finds or makes the lane of a profiler, and forgets those of dropped profilers.
#[cold]
fn bring_to_front(lanes: &mut Vec<Lane>, shared: &Shared) {
    if let Some(idx) = lanes.iter().position(|lane| lane.profiler_id == shared.id) {
        lanes.swap(0, idx);
        return;
    }
    // A living profiler holds the other end of the outlet.
    lanes.retain(|lane| 1 < Arc::strong_count(&lane.outlet));
    lanes.insert(0, Lane::new(shared));
}
