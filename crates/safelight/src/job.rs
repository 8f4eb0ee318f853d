use std::{
    cell::{Cell, RefCell},
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use safelight_alloc::Span;
use safelight_cache::{Operation, Weigh};
use safelight_core::{ByteSize, Clock};
use safelight_profiler::Call;
use safelight_progress_monitor::Tracker;

use crate::{
    Error, Event, Finished, Outcome, RequestKey, Safelight, Shared, Store, Stored,
    at_work::{self, AtWork},
    error::{Cause, Kind},
    operations::Handles,
    panics::{forget, message_of},
    safelight::Parts,
    stored::{Weight, name_of},
};

/// How often a job asks again after another one of its key had no room.
///
/// The next one has its patience before it, so there is hardly ever a second time.
const MOST_RETRIES: usize = 2;

/// A job that is about to be run, with what is known of it.
///
/// It is measured, kept, admitted and watched as far as these parts are on.
/// On a hit nothing of the work is done, and neither its turn nor memory is waited for.
///
/// A job may run others on its own thread. These have the turn of the job they are part of,
/// and wait for memory of their own; see [`Permits`](safelight_memory_manager::Permits) on
/// that. On other threads they are jobs like any other: where a job waits for them, more
/// turns than such jobs are needed.
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
        let key = || Ok::<_, Error>(key);
        self.run_weighed(key, || Ok::<_, Error>(need), work, Weight::of)
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

    /// Runs work whose key and need are looked up where they are needed.
    pub(crate) fn run_weighed<K, T, X, N, E>(
        self,
        key: impl FnOnce() -> Result<K, X>,
        need: impl FnOnce() -> Result<Need, N>,
        work: impl FnOnce() -> Result<T, E>,
        weigh: impl FnOnce(&T) -> Weight,
    ) -> Result<Shared<T>, Error>
    where
        K: Hash + Eq + Send + Sync + 'static,
        T: Send + Sync + 'static,
        X: Into<Cause>,
        N: Into<Cause>,
        E: Into<Cause>,
    {
        self.watched(|request| {
            let key = self.caught(key)?;
            let load = || {
                let value = self.admitted(request, need, work)?;
                let weight = self.caught(|| Ok::<_, Error>(weigh(&value)))?;
                Ok(Stored::new(value, weight))
            };
            let stored = match &self.parts.store {
                None => load().map(Arc::new),
                Some(store) => {
                    let key = RequestKey::new::<T>(self.operation, key);
                    self.stored(&**store, &key, load)
                }
            };
            Shared::new(stored?).ok_or_else(|| {
                let (operation, wanted) = (self.operation.name(), name_of::<T>());
                Kind::WrongType { operation, wanted }.into()
            })
        })
    }

    /// Asks the store, until it has an answer that is not another caller's lack of room.
    fn stored(
        &self,
        store: &dyn Store,
        key: &RequestKey,
        load: impl FnOnce() -> Result<Stored, Error>,
    ) -> Result<Arc<Stored>, Error> {
        let parts = self.parts;
        // What this job waits for may itself wait for the turn that this thread has.
        let is_part = at_work::is_at_work(parts.id());
        let lent = is_part.then(|| parts.gate.lend());
        let load = RefCell::new(Some(load));
        let mut once = || {
            let load = load.take().expect("a store loads once");
            if let Some(lent) = &lent {
                lent.take_back();
            }
            load()
        };
        let began = parts.clock.now();
        let mut ask = || self.caught(|| store.get_or_load(key.clone(), &mut once));
        for _ in 0..MOST_RETRIES {
            let stored = ask();
            let was_others = load.borrow().is_some();
            match stored {
                Err(error) if error.is_busy() && was_others && self.may_wait(began) => {}
                _ => return stored,
            }
        }
        ask()
    }

    fn may_wait(&self, began: Instant) -> bool {
        let waited = self.parts.clock.now().saturating_duration_since(began);
        waited < self.parts.patience()
    }

    /// Measures and watches a request, and tells of its end.
    fn watched<R>(
        &self,
        request: impl FnOnce(&Request) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let parts = self.parts;
        let handles = parts.handles(self.operation.name());
        let began = parts.listener.is_there().then(|| parts.clock.now());
        let update = handles.tracker.as_ref().map(Tracker::start);
        let ctx = Request { handles, stage: Cell::new(Stage::Asked) };
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
        let outcome = ctx.outcome(result.as_ref().err());
        ctx.handles.outcomes.count(outcome);
        if let Some(began) = began {
            let took = parts.clock.now().saturating_duration_since(began);
            let operation = self.operation.name();
            let finished = Finished { operation, took, outcome };
            parts.listener.tell(|| Event::Finished(finished));
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
        request.stage.set(Stage::Admitted);
        let (parts, operation) = (self.parts, self.operation.name());
        let need = self.caught(need)?;
        let patience = parts.patience();
        let at_work = AtWork::begin(parts.id());
        // A part of a job has the turn of the whole.
        let turn = (!at_work.is_part()).then(|| {
            let crowded =
                || Kind::Crowded { operation, turns: parts.turns(), waited: patience };
            parts.gate.enter(patience).ok_or_else(crowded)
        });
        let _turn = turn.transpose()?;
        let bytes = need.memory.unwrap_or_else(|| parts.job_bytes());
        let admit = || Ok::<_, Error>(parts.admission.admit(operation, bytes, patience));
        let admitted = self.caught(admit)?;
        let admitted = admitted.map_err(|source| Kind::Refused { operation, source })?;
        request.stage.set(Stage::Begun);
        let span = safelight_alloc::is_installed().then(Span::start);
        let result = match &request.handles.work {
            None => self.caught(work),
            Some(measured) => {
                let call = need.describe(measured.call());
                self.caught(|| call.try_measure(work))
            }
        };
        let used = span.map(|span| ByteSize::from_bytes(span.finish().peak_bytes));
        // What failed used less than it would have, and what had others in it their part too.
        if let Some(used) = used.filter(|_| result.is_ok() && !at_work.has_inner()) {
            parts.panics.contain(|| admitted.record_actual(used));
        }
        parts.panics.contain(|| drop(admitted));
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
    stage: Cell<Stage>,
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The result may be there, or another caller may be at it.
    Asked,
    /// It waits for turn and memory.
    Admitted,
    /// Its own work was begun.
    Begun,
}

impl Request {
    fn outcome(&self, error: Option<&Error>) -> Outcome {
        match (error, self.stage.get()) {
            (None, Stage::Asked) => Outcome::Reused,
            (None, Stage::Admitted | Stage::Begun) => Outcome::Computed,
            (Some(error), _) if error.is_panic() => Outcome::Panicked,
            // A job that hands on the refusal of a part of it has failed.
            (Some(error), Stage::Asked | Stage::Admitted) if error.is_refusal() => {
                Outcome::Refused
            }
            (Some(_), _) => Outcome::Failed,
        }
    }
}
