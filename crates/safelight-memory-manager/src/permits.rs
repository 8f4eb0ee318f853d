use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use safelight_core::{ByteSize, Clock, Consumer, SystemClock, Traits};

use crate::{
    Claim, ReserveError,
    sync::{Mutex, lock},
};

mod accounts;
mod learned;
mod ledger;
mod panics;
mod permit;
mod registration;
mod reserve;
mod signal;
mod usage;
mod work;

use self::{
    ledger::{Basis, Ledger, Request},
    panics::Panics,
    signal::Signal,
};

pub use self::{
    permit::Permit, registration::Registration, reserve::Reserve, usage::Usage,
};

/// Admission by bytes: work asks before it allocates, and waits where there is no room.
///
/// Clones are handles of one capacity.
/// Requests are granted strictly in their order: nobody overtakes, and the head is granted
/// as soon as it fits. Room is found first in what is free, then in what registered
/// consumers do not use, then by having them let go (the cheapest to get back first, then
/// the lowest priority, never below the floor), and only then by waiting.
/// Consumers are asked only where that lets the request in, and with no lock held.
///
/// What is granted plus what consumers may hold is within the capacity at each grant.
///
/// ```
/// use safelight_memory_manager::{ByteSize, Permits};
///
/// let permits = Permits::new(ByteSize::mib(100));
/// let decode = permits.try_reserve("decode", ByteSize::mib(60))?;
/// assert!(permits.try_reserve("decode", ByteSize::mib(60)).unwrap_err().is_busy());
/// drop(decode);
/// let permit = permits.try_reserve("decode", ByteSize::mib(60))?;
/// assert_eq!(permit.bytes(), ByteSize::mib(60));
/// # Ok::<(), safelight_memory_manager::ReserveError>(())
/// ```
#[derive(Clone)]
pub struct Permits {
    shared: Arc<Shared>,
}

struct Shared {
    ledger: Mutex<Ledger>,
}

impl Permits {
    /// Makes permits for this many bytes.
    pub fn new(capacity: ByteSize) -> Self {
        let ledger = Mutex::new(Ledger::new(capacity));
        Self { shared: Arc::new(Shared { ledger }) }
    }

    /// Reserves without waiting.
    ///
    /// It overtakes nobody: while another request waits it fails, and so it does where it
    /// needs room from consumers while another thread is setting their budgets.
    ///
    /// # Errors
    ///
    /// When there is no room now, or can never be.
    pub fn try_reserve(
        &self,
        label: &'static str,
        bytes: ByteSize,
    ) -> Result<Permit, ReserveError> {
        self.shared.try_reserve(request(label, bytes))
    }

    /// Reserves, and waits for room for at most this long.
    ///
    /// Do not wait while holding a permit: the room may be what you hold.
    /// [`Duration::MAX`] waits for as long as it takes. The time is that of
    /// [`SystemClock`]; what consumers take to make room in this thread may come on top.
    ///
    /// # Errors
    ///
    /// When there was no room in time, or can never be, which is said at once.
    pub fn reserve(
        &self,
        label: &'static str,
        bytes: ByteSize,
        timeout: Duration,
    ) -> Result<Permit, ReserveError> {
        let request = request(label, bytes);
        let granted = lock(&self.shared.ledger).try_grant(&request);
        if let Some(charged) = granted {
            return Ok(Permit::new(Arc::clone(&self.shared), request, charged));
        }
        self.wait_for(request, timeout)
    }

    /// Returns a future that reserves; it names no executor.
    ///
    /// Dropping it at any time loses nothing, see [`Reserve`].
    ///
    /// ```
    /// # use safelight_memory_manager::{ByteSize, Permits, ReserveError};
    /// async fn thumbnail(permits: &Permits) -> Result<(), ReserveError> {
    ///     let permit = permits.reserve_async("thumbnail", ByteSize::mib(12)).await?;
    ///     // ... the work ...
    ///     permit.record_actual(ByteSize::mib(13));
    ///     Ok(())
    /// }
    /// ```
    pub fn reserve_async(&self, label: &'static str, bytes: ByteSize) -> Reserve {
        Reserve::new(Arc::clone(&self.shared), request(label, bytes))
    }

    /// Changes the capacity, and has consumers make room where it is lower.
    ///
    /// The same one again changes nothing and asks nobody.
    /// What is granted stays granted. A request that waits, and would never be granted with
    /// the new capacity, fails at once with an error that
    /// [says so](ReserveError::is_never_fits): at the head it would hold up all others for
    /// as long as the capacity stays low.
    pub fn set_capacity(&self, capacity: ByteSize) {
        let wakes = lock(&self.shared.ledger).set_capacity(capacity);
        wakes.wake();
        self.shared.adjust();
    }

    /// Returns how the capacity is used now.
    pub fn usage(&self) -> Usage {
        lock(&self.shared.ledger).usage()
    }

    /// Returns what one byte that a label declares is charged.
    ///
    /// It is the largest ratio of real to declared bytes among the last 32 records, between
    /// 1 and 16. It never makes a request impossible that fits by what it declares: that one
    /// is charged the whole capacity at most, and so runs alone.
    /// There are 64 labels; those that come later count as the last of them.
    pub fn learned_ratio(&self, label: &str) -> f64 {
        lock(&self.shared.ledger).learned.ratio(label)
    }

    /// Returns the labels in use, with what one byte that they declare is charged.
    pub fn learned_ratios(&self) -> Vec<(&'static str, f64)> {
        lock(&self.shared.ledger).learned.ratios().collect()
    }

    /// Adds a consumer, which makes room for requests until the registration is dropped.
    ///
    /// Its budget is set to `configured` where so much is free, otherwise to less, and is
    /// never below its floor, which counts for `configured` at most. Once a
    /// [`Control`](crate::Control) steps, its rule says how much consumers may hold in all. Floors make the room for requests smaller, with the same
    /// effect as [`Permits::set_capacity`].
    /// All consumers of one `Permits` share its memory, so those of a GPU have another.
    ///
    /// It may call back, but must not wait for a permit: it may be what the waiting is for.
    /// One that panics counts with all that it may hold until it is asked again; the others
    /// are asked all the same, and the panic then goes on in the thread that called, here or
    /// in any other call that has consumers make room.
    pub fn register(
        &self,
        consumer: impl Consumer + 'static,
        traits: Traits,
        configured: ByteSize,
    ) -> Registration {
        let consumer: Arc<dyn Consumer> = Arc::new(consumer);
        let claim = Claim { traits, configured };
        // From now on it does not grow beyond what the ledger knows of.
        let held = consumer.usage().max(claim.floor());
        consumer.set_budget(held);
        let mut ledger = lock(&self.shared.ledger);
        let id = ledger.accounts.add(consumer, claim, held);
        let wakes = ledger.most_changed();
        ledger.respread();
        drop(ledger);
        // From here on a panic of any consumer takes this one off again.
        let registration = Registration::new(Arc::clone(&self.shared), id);
        wakes.wake();
        self.shared.adjust();
        registration
    }

    /// Sets what the consumers may hold in all, see [`spread`](crate::spread).
    ///
    /// Lower budgets are set at once, and higher ones as far as room is free and nobody
    /// waits: call it again and again, for example with what
    /// [`Budgets`](crate::Budgets) says, and consumers get back what requests took.
    /// Where another thread is setting budgets, that one does this as well.
    pub fn set_budgets(&self, total: ByteSize) {
        let mut ledger = lock(&self.shared.ledger);
        ledger.accounts.aim(total);
        ledger.respread();
        drop(ledger);
        self.shared.adjust();
    }

    /// Has consumers let go of so much once, in the order in which they give.
    ///
    /// Budgets stay as they are, so consumers may fill up again; nobody is asked for what
    /// is within the floor. Returns what they say they let go of.
    pub fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let givers = lock(&self.shared.ledger).accounts.givers();
        let (mut freed, mut panics) = (ByteSize::ZERO, Panics::default());
        for (consumer, floor) in givers {
            let receipt = panics.hold(|| {
                let asked = (consumer.usage() - floor).min(wanted - freed);
                if ByteSize::ZERO < asked { consumer.reclaim(asked) } else { asked }
            });
            freed += receipt.unwrap_or_default();
        }
        lock(&self.shared.ledger).count_reclaimed(freed);
        panics.resume();
        freed
    }

    /// Returns what the consumers hold now, by their own account.
    pub fn held(&self) -> ByteSize {
        let consumers = lock(&self.shared.ledger).accounts.givers();
        let mut panics = Panics::default();
        let mut usage = |consumer: &Arc<dyn Consumer>| panics.hold(|| consumer.usage());
        let held = consumers.iter().filter_map(|(consumer, _)| usage(consumer)).sum();
        panics.resume();
        held
    }

    fn wait_for(
        &self,
        request: Request,
        timeout: Duration,
    ) -> Result<Permit, ReserveError> {
        let signal = Arc::new(Signal::default());
        let waker = Waker::from(Arc::clone(&signal));
        let mut ctx = Context::from_waker(&waker);
        let mut reserve = Reserve::new(Arc::clone(&self.shared), request);
        // A deadline that no clock reaches is none.
        let deadline = SystemClock.now().checked_add(timeout);
        loop {
            if let Poll::Ready(outcome) = Pin::new(&mut reserve).poll(&mut ctx) {
                return outcome;
            }
            let left = deadline.map(|d| d.saturating_duration_since(SystemClock.now()));
            if left.is_some_and(|left| left.is_zero()) {
                // It leaves the queue first, so that it does not count itself.
                drop(reserve);
                let room = lock(&self.shared.ledger).room(&request);
                let Request { label, declared, .. } = request;
                return Err(ReserveError::timed_out(label, declared, room, timeout));
            }
            signal.wait(left);
        }
    }
}

fn request(label: &'static str, declared: ByteSize) -> Request {
    Request { label, declared, basis: Basis::Learned }
}

impl Shared {
    fn try_reserve(self: &Arc<Self>, request: Request) -> Result<Permit, ReserveError> {
        let mut ledger = lock(&self.ledger);
        if let Some(charged) = ledger.try_grant(&request) {
            drop(ledger);
            return Ok(Permit::new(Arc::clone(self), request, charged));
        }
        if let Some(error) = ledger.refusal(&request) {
            return Err(error);
        }
        let may_fit = ledger.may_fit(&request);
        let room = ledger.room(&request);
        drop(ledger);
        if may_fit {
            // It is the head while consumers make room, and then waits no longer.
            let mut reserve = Reserve::new(Arc::clone(self), request);
            if let Poll::Ready(outcome) = reserve.advance(Waker::noop()) {
                return outcome;
            }
        }
        Err(ReserveError::busy(request.label, request.declared, room))
    }

    fn give_back(&self, charged: ByteSize) {
        let wakes = lock(&self.ledger).give_back(charged);
        wakes.wake();
    }

    /// Has consumers do what is due, if that is not going on already.
    ///
    /// One thread does so at a time, and goes on until nothing is due: the others need not
    /// wait for it, and budgets are set in the order in which they were decided.
    fn adjust(&self) {
        let Some(mut work) = lock(&self.ledger).begin() else { return };
        let mut panics = Panics::default();
        loop {
            let done = work.carry_out(&mut panics);
            let (next, wakes) = lock(&self.ledger).go_on(&done);
            panics.hold(|| wakes.wake());
            match next {
                Some(next) => work = next,
                None => break,
            }
        }
        panics.resume();
    }
}

impl fmt::Debug for Permits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permits").field("usage", &self.usage()).finish_non_exhaustive()
    }
}
