use std::{
    any::Any,
    cell::Cell,
    hash::Hash,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use safelight_alloc::Span;
use safelight_cache::{Operation, Weigh};
use safelight_core::{ByteSize, Clock};
use safelight_profiler::Call;
use safelight_progress_monitor::Tracker;

use crate::{
    Error, Event, Finished, Outcome, RequestKey, Safelight, Shared, Stored,
    error::{Cause, Kind},
    operations::Handles,
    safelight::Parts,
    stored::{Weight, name_of},
};

/// A job that is about to be run, with what is known of it.
///
/// It is measured, kept, admitted and watched as far as these parts are on.
/// On a hit nothing of the work is done, and neither its turn nor memory is waited for.
///
/// A job may run others. These have the turn of the job they are part of, and wait for
/// memory of their own; see [`Permits`](safelight_memory_manager::Permits) on that.
///
/// ```
/// use safelight::{ByteSize, Config, Operation, Safelight};
///
/// const BLUR: Operation = Operation::new("blur", 1);
///
/// let config = Config { memory: None, ..Config::default() };
/// let safelight = Safelight::builder().config(config).start()?;
/// let job = safelight.job(BLUR).pixels(640, 480).memory(ByteSize::mib(2));
/// let blurred = job.run(("sea.jpg", 8), || vec![0_u8; 640 * 480])?;
/// assert_eq!(blurred.len(), 640 * 480);
/// # Ok::<(), safelight::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing is done until it is run"]
pub struct Job<'a> {
    parts: &'a Parts,
    operation: Operation,
    need: Need,
}

/// What a job works on, and what that takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Need {
    pub(crate) memory: Option<ByteSize>,
    pub(crate) pixels: Option<(u32, u32)>,
    pub(crate) bytes_in: u64,
}

impl<'a> Job<'a> {
    pub(crate) fn new(safelight: &'a Safelight, operation: Operation) -> Self {
        Self { parts: safelight.parts(), operation, need: Need::default() }
    }

    /// States the size of the image in pixels; costs are grouped by it.
    pub fn pixels(mut self, width: u32, height: u32) -> Self {
        self.need.pixels = Some((width, height));
        self
    }

    /// States how many encoded bytes go in.
    pub fn bytes_in(mut self, bytes: u64) -> Self {
        self.need.bytes_in = bytes;
        self
    }

    /// States the most memory that the work takes at a time.
    pub fn memory(mut self, bytes: ByteSize) -> Self {
        self.need.memory = Some(bytes);
        self
    }

    /// Returns the result of this key, by `work` if it is not there.
    ///
    /// The key says all that the result depends on: a [`SourceId`](crate::SourceId) and the
    /// parameters, for example. Results of different types never meet.
    ///
    /// # Errors
    ///
    /// When the job was not admitted in time, or the work panicked, here or in the thread
    /// that was at it already.
    pub fn run<T: Weigh + Send + Sync + 'static>(
        self,
        key: impl Hash + Eq + Send + Sync + 'static,
        work: impl FnOnce() -> T,
    ) -> Result<Shared<T>, Error> {
        self.try_run(key, || Ok::<_, Error>(work()))
    }

    /// Returns the result of this key, by `work` that may fail if it is not there.
    ///
    /// # Errors
    ///
    /// When the job was not admitted in time, or the work failed or panicked, here or in
    /// the thread that was at it already.
    pub fn try_run<T: Weigh + Send + Sync + 'static, E: Into<Cause>>(
        self,
        key: impl Hash + Eq + Send + Sync + 'static,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<Shared<T>, Error> {
        let need = self.need;
        self.run_weighed(key, || Ok::<_, E>(need), work, Weight::of)
    }

    /// Does the work, whose result is not kept.
    ///
    /// # Errors
    ///
    /// When the job was not admitted in time, or the work failed or panicked.
    pub fn run_once<T, E: Into<Cause>>(
        self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, Error> {
        let need = self.need;
        self.watched(|request| self.admitted(request, || Ok::<_, E>(need), work))
    }

    /// Runs work whose need is looked up where it has to be done only.
    pub(crate) fn run_weighed<
        T: Send + Sync + 'static,
        N: Into<Cause>,
        E: Into<Cause>,
    >(
        self,
        key: impl Hash + Eq + Send + Sync + 'static,
        need: impl FnOnce() -> Result<Need, N>,
        work: impl FnOnce() -> Result<T, E>,
        weigh: impl FnOnce(&T) -> Weight,
    ) -> Result<Shared<T>, Error> {
        let stored = self.watched(|request| {
            let load = || {
                let value = self.admitted(request, need, work)?;
                let weight = weigh(&value);
                Ok(Stored::new(value, weight))
            };
            match &self.parts.store {
                None => load().map(Arc::new),
                Some(store) => {
                    let key = RequestKey::new::<T>(self.operation, key);
                    let mut load = Some(load);
                    let mut once = || load.take().expect("a store loads once")();
                    store.get_or_load(key, &mut once)
                }
            }
        })?;
        Ok(Shared::new(stored).unwrap_or_else(|| {
            panic!("the store gave something else than {} for its key", name_of::<T>())
        }))
    }

    /// Measures and watches a request, and tells of its end.
    fn watched<R>(
        &self,
        request: impl FnOnce(&Request) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let parts = self.parts;
        let handles = parts.handles(self.operation.name());
        let began = parts.observer.as_ref().map(|_| parts.clock.now());
        let update = handles.tracker.as_ref().map(Tracker::start);
        let ctx = Request { handles, was_computed: Cell::new(false) };
        let result = match &ctx.handles.request {
            None => request(&ctx),
            Some(operation) => {
                let call = self.need.describe(operation.call());
                call.try_measure(|| request(&ctx))
            }
        };
        if let Some(update) = update {
            update.finish();
        }
        let outcome = match &result {
            Err(error) if error.is_panic() => Outcome::Panicked,
            Err(error) if error.is_failed() => Outcome::Failed,
            Err(_) => Outcome::Refused,
            Ok(_) if ctx.was_computed.get() => Outcome::Computed,
            Ok(_) => Outcome::Reused,
        };
        ctx.handles.outcomes.count(outcome);
        if let Some((observer, began)) = parts.observer.as_ref().zip(began) {
            let took = parts.clock.now().saturating_duration_since(began);
            let operation = self.operation.name();
            observer.observe(&Event::Finished(Finished { operation, took, outcome }));
        }
        result
    }

    /// Waits for turn and memory, and does the work.
    fn admitted<T, N: Into<Cause>, E: Into<Cause>>(
        &self,
        request: &Request,
        need: impl FnOnce() -> Result<Need, N>,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, Error> {
        request.was_computed.set(true);
        let (parts, operation) = (self.parts, self.operation.name());
        let need = self.caught(need)?;
        let patience = parts.patience();
        let at_work = AtWork::begin();
        // A part of a job has the turn of the whole.
        let turn = (!at_work.was_at_work).then(|| {
            let crowded = || Kind::Crowded {
                operation,
                limit: parts.gate.limit(),
                waited: patience,
            };
            parts.gate.enter(patience).ok_or_else(crowded)
        });
        let _turn = turn.transpose()?;
        let bytes = need.memory.unwrap_or_else(|| parts.job_bytes());
        let admitted = parts.admission.admit(operation, bytes, patience);
        let admitted = admitted.map_err(|source| Kind::Refused { operation, source })?;
        let span = safelight_alloc::is_installed().then(Span::start);
        let result = match &request.handles.work {
            None => self.caught(work),
            Some(measured) => {
                let call = need.describe(measured.call());
                self.caught(|| call.try_measure(work))
            }
        };
        if let Some(span) = span {
            admitted.record_actual(ByteSize::from_bytes(span.finish().peak_bytes));
        }
        result
    }

    /// Calls; a panic becomes an error.
    fn caught<T, E: Into<Cause>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, Error> {
        let operation = self.operation.name();
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Error::of_work(operation, error.into())),
            Err(panic) => {
                let message = message_of(&*panic);
                forget(panic);
                Err(Kind::Panicked { operation, message }.into())
            }
        }
    }
}

impl Need {
    fn describe(self, call: Call<'_>) -> Call<'_> {
        let (width, height) = self.pixels.unwrap_or_default();
        call.pixels(width, height).bytes_in(self.bytes_in)
    }
}

/// One call of a job.
struct Request {
    handles: Arc<Handles>,
    was_computed: Cell<bool>,
}

thread_local! {
    /// Whether this thread works on a job now.
    static IS_AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// This thread is at work until it is dropped.
struct AtWork {
    was_at_work: bool,
}

impl AtWork {
    fn begin() -> Self {
        Self { was_at_work: IS_AT_WORK.replace(true) }
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        IS_AT_WORK.set(self.was_at_work);
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}

/// Drops what a panic carried; where that panics as well, what it carries is leaked.
fn forget(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        mem::forget(again);
    }
}
