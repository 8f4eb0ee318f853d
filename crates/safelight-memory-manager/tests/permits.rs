//! Permits: order, waits that end, and what is learned.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use safelight_core::ByteSize;
use safelight_memory_manager::{Permit, Permits, Reserve, ReserveError};

fn mib(n: u64) -> ByteSize {
    ByteSize::mib(n)
}

fn poll(reserve: &mut Reserve, waker: &Waker) -> Poll<Result<Permit, ReserveError>> {
    std::pin::Pin::new(reserve).poll(&mut Context::from_waker(waker))
}

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicU64);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn m05_a_request_over_capacity_fails_at_once_and_says_so() {
    let permits = Permits::new(mib(100));
    let error = permits.reserve("panorama", mib(101), Duration::MAX).unwrap_err();
    assert!(error.is_never_fits() && !error.is_busy() && !error.is_timed_out());
    let text = "101 MiB for panorama can never be granted: the capacity is 100 MiB";
    assert_eq!(error.to_string(), text);
    assert!(permits.try_reserve("panorama", mib(101)).unwrap_err().is_never_fits());
    let mut reserve = permits.reserve_async("panorama", mib(101));
    assert!(matches!(poll(&mut reserve, Waker::noop()), Poll::Ready(Err(_))));
}

#[test]
fn m05_nobody_overtakes() {
    let permits = Permits::new(mib(10));
    let held = permits.try_reserve("a", mib(6)).unwrap();
    let woken = [Arc::new(Woken::default()), Arc::new(Woken::default())];
    let mut large = permits.reserve_async("large", mib(8));
    let mut small = permits.reserve_async("small", mib(1));
    assert!(poll(&mut large, &Waker::from(Arc::clone(&woken[0]))).is_pending());
    assert!(poll(&mut small, &Waker::from(Arc::clone(&woken[1]))).is_pending());
    let error = permits.try_reserve("b", mib(1)).unwrap_err();
    assert!(error.is_busy());
    let text = "no room for 1 MiB for b, which is charged 1 MiB: 4 MiB free of 10 MiB, \
                2 waiting";
    assert_eq!(error.to_string(), text);
    // The head is granted as soon as it fits, and the next one with it.
    drop(held);
    assert_eq!(permits.usage().granted, mib(9));
    assert_eq!(woken.map(|woken| woken.0.load(SeqCst)), [1, 1]);
    let large = poll(&mut large, Waker::noop());
    assert!(matches!(&large, Poll::Ready(Ok(permit)) if permit.bytes() == mib(8)));
    assert!(matches!(poll(&mut small, Waker::noop()), Poll::Ready(Ok(_))));
}

#[test]
fn m05_a_wait_dropped_at_any_time_leaves_nothing() {
    let permits = Permits::new(mib(10));
    let held = permits.try_reserve("a", mib(6)).unwrap();
    // Before it was polled.
    drop(permits.reserve_async("b", mib(8)));
    // While it waits: the next one moves up.
    let mut first = permits.reserve_async("b", mib(8));
    let mut second = permits.reserve_async("b", mib(4));
    assert!(poll(&mut first, Waker::noop()).is_pending());
    let woken = Arc::new(Woken::default());
    assert!(poll(&mut second, &Waker::from(Arc::clone(&woken))).is_pending());
    drop(first);
    assert_eq!((woken.0.load(SeqCst), permits.usage().granted), (1, mib(10)));
    // After it was granted, but before anybody looked.
    drop(second);
    assert_eq!(permits.usage().granted, mib(6));
    // After a lower capacity settled it.
    let mut never = permits.reserve_async("b", mib(8));
    assert!(poll(&mut never, Waker::noop()).is_pending());
    permits.set_capacity(mib(7));
    drop(never);
    drop(held);
    let usage = permits.usage();
    assert_eq!((usage.granted, usage.n_waiting, usage.free()), (mib(0), 0, mib(7)));
}

#[test]
fn m05_a_lower_capacity_fails_who_can_never_be_granted_and_lets_on_the_others() {
    let permits = Permits::new(mib(10));
    let held = permits.try_reserve("a", mib(5)).unwrap();
    let mut large = permits.reserve_async("large", mib(9));
    let mut small = permits.reserve_async("small", mib(3));
    assert!(poll(&mut large, Waker::noop()).is_pending());
    assert!(poll(&mut small, Waker::noop()).is_pending());
    permits.set_capacity(mib(8));
    let Poll::Ready(Err(error)) = poll(&mut large, Waker::noop()) else { panic!() };
    assert!(error.is_never_fits());
    assert!(matches!(poll(&mut small, Waker::noop()), Poll::Ready(Ok(_))));
    // What is granted stays so, though it is too much, and nothing more is granted.
    permits.set_capacity(mib(4));
    assert_eq!(permits.usage().granted, mib(5));
    assert!(permits.try_reserve("b", ByteSize::ZERO).unwrap_err().is_busy());
    drop(held);
    assert!(permits.try_reserve("b", mib(4)).is_ok());
}

#[test]
fn m05_two_that_want_to_grow_cannot_block_each_other() {
    let permits = Permits::new(mib(10));
    let mut a = permits.try_reserve("a", mib(5)).unwrap();
    let mut b = permits.try_reserve("b", mib(5)).unwrap();
    assert!(a.try_grow(mib(1)).unwrap_err().is_busy());
    assert!(b.try_grow(mib(1)).unwrap_err().is_busy());
    assert!(a.try_grow(mib(6)).unwrap_err().is_never_fits());
    b.shrink_to(mib(2));
    b.shrink_to(mib(9));
    a.try_grow(mib(3)).unwrap();
    assert_eq!((a.bytes(), b.bytes()), (mib(8), mib(2)));
    // Nor does one that grows overtake.
    b.shrink_to(mib(1));
    let mut waits = permits.reserve_async("c", mib(4));
    assert!(poll(&mut waits, Waker::noop()).is_pending());
    assert!(a.try_grow(mib(1)).unwrap_err().is_busy());
    drop((a, b));
    assert_eq!(permits.usage().granted, mib(4));
}

#[test]
fn m05_a_wait_ends_with_its_time() {
    let permits = Permits::new(mib(10));
    let held = permits.try_reserve("a", mib(6)).unwrap();
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        let error = permits.reserve("b", mib(8), timeout).unwrap_err();
        assert!(error.is_timed_out());
        let text = format!(
            "no room for 8 MiB for b within {timeout:?}, which is charged 8 MiB: 4 MiB free \
             of 10 MiB, 0 waiting"
        );
        assert_eq!(error.to_string(), text);
    }
    assert!(permits.try_reserve("c", mib(4)).is_ok());
    drop(held);
}

#[test]
fn m05_under_declared_jobs_are_charged_what_they_really_use() {
    let permits = Permits::new(mib(100));
    let job = permits.try_reserve("decode", mib(20)).unwrap();
    job.record_actual(mib(30));
    assert_eq!(job.bytes(), mib(20));
    drop(job);
    assert!((permits.learned_ratio("decode") - 1.5).abs() < 1e-9);
    assert_eq!(permits.try_reserve("decode", mib(20)).unwrap().bytes(), mib(30));
    // Others are charged what they say; so is one that says too much, and growth.
    assert_eq!(permits.try_reserve("resize", mib(20)).unwrap().bytes(), mib(20));
    permits.try_reserve("resize", mib(20)).unwrap().record_actual(mib(2));
    assert_eq!(permits.try_reserve("resize", mib(20)).unwrap().bytes(), mib(20));
    let mut grown = permits.try_reserve("decode", mib(20)).unwrap();
    grown.try_grow(mib(10)).unwrap();
    assert_eq!(grown.bytes(), mib(40));
    drop(grown);
    // What fits by what it says is never refused for what was learned: it runs alone.
    assert_eq!(permits.try_reserve("decode", mib(90)).unwrap().bytes(), mib(100));
    // A freak is bounded, and forgotten after 32 more records.
    permits.try_reserve("decode", mib(1)).unwrap().record_actual(mib(5000));
    assert!((permits.learned_ratio("decode") - 16.0).abs() < 1e-9);
    for _ in 0..32 {
        permits.try_reserve("decode", mib(1)).unwrap().record_actual(mib(1));
    }
    assert!((permits.learned_ratio("decode") - 1.0).abs() < 1e-9);
}

#[test]
fn m05_labels_beyond_the_most_count_as_one() {
    let permits = Permits::new(mib(100));
    for idx in 0..70 {
        let label = format!("label {idx}").leak();
        let permit = permits.try_reserve(label, mib(1)).unwrap();
        permit.record_actual(mib(if idx == 69 { 3 } else { 1 }));
    }
    let ratios = ["label 0", "label 62", "label 66", "label 69", "never seen"];
    let ratios = ratios.map(|label| permits.learned_ratio(label).to_string());
    assert_eq!(ratios, ["1", "1", "3", "3", "3"]);
    assert_eq!(permits.try_reserve("never seen", mib(2)).unwrap().bytes(), mib(6));
}

#[test]
fn m05_permits_and_futures_may_be_sent() {
    fn is_send<T: Send + 'static>(value: T) -> T {
        value
    }
    let permits = is_send(Permits::new(mib(1)));
    let permit = is_send(permits.try_reserve("a", mib(1)).unwrap());
    thread::spawn(move || drop(permit)).join().unwrap();
    drop(is_send(permits.reserve_async("a", mib(1))));
    assert_eq!(
        permits.usage().to_string(),
        "0 B granted, 0 B allotted, 1 MiB free of 1 MiB, 0 waiting"
    );
}

/// What a job turned out to use counts for those of its label who wait already.
#[test]
fn m05_what_is_learned_counts_for_those_who_wait() {
    let permits = Permits::new(ByteSize::mib(60));
    let first = permits.try_reserve("decode", ByteSize::mib(20)).unwrap();
    let blocker = permits.try_reserve("other", ByteSize::mib(40)).unwrap();
    let mut second = permits.reserve_async("decode", ByteSize::mib(20));
    assert!(poll(&mut second, Waker::noop()).is_pending());
    first.record_actual(ByteSize::mib(40));
    drop(first);
    assert!(poll(&mut second, Waker::noop()).is_pending(), "it needs 40, not 20");
    drop(blocker);
    let Poll::Ready(granted) = poll(&mut second, Waker::noop()) else {
        panic!("there is room for 40");
    };
    assert_eq!(granted.unwrap().bytes(), ByteSize::mib(40));
}
