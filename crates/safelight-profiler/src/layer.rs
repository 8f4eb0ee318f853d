use std::{cell::RefCell, fmt};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

use crate::{
    Operation, Outcome, Profiler,
    guard::Frame,
    lane,
    sample::{Attributes, Sample},
};

thread_local! {
    /// The spans that this thread is in, with the readings at their entry.
    static ENTERED: RefCell<Vec<(span::Id, Option<Frame>)>> = const { RefCell::new(Vec::new()) };
}

/// A `tracing` layer that measures each span as an operation named after it.
///
/// The fields `width`, `height`, `bytes_in` and `key` (unsigned integers) become the run's
/// attributes, and an event at level `ERROR` in the span, such as
/// `#[tracing::instrument(err)]` emits, makes it a failure.
/// A span counts once, when it is closed; one that is entered several times, as in a
/// future, adds up the time that it was entered.
/// Spans that were never entered are not counted.
///
/// ```
/// use safelight_profiler::{Profiler, SpanLayer};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// #[tracing::instrument(fields(width = 640, height = 480))]
/// fn blur() {}
///
/// let profiler = Profiler::new();
/// let subscriber =
///     tracing_subscriber::registry().with(SpanLayer::new(profiler.clone()));
/// tracing::subscriber::with_default(subscriber, blur);
/// assert_eq!(profiler.recording().n_runs("blur"), 1);
/// ```
#[derive(Clone, Debug)]
pub struct SpanLayer {
    profiler: Profiler,
}

impl SpanLayer {
    /// Makes a layer that records into this profiler.
    pub fn new(profiler: Profiler) -> Self {
        Self { profiler }
    }

    /// Returns the operation of a span, unless another such layer measures it.
    fn own_operation<'a, S: LookupSpan<'a>>(
        &self,
        span: &SpanRef<'a, S>,
    ) -> Option<Operation> {
        let extensions = span.extensions();
        let run = extensions.get::<Run>()?;
        self.profiler.owns(&run.operation).then(|| run.operation.clone())
    }
}

/// What is known of a span, kept in its extensions.
struct Run {
    operation: Operation,
    attributes: Attributes,
    outcome: Outcome,
    /// Whether the thread was unwinding already when the span was made.
    was_panicking: bool,
    /// The parts so far, added up; `None` before the first entry.
    sum: Option<Sample>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanLayer {
    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        id: &span::Id,
        context: Context<'_, S>,
    ) {
        if !self.profiler.is_enabled() {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let operation = self.profiler.operation(attributes.metadata().name());
        let mut run = Run {
            operation,
            attributes: Attributes::default(),
            outcome: Outcome::Ok,
            was_panicking: std::thread::panicking(),
            sum: None,
        };
        attributes.record(&mut run);
        // The first of two such layers measures.
        if span.extensions().get::<Run>().is_none() {
            span.extensions_mut().insert(run);
        }
    }

    fn on_record(
        &self,
        id: &span::Id,
        values: &span::Record<'_>,
        context: Context<'_, S>,
    ) {
        if let Some(span) = context.span(id)
            && let Some(run) = span.extensions_mut().get_mut::<Run>()
        {
            values.record(run);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR
            && let Some(span) = context.event_span(event)
            && let Some(run) = span.extensions_mut().get_mut::<Run>()
        {
            run.outcome = Outcome::Error;
        }
    }

    fn on_enter(&self, id: &span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let Some(operation) = self.own_operation(&span) else { return };
        // While the thread is being torn down, its spans are not measured.
        let _ = ENTERED.try_with(|entered| {
            // Room is made first, so that the operation does not pay for it.
            entered.borrow_mut().reserve(1);
            let frame = operation.enter();
            entered.borrow_mut().push((id.clone(), frame));
        });
    }

    fn on_exit(&self, id: &span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if self.own_operation(&span).is_none() {
            return;
        }
        let left = ENTERED.try_with(|entered| {
            let mut entered = entered.borrow_mut();
            let idx = entered.iter().rposition(|(entered, _)| entered == id)?;
            entered.remove(idx).1
        });
        if let Ok(Some(frame)) = left
            && let Some(run) = span.extensions_mut().get_mut::<Run>()
        {
            let part = frame.pause(&run.operation, run.attributes);
            match &mut run.sum {
                Some(sum) => sum.append(part),
                None => run.sum = Some(part),
            }
            if !run.was_panicking && std::thread::panicking() {
                run.outcome = Outcome::Panic;
            }
        }
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let run = span.extensions_mut().remove::<Run>();
        if let Some(Run { operation, attributes, outcome, sum: Some(sum), .. }) = run {
            lane::record(&operation.shared, Sample { outcome, attributes, ..sum });
        }
    }
}

impl Visit for Run {
    fn record_u64(&mut self, field: &Field, value: u64) {
        let narrow = u32::try_from(value).unwrap_or(u32::MAX);
        match field.name() {
            "width" => self.attributes.width = narrow,
            "height" => self.attributes.height = narrow,
            "bytes_in" => self.attributes.bytes_in = value,
            "key" => self.attributes.key = value.max(1),
            _ => {}
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if let Ok(value) = u64::try_from(value) {
            self.record_u64(field, value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
