//! Permits and a consumer under many threads at once.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use safelight_core::{ByteSize, Consumer, Cost, Traits};
use safelight_memory_manager::{Permit, Permits, Reserve, ReserveError};

fn mib(n: u64) -> ByteSize {
    ByteSize::mib(n)
}

fn poll(reserve: &mut Reserve, waker: &Waker) -> Poll<Result<Permit, ReserveError>> {
    std::pin::Pin::new(reserve).poll(&mut Context::from_waker(waker))
}

/// Holds all that it may, always.
struct Greedy {
    held: Mutex<u64>,
    used: Arc<AtomicU64>,
}

impl Consumer for Greedy {
    fn usage(&self) -> ByteSize {
        ByteSize::from_bytes(*self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set_budget(&self, budget: ByteSize) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *held, budget.bytes());
        self.used.fetch_sub(before.saturating_sub(*held), SeqCst);
        take(&self.used, held.saturating_sub(before));
    }

    fn reclaim(&self, _: ByteSize) -> ByteSize {
        ByteSize::ZERO
    }
}

/// Takes so much of 100 MiB, which must be there.
fn take(used: &AtomicU64, n: u64) {
    let before = used.fetch_add(n, SeqCst);
    assert!(before + n <= mib(100).bytes(), "{before} B and {n} B of 100 MiB");
}

#[test]
fn m05_many_threads_and_tasks_are_never_too_many_and_all_are_served() {
    const N_THREADS: u64 = 64;
    const N_JOBS: u64 = 300;
    let permits = Permits::new(mib(100));
    let used = Arc::new(AtomicU64::new(0));
    let traits = Traits { cost: Cost::Free, floor: mib(10), ..Traits::default() };
    let greedy = Greedy { held: Mutex::new(0), used: Arc::clone(&used) };
    let _registered = permits.register(greedy, traits, mib(60));
    let n_done = AtomicU64::new(0);
    thread::scope(|scope| {
        for thread_idx in 0..N_THREADS {
            let (permits, used, n_done) = (&permits, &*used, &n_done);
            scope.spawn(move || {
                let mut random = thread_idx + 1;
                for _ in 0..N_JOBS {
                    random = random.wrapping_mul(6_364_136_223_846_793_005) + 1;
                    let wanted = mib(1 + (random >> 58));
                    let permit = match random >> 32 & 3 {
                        0 => permits.try_reserve("try", wanted),
                        1 => permits.reserve("brief", wanted, Duration::from_micros(9)),
                        2 => {
                            let mut reserve = permits.reserve_async("cancel", wanted);
                            match poll(&mut reserve, Waker::noop()) {
                                Poll::Ready(outcome) => outcome,
                                Poll::Pending => continue,
                            }
                        }
                        _ => {
                            permits.set_budgets(wanted);
                            let patient = permits.reserve("wait", wanted, Duration::MAX);
                            Ok(patient.unwrap())
                        }
                    };
                    let Ok(permit) = permit else { continue };
                    take(used, permit.bytes().bytes());
                    thread::yield_now();
                    used.fetch_sub(permit.bytes().bytes(), SeqCst);
                    n_done.fetch_add(1, SeqCst);
                }
            });
        }
    });
    assert!(N_THREADS <= n_done.load(SeqCst));
    let usage = permits.usage();
    assert_eq!((usage.granted, usage.n_waiting), (ByteSize::ZERO, 0));
    assert!(usage.allotted <= mib(60));
}
