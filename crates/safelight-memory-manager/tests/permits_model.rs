//! Permits against a naive model: a list of those who wait, and a sum.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use proptest::prelude::*;
use safelight_core::{ByteSize, Consumer, Cost, Traits};
use safelight_memory_manager::{Permit, Permits, Reserve, ReserveError};

const CAPACITY: u64 = 20;

fn bytes(n: u64) -> ByteSize {
    ByteSize::from_bytes(n)
}

#[derive(Clone, Debug)]
enum Call {
    Wait(u64),
    Try(u64),
    /// Indices are taken modulo the number there is.
    Release(usize),
    Cancel(usize),
    Grow(usize, u64),
    Shrink(usize, u64),
    SetCapacity(u64),
    SetBudgets(u64),
    /// Something is put into a consumer, which keeps what its budget lets it.
    Fill(usize, u64),
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        5 => (0u64..24).prop_map(Call::Wait),
        3 => (0u64..24).prop_map(Call::Try),
        5 => any::<usize>().prop_map(Call::Release),
        2 => any::<usize>().prop_map(Call::Cancel),
        2 => (any::<usize>(), 0u64..12).prop_map(|(idx, n)| Call::Grow(idx, n)),
        1 => (any::<usize>(), 0u64..12).prop_map(|(idx, n)| Call::Shrink(idx, n)),
        1 => (4u64..24).prop_map(Call::SetCapacity),
        2 => (0u64..24).prop_map(Call::SetBudgets),
        3 => (any::<usize>(), 0u64..12).prop_map(|(idx, n)| Call::Fill(idx, n)),
    ]
}

/// A request that was started, and what became of it.
struct Waiting {
    reserve: Pin<Box<Reserve>>,
    id: usize,
    wanted: u64,
}

/// The permits under test beside the model of them.
struct Pair {
    permits: Permits,
    granted: Vec<(usize, Permit)>,
    waiting: Vec<Waiting>,
    next_id: usize,
    // The model.
    capacity: u64,
    model_granted: Vec<(usize, u64)>,
    model_waiting: Vec<(usize, u64)>,
}

impl Pair {
    fn new() -> Self {
        Self {
            permits: Permits::new(bytes(CAPACITY)),
            granted: Vec::new(),
            waiting: Vec::new(),
            next_id: 0,
            capacity: CAPACITY,
            model_granted: Vec::new(),
            model_waiting: Vec::new(),
        }
    }

    fn sum(&self) -> u64 {
        self.model_granted.iter().map(|(_, n)| n).sum()
    }

    fn fits(&self, n: u64) -> bool {
        self.sum() <= self.capacity && n <= self.capacity - self.sum()
    }

    /// Fails who can never be granted; grants from the head on.
    fn settle_model(&mut self) -> Vec<usize> {
        let capacity = self.capacity;
        let never = |(_, n): &(usize, u64)| capacity < *n;
        let failed =
            self.model_waiting.iter().filter(|w| never(w)).map(|w| w.0).collect();
        self.model_waiting.retain(|waiter| !never(waiter));
        while let Some(&(id, n)) = self.model_waiting.first() {
            if !self.fits(n) {
                break;
            }
            self.model_waiting.remove(0);
            self.model_granted.push((id, n));
        }
        failed
    }

    /// Polls all that wait; returns those that failed.
    fn settle(&mut self) -> Vec<usize> {
        let mut failed = Vec::new();
        let mut ctx = Context::from_waker(Waker::noop());
        for mut waiting in std::mem::take(&mut self.waiting) {
            match waiting.reserve.as_mut().poll(&mut ctx) {
                Poll::Pending => self.waiting.push(waiting),
                Poll::Ready(Ok(permit)) => {
                    assert_eq!(permit.bytes(), bytes(waiting.wanted));
                    self.granted.push((waiting.id, permit));
                }
                Poll::Ready(Err(error)) => {
                    assert!(error.is_never_fits(), "{error}");
                    failed.push(waiting.id);
                }
            }
        }
        failed
    }

    fn carry_out(&mut self, call: &Call) {
        let id = self.next_id;
        self.next_id += 1;
        match *call {
            Call::Wait(n) => {
                let reserve = Box::pin(self.permits.reserve_async("job", bytes(n)));
                self.waiting.push(Waiting { reserve, id, wanted: n });
                self.model_waiting.push((id, n));
            }
            Call::Try(n) => {
                let ours = self.permits.try_reserve("job", bytes(n));
                let nobody_waits = self.model_waiting.is_empty();
                self.check_error(ours.as_ref().err(), n);
                assert_eq!(ours.is_ok(), nobody_waits && self.fits(n));
                if let Ok(permit) = ours {
                    self.granted.push((id, permit));
                    self.model_granted.push((id, n));
                }
            }
            Call::Release(idx) if !self.granted.is_empty() => {
                let (id, _) = self.granted.remove(idx % self.granted.len());
                self.model_granted.retain(|granted| granted.0 != id);
            }
            Call::Cancel(idx) if !self.waiting.is_empty() => {
                let waiting = self.waiting.remove(idx % self.waiting.len());
                self.model_waiting.retain(|waiter| waiter.0 != waiting.id);
            }
            Call::Grow(idx, n) if !self.granted.is_empty() => {
                let idx = idx % self.granted.len();
                let fits = self.model_waiting.is_empty() && self.fits(n);
                let (id, permit) = &mut self.granted[idx];
                let wanted = permit.bytes().bytes() + n;
                let fits = fits && wanted <= self.capacity;
                let (id, outcome) = (*id, permit.try_grow(bytes(n)));
                self.check_error(outcome.as_ref().err(), wanted);
                assert_eq!(outcome.is_ok(), fits);
                let model = self.model_granted.iter_mut().find(|m| m.0 == id);
                model.expect("it is granted").1 += if fits { n } else { 0 };
            }
            Call::Shrink(idx, n) if !self.granted.is_empty() => {
                let idx = idx % self.granted.len();
                let (id, permit) = &mut self.granted[idx];
                permit.shrink_to(bytes(n));
                let model = self.model_granted.iter_mut().find(|m| m.0 == *id);
                let held = &mut model.expect("it is granted").1;
                *held = n.min(*held);
            }
            Call::SetCapacity(n) => {
                self.permits.set_capacity(bytes(n));
                self.capacity = n;
            }
            _ => {}
        }
    }

    fn check_error(&self, error: Option<&ReserveError>, wanted: u64) {
        if let Some(error) = error {
            assert_eq!(error.is_never_fits(), self.capacity < wanted, "{error}");
        }
    }

    fn check(&self) {
        let ids = |list: &[(usize, Permit)]| -> Vec<_> {
            let mut ids: Vec<_> = list.iter().map(|(id, p)| (*id, p.bytes())).collect();
            ids.sort_unstable();
            ids
        };
        let mut model: Vec<_> =
            self.model_granted.iter().map(|(id, n)| (*id, bytes(*n))).collect();
        model.sort_unstable();
        assert_eq!(ids(&self.granted), model);
        let usage = self.permits.usage();
        assert_eq!(usage.granted, bytes(self.sum()));
        assert_eq!(usage.n_waiting, self.model_waiting.len());
    }
}

proptest! {
    #[test]
    fn m05_agrees_with_the_model(calls in prop::collection::vec(call(), 0..60)) {
        let mut pair = Pair::new();
        for call in &calls {
            pair.carry_out(call);
            let mut failed = pair.settle_model();
            failed.sort_unstable();
            let mut ours = pair.settle();
            ours.sort_unstable();
            prop_assert_eq!(ours, failed);
            pair.check();
        }
        pair.waiting.clear();
        pair.granted.clear();
        let usage = pair.permits.usage();
        prop_assert_eq!((usage.granted, usage.n_waiting), (ByteSize::ZERO, 0));
    }
}

/// Keeps what it is filled with, up to its budget; both in this order.
struct Shelf {
    state: Mutex<(u64, u64)>,
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, (u64, u64)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, n: u64) {
        let mut state = self.lock();
        state.0 = (state.0 + n).min(state.1);
    }

    fn held(&self) -> u64 {
        self.lock().0
    }

    fn budget(&self) -> u64 {
        self.lock().1
    }
}

impl Consumer for Shelf {
    fn usage(&self) -> ByteSize {
        bytes(self.held())
    }

    fn set_budget(&self, budget: ByteSize) {
        let mut state = self.lock();
        state.1 = budget.bytes();
        state.0 = state.0.min(state.1);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let mut state = self.lock();
        let freed = wanted.bytes().min(state.0);
        state.0 -= freed;
        bytes(freed)
    }
}

proptest! {
    #[test]
    fn m05_granted_and_held_are_within_the_capacity(
        calls in prop::collection::vec(call(), 0..60),
        floors in prop::array::uniform3(0u64..4),
    ) {
        let permits = Permits::new(bytes(CAPACITY));
        let shelves = [0, 1, 2].map(|_| Arc::new(Shelf { state: Mutex::new((0, 99)) }));
        let costs = [Cost::Reload, Cost::Free, Cost::Recompute];
        let _registered: Vec<_> = (0..3).map(|idx| {
            let floor = bytes(floors[idx]);
            let traits = Traits { cost: costs[idx], floor, ..Traits::default() };
            permits.register(Arc::clone(&shelves[idx]), traits, bytes(10))
        }).collect();
        let most = CAPACITY - floors.iter().sum::<u64>();
        let mut granted = Vec::new();
        for call in &calls {
            let sum = |granted: &[Permit]| granted.iter().map(|p| p.bytes().bytes()).sum::<u64>();
            match *call {
                Call::Try(n) | Call::Wait(n) => {
                    // Whatever the consumers hold above their floors makes room.
                    let fits = n <= most - sum(&granted);
                    let outcome = permits.try_reserve("job", bytes(n));
                    prop_assert_eq!(outcome.is_ok(), fits);
                    granted.extend(outcome);
                }
                Call::Release(idx) if !granted.is_empty() => {
                    drop(granted.remove(idx % granted.len()));
                }
                Call::Fill(idx, n) => shelves[idx % 3].fill(n),
                Call::SetBudgets(n) => {
                    permits.set_budgets(bytes(n));
                    let budgets: u64 = shelves.iter().map(|shelf| shelf.budget()).sum();
                    prop_assert!(budgets <= n.max(floors.iter().sum()));
                }
                _ => {}
            }
            let usage = permits.usage();
            prop_assert_eq!(usage.granted, bytes(sum(&granted)));
            prop_assert!(usage.granted + usage.allotted <= bytes(CAPACITY), "{}", usage);
            let budgets: u64 = shelves.iter().map(|shelf| shelf.budget()).sum();
            prop_assert_eq!(bytes(budgets), usage.allotted);
            for (shelf, floor) in shelves.iter().zip(floors) {
                prop_assert!(floor <= shelf.budget());
            }
        }
        // All is given back, and so the consumers get all that they were configured for.
        granted.clear();
        permits.set_budgets(ByteSize::MAX);
        let budgets: u64 = shelves.iter().map(|shelf| shelf.budget()).sum();
        prop_assert_eq!(budgets, CAPACITY);
    }
}
