//! Spans become operations.
#![cfg(feature = "tracing")]

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use safelight_core::ManualClock;
use safelight_profiler::{Analysis, OperationCost, Profiler, Rules, SpanLayer};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

const MS: Duration = Duration::from_millis(1);

fn record(work: impl FnOnce(&ManualClock)) -> Vec<OperationCost> {
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).build();
    let layer = SpanLayer::new(profiler.clone());
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || work(&clock));
    Analysis::new(&profiler.recording(), &Rules::default()).operations
}

#[tracing::instrument(skip_all, err, fields(width = 64, height = 32, bytes_in = 10))]
fn decode(clock: &ManualClock, fails: Option<&'static str>) -> Result<(), &'static str> {
    clock.advance(3 * MS);
    fails.map_or(Ok(()), Err)
}

#[test]
fn instrumented_functions_are_operations_with_attributes_and_outcome() {
    let costs = record(|clock| {
        decode(clock, None).unwrap();
        decode(clock, Some("broken")).unwrap_err();
    });
    let size = &costs[0].sizes[0];
    assert_eq!((costs[0].name.as_str(), costs[0].wall), ("decode", 6 * MS));
    assert_eq!((size.n_runs, size.n_errors), (2, 1));
    assert_eq!(size.dimensions.to_string(), "64x32");
    assert_eq!(size.mean_bytes_in.bytes(), 10);
}

#[test]
fn spans_nest_and_know_their_self_time() {
    let costs = record(|clock| {
        tracing::info_span!("outer").in_scope(|| {
            clock.advance(MS);
            decode(clock, None).unwrap();
        });
    });
    let by_name = |name| costs.iter().find(|cost| cost.name == name).unwrap();
    assert_eq!(by_name("outer").self_wall, MS);
    assert_eq!(by_name("decode").self_wall, 3 * MS);
}

#[test]
fn a_future_counts_once_and_only_while_it_runs() {
    let costs = record(|clock| {
        let mut n_polls = 0;
        let future = std::future::poll_fn(|_| {
            clock.advance(2 * MS);
            n_polls += 1;
            if n_polls < 3 { Poll::Pending } else { Poll::Ready(()) }
        });
        let mut future = pin!(future.instrument(tracing::info_span!("poll")));
        let mut context = Context::from_waker(Waker::noop());
        while future.as_mut().poll(&mut context).is_pending() {
            clock.advance(100 * MS);
        }
    });
    // The instrumented future enters its span once more to drop what is inside.
    assert_eq!((costs[0].n_runs, costs[0].wall), (1, 6 * MS));
}

#[test]
fn of_two_layers_in_one_registry_the_first_measures() {
    let clock = ManualClock::new();
    let profilers = [(); 2].map(|()| Profiler::builder().clock(clock.clone()).build());
    let [one, other] = profilers.clone().map(SpanLayer::new);
    let subscriber = tracing_subscriber::registry().with(one).with(other);
    tracing::subscriber::with_default(subscriber, || {
        tracing::info_span!("op").in_scope(|| clock.advance(3 * MS));
    });
    let [one, other] = profilers.map(|profiler| {
        Analysis::new(&profiler.recording(), &Rules::default()).operations
    });
    assert_eq!((one[0].n_runs, one[0].wall), (1, 3 * MS));
    assert_eq!(other, []);
}

#[test]
fn a_panic_is_an_outcome() {
    let costs = record(|clock| {
        let span = tracing::info_span!("doomed");
        let work = || span.in_scope(|| clock.advance(MS));
        work();
        let panics = || span.in_scope(|| panic!("on purpose"));
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).unwrap_err();
    });
    assert_eq!((costs[0].sizes[0].n_runs, costs[0].sizes[0].n_panics), (1, 1));
}
