use std::{
    any::Any,
    cell::Cell,
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
    has_landed: Cell<bool>,
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
        let duty = Duty { shared: self, key, flight, has_landed: Cell::new(false) };
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
                // Those who wait need not wait for what leaves to make room.
                duty.land(Ok(Arc::clone(&value)));
                let slot = self.slot(duty.key.clone(), &value, Some(cost));
                self.admit(&slot, &value, &Claim::Load(Arc::clone(&duty.flight)));
                Ok(value)
            }
            Ok(Err(error)) => {
                let error = LoadError::failed(error.into());
                duty.fail(&error);
                Err(Failed { error, payload: None })
            }
            Err(payload) => {
                let error = LoadError::panicked(&*payload);
                duty.fail(&error);
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
    fn land(&self, outcome: Outcome<V>) {
        self.flight.land(outcome);
        self.has_landed.set(true);
    }

    fn fail(&self, error: &LoadError) {
        let mut ledger = lock(&self.shared.ledger);
        ledger.tally.n_failed_loads += 1;
        // One that was overtaken says nothing of what is there now.
        if !error.is_panic() && ledger.is_loading(&self.key, &self.flight) {
            self.shared.remember_failure(&mut ledger, self.key.clone(), error);
        }
        ledger.end_load(&self.key, &self.flight);
        drop(ledger);
        self.land(Err(error.clone()));
    }
}

/// What is left to do, also where a key, weighing a value or an observer panics.
impl<K, V> Drop for Duty<'_, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Weigh + Send + Sync + 'static,
{
    fn drop(&mut self) {
        if !self.has_landed.get() {
            self.flight
                .land(Err(LoadError::panicked(&"the value could not be taken in")));
        }
        lock(&self.shared.ledger).end_load(&self.key, &self.flight);
    }
}
