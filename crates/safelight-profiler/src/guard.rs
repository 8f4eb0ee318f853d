use std::{marker::PhantomData, time::Duration};

use crate::{
    Operation, Outcome, Workers,
    heap::Span,
    lane::{self, Place},
    sample::{Attributes, Sample},
};

/// One run of short operations in this many has its CPU time read.
pub(crate) const CPU_SAMPLING: u64 = 64;

/// Measures from its making to its drop, on one thread.
///
/// A guard dropped by a panic records the panic; one that is leaked stays listed as
/// incomplete.
///
/// ```
/// # let profiler = safelight_profiler::Profiler::new();
/// let upload = profiler.operation("upload");
/// let mut guard = upload.bytes_in(1024).start();
/// let accepted = false;
/// if !accepted {
///     guard.fail();
/// }
/// drop(guard);
/// assert_eq!(profiler.recording().n_runs("upload"), 1);
/// ```
#[derive(Debug)]
#[must_use = "the operation ends when the guard is dropped"]
pub struct Guard<'a> {
    operation: &'a Operation,
    attributes: Attributes,
    failed: bool,
    /// Whether the thread was unwinding already when the run began.
    was_panicking: bool,
    /// The threads that work for this operation too.
    workers: Option<&'a Workers>,
    frame: Option<Frame>,
    /// CPU time and heap belong to the thread, so the guard must not leave it.
    not_send: PhantomData<*const ()>,
}

impl<'a> Guard<'a> {
    #[inline]
    pub(crate) fn start(operation: &'a Operation, attributes: Attributes) -> Self {
        Self {
            operation,
            attributes,
            failed: false,
            was_panicking: std::thread::panicking(),
            workers: None,
            frame: operation.enter(),
            not_send: PhantomData,
        }
    }

    /// Records the run as one that failed.
    #[inline]
    pub fn fail(&mut self) {
        self.failed = true;
    }

    /// States the size of the image in pixels, where it becomes known on the way.
    #[inline]
    pub fn pixels(&mut self, width: u32, height: u32) {
        self.attributes.width = width;
        self.attributes.height = height;
    }

    /// Adds what these threads do until the guard is dropped.
    pub(crate) fn with_workers(mut self, workers: &'a Workers) -> Self {
        self.workers = Some(workers);
        self
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        let Some(frame) = self.frame.take() else { return };
        let outcome = if !self.was_panicking && std::thread::panicking() {
            Outcome::Panic
        } else if self.failed {
            Outcome::Error
        } else {
            Outcome::Ok
        };
        let (place, mut sample) = frame.finish(self.operation, self.attributes);
        sample.outcome = outcome;
        let mut workers_cpu_ns = 0;
        if let Some(workers) = self.workers {
            workers_cpu_ns = workers.cpu_ns();
            sample.heap = workers.heap().or(sample.heap);
        }
        lane::close(&self.operation.shared, place, &mut sample, workers_cpu_ns);
    }
}

/// The readings at the start of a run.
#[derive(Debug)]
pub(crate) struct Frame {
    place: Place,
    cpu: Option<Duration>,
    heap: Option<Span>,
    start: u64,
}

impl Frame {
    #[inline]
    pub(crate) fn open(operation: &Operation) -> Option<Self> {
        let shared = &operation.shared;
        let place = lane::open(shared, operation.site.idx)?;
        let cpu = match &shared.cpu {
            Some(clock)
                if !operation.site.is_short() || lane::draw(shared, CPU_SAMPLING) =>
            {
                clock.thread_cpu()
            }
            _ => None,
        };
        let heap = shared.heap.is_measured().then(Span::start);
        Some(Self { place, cpu, heap, start: shared.ticks.now() })
    }

    /// Ends a part of a run that may go on, on this or another thread.
    #[cfg(feature = "tracing")]
    pub(crate) fn pause(self, operation: &Operation, attributes: Attributes) -> Sample {
        let (place, sample) = self.finish(operation, attributes);
        lane::leave(&operation.shared, place, sample)
    }

    /// Takes the readings at the end.
    #[inline]
    fn finish(self, operation: &Operation, attributes: Attributes) -> (Place, Sample) {
        let shared = &operation.shared;
        let end = shared.ticks.now();
        let cpu_ns = match (self.cpu, &shared.cpu) {
            (Some(before), Some(clock)) => {
                let before = before + shared.cpu_reading;
                let used = clock.thread_cpu().map(|now| now.saturating_sub(before));
                used.map(|used| used.as_nanos() as u64)
            }
            _ => None,
        };
        let sample = Sample {
            operation_idx: operation.site.idx,
            outcome: Outcome::Ok,
            attributes,
            wall: end.saturating_sub(self.start),
            self_wall: 0,
            cpu_ns,
            heap: self.heap.map(Span::finish),
        };
        (self.place, sample)
    }
}
