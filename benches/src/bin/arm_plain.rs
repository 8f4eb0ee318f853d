//! The system's allocator, and peers that need no allocator of their own.

use std::{hint::black_box, io, time::Instant};

use fastrace::local::LocalSpan;
use safelight_benches::{
    arm::serve,
    workload::{alloc_pairs, alloc_pairs_on_two_threads},
};
use safelight_core::{Clock, SystemClock};
use tracing_subscriber::{Registry, layer::SubscriberExt};

/// As `tracing_subscriber::fmt` with `FmtSpan` or a metrics layer would: keeps the time of
/// each entry in the span's extensions.
struct Timing;

impl<S> tracing_subscriber::Layer<S> for Timing
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    fn on_enter(
        &self,
        id: &tracing::span::Id,
        context: tracing_subscriber::layer::Context<'_, S>,
    ) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(SystemClock.now());
        }
    }

    fn on_exit(
        &self,
        id: &tracing::span::Id,
        context: tracing_subscriber::layer::Context<'_, S>,
    ) {
        if let Some(span) = context.span(id)
            && let Some(start) = span.extensions().get::<Instant>()
        {
            black_box(SystemClock.now() - *start);
        }
    }
}

/// Takes spans and drops them, as cheap as a reporter can be.
struct Nowhere;

impl fastrace::collector::Reporter for Nowhere {
    fn report(&mut self, spans: Vec<fastrace::collector::SpanRecord>) {
        black_box(spans);
    }
}

fn spans(n: u64) {
    for _ in 0..n {
        tracing::info_span!("operation").in_scope(|| black_box(()));
    }
}

fn main() -> io::Result<()> {
    fastrace::set_reporter(Nowhere, fastrace::collector::Config::default());
    let registry = tracing::Dispatch::new(Registry::default());
    let timing = tracing::Dispatch::new(Registry::default().with(Timing));
    serve(&mut [
        ("alloc_pair", &mut alloc_pairs),
        ("alloc_pair_2_threads", &mut alloc_pairs_on_two_threads),
        ("empty", &mut |n| (0..n).for_each(|_| black_box(()))),
        ("fastrace", &mut |n| {
            // A local parent takes a bounded number of spans; one here has a thousand.
            for start in (0..n).step_by(1000) {
                let context = fastrace::collector::SpanContext::random();
                let root = fastrace::Span::root("root", context);
                let _in_root = root.set_local_parent();
                for _ in start..n.min(start + 1000) {
                    let _span = LocalSpan::enter_with_local_parent("operation");
                    black_box(());
                }
            }
        }),
        ("instant_pair", &mut |n| {
            for _ in 0..n {
                let start = SystemClock.now();
                black_box(SystemClock.now() - start);
            }
        }),
        ("puffin", &mut |n| {
            puffin::set_scopes_on(true);
            // Scopes are handed over once a frame; a frame here has a thousand.
            for idx in 0..n {
                puffin::profile_scope!("operation");
                black_box(());
                if idx % 1000 == 999 {
                    puffin::GlobalProfiler::lock().new_frame();
                }
            }
            puffin::GlobalProfiler::lock().new_frame();
        }),
        ("tracing_registry", &mut |n| {
            tracing::dispatcher::with_default(&registry, || spans(n));
        }),
        ("tracing_timing_layer", &mut |n| {
            tracing::dispatcher::with_default(&timing, || spans(n));
        }),
    ])
}
