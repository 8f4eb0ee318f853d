//! Permits beside consumers that keep more than they were told, now and then.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use proptest::prelude::*;
use safelight_core::{ByteSize, Consumer, Cost, Traits};
use safelight_memory_manager::{Permit, Permits, Reserve};

const CAPACITY: u64 = 30;

fn bytes(n: u64) -> ByteSize {
    ByteSize::from_bytes(n)
}

/// Fills up to its budget, and gives nothing while it is stubborn.
#[derive(Default)]
struct Shelf(Mutex<State>);

#[derive(Default)]
struct State {
    held: u64,
    budget: u64,
    is_stubborn: bool,
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self) {
        let mut state = self.lock();
        state.held = state.held.max(state.budget);
    }

    /// What it may come to hold without being told anything.
    fn most(&self) -> u64 {
        let state = self.lock();
        state.held.max(state.budget)
    }
}

impl Consumer for Shelf {
    fn usage(&self) -> ByteSize {
        bytes(self.lock().held)
    }

    fn set_budget(&self, budget: ByteSize) {
        let mut state = self.lock();
        state.budget = budget.bytes();
        if !state.is_stubborn {
            state.held = state.held.min(state.budget);
        }
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let mut state = self.lock();
        let freed = if state.is_stubborn { 0 } else { wanted.bytes().min(state.held) };
        state.held -= freed;
        bytes(freed)
    }
}

#[derive(Clone, Debug)]
enum Call {
    Wait(u64),
    Release(usize),
    Cancel(usize),
    Fill(usize),
    /// It gives nothing from now on.
    Stop(usize),
    /// It gives again what it is asked for.
    Go(usize),
    SetBudgets(u64),
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        5 => (0u64..20).prop_map(Call::Wait),
        4 => any::<usize>().prop_map(Call::Release),
        1 => any::<usize>().prop_map(Call::Cancel),
        3 => any::<usize>().prop_map(Call::Fill),
        2 => any::<usize>().prop_map(Call::Stop),
        2 => any::<usize>().prop_map(Call::Go),
        2 => (0u64..30).prop_map(Call::SetBudgets),
    ]
}

struct World {
    permits: Permits,
    shelves: [Arc<Shelf>; 2],
    waiting: Vec<Pin<Box<Reserve>>>,
    granted: Vec<Permit>,
}

impl World {
    /// Polls all in the order in which they came; says whether any was granted.
    fn settle(&mut self) -> bool {
        let mut ctx = Context::from_waker(Waker::noop());
        let n_before = self.granted.len();
        let mut is_blocked = false;
        for mut reserve in std::mem::take(&mut self.waiting) {
            match reserve.as_mut().poll(&mut ctx) {
                Poll::Pending => {
                    self.waiting.push(reserve);
                    is_blocked = true;
                }
                Poll::Ready(outcome) => {
                    assert!(!is_blocked, "nobody overtakes");
                    self.granted.push(outcome.expect("each fits alone"));
                }
            }
        }
        n_before < self.granted.len()
    }

    fn carry_out(&mut self, call: &Call) {
        let chosen = |idx: usize| &self.shelves[idx % 2];
        match *call {
            Call::Wait(n) => {
                self.waiting.push(Box::pin(self.permits.reserve_async("job", bytes(n))));
            }
            Call::Release(idx) if !self.granted.is_empty() => {
                drop(self.granted.remove(idx % self.granted.len()));
            }
            Call::Cancel(idx) if !self.waiting.is_empty() => {
                drop(self.waiting.remove(idx % self.waiting.len()));
            }
            Call::Fill(idx) => chosen(idx).fill(),
            Call::Stop(idx) => chosen(idx).lock().is_stubborn = true,
            Call::Go(idx) => chosen(idx).lock().is_stubborn = false,
            Call::SetBudgets(n) => self.permits.set_budgets(bytes(n)),
            Call::Release(_) | Call::Cancel(_) => {}
        }
    }

    fn held(&self) -> u64 {
        self.shelves.iter().map(|shelf| shelf.most()).sum()
    }
}

proptest! {
    /// What they keep is not granted to others; nobody waits once they give again.
    #[test]
    fn m05_nothing_is_granted_that_a_consumer_keeps(
        calls in prop::collection::vec(call(), 0..60),
    ) {
        let permits = Permits::new(bytes(CAPACITY));
        let shelves = [Arc::new(Shelf::default()), Arc::new(Shelf::default())];
        let costs = [Cost::Free, Cost::Reload];
        let registered = [0, 1].map(|idx| {
            let traits = Traits { cost: costs[idx], ..Traits::default() };
            permits.register(Arc::clone(&shelves[idx]), traits, bytes(12))
        });
        let mut world =
            World { permits, shelves, waiting: Vec::new(), granted: Vec::new() };
        for call in &calls {
            world.carry_out(call);
            let was_granted = world.settle();
            let usage = world.permits.usage();
            prop_assert!(world.held() <= usage.allotted.bytes(), "{usage}");
            let all = usage.granted.bytes() + usage.allotted.bytes();
            prop_assert!(!was_granted || all <= CAPACITY, "{usage}");
        }
        for shelf in &world.shelves {
            shelf.lock().is_stubborn = false;
        }
        world.permits.set_budgets(bytes(24));
        // Each round the head is granted, if only the rest is given back.
        while !world.waiting.is_empty() {
            world.granted.clear();
            prop_assert!(world.settle(), "{}", world.permits.usage());
        }
        world.granted.clear();
        world.permits.set_budgets(bytes(24));
        let budgets = world.shelves.iter().map(|shelf| shelf.lock().budget).sum::<u64>();
        prop_assert_eq!(budgets, 24);
        drop(registered);
        prop_assert_eq!(world.permits.usage().free(), bytes(CAPACITY));
    }
}
