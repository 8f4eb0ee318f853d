use std::{
    any::Any,
    error::Error,
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
};

use crate::{
    LoadError, Weigh,
    admission::Claim,
    flight::{Flight, Outcome},
    shared::Shared,
    sync::lock,
};

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// How a load ended without a value, for the one who did it.
pub(crate) struct Failed {
    pub(crate) error: LoadError,
    /// What the work panicked with.
    pub(crate) payload: Option<Payload>,
}

impl Failed {
    /// Goes on with the panic.
    pub(crate) fn resume(self) -> ! {
        match self.payload {
            Some(payload) => resume_unwind(payload),
            None => panic!("{}", self.error),
        }
    }
}

/// The duty to end a load, and to wake those who wait for it, whatever happens.
struct Duty<'a, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    shared: &'a Shared<K, V>,
    key: K,
    flight: Arc<Flight<V>>,
    is_over: bool,
}

impl<K, V> Shared<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    /// Does the work for a key, and all that follows from it.
    pub(crate) fn load<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        key: K,
        flight: Arc<Flight<V>>,
        work: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, Failed> {
        let duty = Duty { shared: self, key: key.clone(), flight, is_over: false };
        let start = self.now();
        let done = catch_unwind(AssertUnwindSafe(work));
        let cost = self.now() - start;
        match done {
            Ok(Ok(value)) => {
                let value = Arc::new(value);
                let mut ledger = lock(&self.ledger);
                ledger.tally.n_loads += 1;
                ledger.tally.load_time += cost;
                drop(ledger);
                let slot = self.slot(key, &value, Some(cost));
                self.admit(&slot, &value, &Claim::Load(Arc::clone(&duty.flight)));
                duty.end(Ok(Arc::clone(&value)));
                Ok(value)
            }
            Ok(Err(error)) => {
                let error = LoadError::failed(error.into());
                duty.end(Err(error.clone()));
                Err(Failed { error, payload: None })
            }
            Err(payload) => {
                let error = LoadError::panicked(&*payload);
                duty.end(Err(error.clone()));
                Err(Failed { error, payload: Some(payload) })
            }
        }
    }
}

impl<K, V> Duty<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    fn end(mut self, outcome: Outcome<V>) {
        self.is_over = true;
        self.finish(outcome);
    }

    fn finish(&self, outcome: Outcome<V>) {
        let mut ledger = lock(&self.shared.ledger);
        if let Err(error) = &outcome {
            ledger.tally.n_failed_loads += 1;
            // One that was overtaken says nothing of what is there now.
            if !error.is_panic() && ledger.is_loading(&self.key, &self.flight) {
                self.shared.remember_failure(&mut ledger, self.key.clone(), error);
            }
        }
        ledger.end_load(&self.key, &self.flight);
        drop(ledger);
        self.flight.land(outcome);
    }
}

/// Weighing a value or an observer may panic, too.
impl<K, V> Drop for Duty<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    fn drop(&mut self) {
        if !self.is_over {
            self.finish(Err(LoadError::panicked(&"the value could not be taken in")));
        }
    }
}
