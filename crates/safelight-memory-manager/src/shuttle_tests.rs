//! The production code under a scheduler that tries interleavings at random.
//!
//! `RUSTFLAGS="--cfg shuttle" cargo test -p safelight-memory-manager --lib shuttle_tests`

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use safelight_core::{ByteSize, Consumer, Traits};
use shuttle::{
    check_random,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    thread,
};

use crate::{Permits, sync::lock};

const N_SCHEDULES: usize = 20_000;

fn bytes(n: u64) -> ByteSize {
    ByteSize::from_bytes(n)
}

/// Bytes in use, which must never be more than there are.
struct Memory {
    used: AtomicU64,
    size: u64,
}

impl Memory {
    fn new(size: u64) -> Arc<Self> {
        Arc::new(Self { used: AtomicU64::new(0), size })
    }

    fn take(&self, n: u64) {
        let used = self.used.fetch_add(n, SeqCst) + n;
        assert!(used <= self.size, "{used} of {}", self.size);
    }

    fn release(&self, n: u64) {
        self.used.fetch_sub(n, SeqCst);
    }
}

/// Holds what it may, always.
struct Greedy {
    held: Mutex<u64>,
    memory: Arc<Memory>,
}

impl Greedy {
    fn new(memory: &Arc<Memory>) -> Arc<Self> {
        Arc::new(Self { held: Mutex::new(0), memory: Arc::clone(memory) })
    }
}

impl Consumer for Greedy {
    fn usage(&self) -> ByteSize {
        bytes(*lock(&self.held))
    }

    fn set_budget(&self, budget: ByteSize) {
        let mut held = lock(&self.held);
        let before = std::mem::replace(&mut *held, budget.bytes());
        if before < *held {
            self.memory.take(*held - before);
        } else {
            self.memory.release(before - *held);
        }
    }

    fn reclaim(&self, _: ByteSize) -> ByteSize {
        thread::yield_now();
        ByteSize::ZERO
    }
}

/// Runs each piece of work in a thread, and returns when all have ended.
fn at_once(works: Vec<Box<dyn FnOnce() + Send>>) {
    let threads: Vec<_> = works.into_iter().map(|work| thread::spawn(work)).collect();
    for thread in threads {
        thread.join().expect("no assertion failed");
    }
}

fn wait_for(permits: &Permits, memory: &Memory, n: u64) {
    let permit = permits.reserve("job", bytes(n), Duration::MAX).expect("it fits once");
    memory.take(n);
    thread::yield_now();
    memory.release(n);
    drop(permit);
}

#[test]
fn m05_everybody_gets_room_and_it_is_never_too_much() {
    check_random(
        || {
            let (permits, memory) = (Permits::new(bytes(10)), Memory::new(10));
            let works = [6, 7, 4].map(|n| {
                let (permits, memory) = (permits.clone(), Arc::clone(&memory));
                Box::new(move || wait_for(&permits, &memory, n))
                    as Box<dyn FnOnce() + Send>
            });
            at_once(works.into());
            assert_eq!(permits.usage().granted, ByteSize::ZERO);
        },
        N_SCHEDULES,
    );
}

/// The mutant does not look at what came up while it was busy with the consumer.
#[test]
fn m05_consumers_make_room_before_anything_is_granted() {
    check_random(
        || {
            let (permits, memory) = (Permits::new(bytes(10)), Memory::new(10));
            let greedy = Greedy::new(&memory);
            let registration =
                permits.register(Arc::clone(&greedy), Traits::default(), bytes(10));
            let mut works: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
            for n in [6, 9] {
                let (permits, memory) = (permits.clone(), Arc::clone(&memory));
                works.push(Box::new(move || wait_for(&permits, &memory, n)));
            }
            let budgets = permits.clone();
            works.push(Box::new(move || {
                budgets.set_budgets(bytes(4));
                budgets.set_budgets(bytes(10));
            }));
            at_once(works);
            permits.set_budgets(bytes(10));
            assert_eq!(registration.budget(), bytes(10));
            assert_eq!(greedy.usage(), bytes(10));
            assert_eq!(permits.usage().free(), ByteSize::ZERO);
        },
        N_SCHEDULES,
    );
}

#[test]
fn m05_a_wait_that_is_given_up_leaves_nothing() {
    check_random(
        || {
            let (permits, memory) = (Permits::new(bytes(10)), Memory::new(10));
            let mut works: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
            for n in [6, 7] {
                let (permits, memory) = (permits.clone(), Arc::clone(&memory));
                works.push(Box::new(move || wait_for(&permits, &memory, n)));
            }
            let cancelled = permits.clone();
            works.push(Box::new(move || {
                let mut reserve = cancelled.reserve_async("cancelled", bytes(9));
                let mut ctx = Context::from_waker(Waker::noop());
                for _ in 0..2 {
                    if let Poll::Ready(outcome) = Pin::new(&mut reserve).poll(&mut ctx) {
                        drop(outcome.expect("it may be granted"));
                        return;
                    }
                    thread::yield_now();
                }
            }));
            at_once(works);
            let usage = permits.usage();
            assert_eq!((usage.granted, usage.n_waiting), (ByteSize::ZERO, 0));
        },
        N_SCHEDULES,
    );
}

#[test]
fn m05_a_lower_capacity_settles_everybody() {
    check_random(
        || {
            let permits = Permits::new(bytes(10));
            let mut works: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
            for n in [8, 4, 5] {
                let permits = permits.clone();
                works.push(Box::new(move || {
                    let outcome = permits.reserve("job", bytes(n), Duration::MAX);
                    thread::yield_now();
                    assert!(outcome.is_ok_and(|p| p.bytes() == bytes(n)) || 6 < n);
                }));
            }
            let lowering = permits.clone();
            works.push(Box::new(move || lowering.set_capacity(bytes(6))));
            at_once(works);
            let usage = permits.usage();
            assert_eq!((usage.granted, usage.n_waiting), (ByteSize::ZERO, 0));
        },
        N_SCHEDULES,
    );
}

#[test]
fn m05_two_that_want_to_grow_do_not_wait_for_each_other() {
    check_random(
        || {
            let permits = Permits::new(bytes(10));
            let works = [0, 1].map(|_| {
                let permits = permits.clone();
                Box::new(move || {
                    let permit = permits.reserve("job", bytes(4), Duration::MAX);
                    let mut permit = permit.expect("both fit");
                    let grown = permit.try_grow(bytes(3)).is_ok();
                    assert_eq!(permit.bytes(), bytes(if grown { 7 } else { 4 }));
                    assert!(permits.usage().granted <= bytes(10));
                }) as Box<dyn FnOnce() + Send>
            });
            at_once(works.into());
            assert_eq!(permits.usage().granted, ByteSize::ZERO);
        },
        N_SCHEDULES,
    );
}
