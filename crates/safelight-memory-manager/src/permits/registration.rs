use std::{fmt, sync::Arc};

use safelight_core::ByteSize;

use crate::{
    permits::{Shared, accounts::AccountId},
    sync::lock,
};

/// A consumer that makes room for requests until this is dropped.
///
/// It then keeps the budget that it has, and no longer counts. Where another thread is
/// having it make room at that moment, that call may end after this one.
#[must_use = "the consumer is taken off when it is dropped"]
pub struct Registration {
    shared: Arc<Shared>,
    id: AccountId,
}

impl Registration {
    pub(super) fn new(shared: Arc<Shared>, id: AccountId) -> Self {
        Self { shared, id }
    }

    /// Returns what the consumer may hold now.
    pub fn budget(&self) -> ByteSize {
        lock(&self.shared.ledger).accounts.budget(self.id).unwrap_or_default()
    }

    /// Changes what the consumer may hold when there is plenty.
    ///
    /// A lower budget is set at once, and a higher one as far as room is free.
    ///
    /// # Panics
    ///
    /// With the panic of a consumer that is asked for room.
    pub fn set_configured(&self, configured: ByteSize) {
        let mut ledger = lock(&self.shared.ledger);
        ledger.accounts.set_configured(self.id, configured);
        // Its floor counts for that much at most.
        let wakes = ledger.most_changed();
        ledger.respread();
        drop(ledger);
        wakes.wake();
        self.shared.adjust();
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut ledger = lock(&self.shared.ledger);
        let consumer = ledger.accounts.remove(self.id);
        let wakes = ledger.most_changed();
        drop(ledger);
        wakes.wake();
        // Its end may call back, or wait for those who were just granted, so it comes last.
        drop(consumer);
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("budget", &self.budget())
            .finish_non_exhaustive()
    }
}
