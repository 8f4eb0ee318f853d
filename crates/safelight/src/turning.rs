use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Mutex, atomic::Ordering::Relaxed},
};

use safelight_cache::{Class, Limits};
use safelight_core::{ByteSize, Clock};

use crate::{
    Event,
    actions::{Actions, Change, Knob, Mode},
    safelight::{Parts, lock},
};

/// What was decided and is still to be done, in the order of the decisions.
///
/// Consumers and values are called while it is done, and these may call everything: so it is
/// decided with locks and done without. One thread at a time does it; what is decided in the
/// meantime, by those who are called as well, is done by that thread.
#[derive(Debug, Default)]
pub(crate) struct Turning {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    due: VecDeque<Turn>,
    is_at_it: bool,
}

/// Something that is to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// What jobs and caches may take together.
    Capacity(ByteSize),
    /// How many entries the cache may hold.
    CacheEntries(Option<usize>),
    Knob(Knob, u64),
}

impl Turning {
    /// Adds what a decision leads to, under the lock of that decision.
    pub(crate) fn push(&self, turns: impl IntoIterator<Item = Turn>) {
        lock(&self.state).due.extend(turns);
    }

    /// Takes over, unless somebody is at it.
    fn begin(&self) -> bool {
        !std::mem::replace(&mut lock(&self.state).is_at_it, true)
    }

    /// Returns what is next; without more, the caller is not at it any longer.
    fn next(&self) -> Option<Turn> {
        let mut state = lock(&self.state);
        let next = state.due.pop_front();
        state.is_at_it = next.is_some();
        next
    }
}

impl Parts {
    /// Decides about knobs, turns them, and tells of it.
    pub(crate) fn act(&self, decide: impl FnOnce(&mut Actions) -> Vec<Change>) {
        let mut actions = lock(&self.actions);
        let changes = decide(&mut actions);
        let real = changes.iter().filter(|change| change.mode == Mode::Act);
        self.turning.push(real.map(|change| Turn::Knob(change.knob, change.after)));
        drop(actions);
        self.carry_out();
        for change in changes {
            self.listener.tell(|| Event::Changed(change));
        }
    }

    /// Does what is due, unless another thread is at it, which then does it; with no lock held.
    pub(crate) fn carry_out(&self) {
        if !self.turning.begin() {
            return;
        }
        while let Some(turn) = self.turning.next() {
            self.panics.contain(|| self.set(turn));
        }
    }

    fn set(&self, turn: Turn) {
        match turn {
            Turn::Capacity(bytes) => {
                if let Some(permits) = &self.permits {
                    permits.set_capacity(bytes);
                }
            }
            Turn::CacheEntries(entries) => {
                if let Some(cache) = &self.cache {
                    let Limits { bytes, .. } = cache.limits(Class::Bulk);
                    cache.set_limits(Class::Bulk, Limits { bytes, entries });
                }
            }
            Turn::Knob(knob, value) => self.turn(knob, value),
        }
    }

    fn turn(&self, knob: Knob, value: u64) {
        match knob {
            Knob::CacheBytes => self.set_cache_bytes(ByteSize::from_bytes(value)),
            Knob::Jobs => {
                let limit = usize::try_from(value).unwrap_or(usize::MAX);
                let limit = NonZeroUsize::new(limit).unwrap_or(NonZeroUsize::MIN);
                self.gate.set_limit(limit);
            }
            Knob::Patience => self.patience_ns.store(value, Relaxed),
            Knob::Purge => {
                // Where this allocator cannot be asked there is nothing to be done.
                let _ = safelight_alloc::purge();
            }
            // The monitor does it itself, and who works on a GPU asks for the value.
            Knob::Interval | Knob::GpuBatch(_) => {}
        }
    }

    /// Sets the limit of the cache, and what the permits reckon with.
    fn set_cache_bytes(&self, bytes: ByteSize) {
        let Some(cache) = &self.cache else { return };
        let Limits { bytes: before, entries } = cache.limits(Class::Bulk);
        if before == bytes {
            return;
        }
        cache.set_limits(Class::Bulk, Limits { bytes, entries });
        if let Some(registration) = &self.registration {
            registration.set_configured(bytes);
        }
    }

    /// Turns everything back that an action has turned.
    pub(crate) fn turn_back(&self) {
        if let Some(now) = self.panics.contain(|| self.clock.now()) {
            self.act(|actions| actions.undo_all(now));
        }
    }
}
