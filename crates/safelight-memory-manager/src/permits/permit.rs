use std::{fmt, mem, sync::Arc};

use safelight_core::ByteSize;

use crate::{
    ReserveError,
    permits::{
        Shared,
        ledger::{Basis, Request},
    },
    sync::lock,
};

/// Bytes that are granted until this is dropped.
///
/// It is owned, and may be sent to another thread or kept beside the buffer it is for.
#[must_use = "the bytes are given back when it is dropped"]
pub struct Permit {
    shared: Arc<Shared>,
    label: &'static str,
    declared: ByteSize,
    charged: ByteSize,
}

impl Permit {
    pub(super) fn new(shared: Arc<Shared>, request: Request, charged: ByteSize) -> Self {
        Self { shared, label: request.label, declared: request.declared, charged }
    }

    /// Returns the bytes that are charged, which may be more than were declared.
    pub fn bytes(&self) -> ByteSize {
        self.charged
    }

    /// Returns what it is for.
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Adds bytes without waiting; consumers are asked to make room where that helps.
    ///
    /// It overtakes nobody: while somebody waits it fails.
    /// So two holders that both want to grow never wait for each other; the one that
    /// cannot should end its work another way, or give back what it has.
    ///
    /// # Errors
    ///
    /// When there is no room now, or can never be beside what this permit holds; the
    /// permit then stays as it is.
    pub fn try_grow(&mut self, more: ByteSize) -> Result<(), ReserveError> {
        let grown = Request {
            label: self.label,
            declared: ByteSize::from_bytes(
                self.charged.bytes().saturating_add(more.bytes()),
            ),
            basis: Basis::Declared,
        };
        if let Some(error) = lock(&self.shared.ledger).refusal(&grown) {
            return Err(error);
        }
        let request = Request { declared: more, ..grown };
        let mut added = self.shared.try_reserve(request)?;
        self.charged += mem::take(&mut added.charged);
        self.declared += more;
        Ok(())
    }

    /// Gives back what is charged above this size.
    pub fn shrink_to(&mut self, bytes: ByteSize) {
        let excess = self.charged - bytes;
        if ByteSize::ZERO < excess {
            self.charged = bytes;
            self.shared.give_back(excess);
        }
    }

    /// Says how many bytes the work really used at its peak.
    ///
    /// Later requests with this label are charged in proportion, see
    /// [`Permits::learned_ratio`](crate::Permits::learned_ratio); this one stays as it is.
    pub fn record_actual(&self, peak: ByteSize) {
        let mut ledger = lock(&self.shared.ledger);
        let place = ledger.learned.place(self.label);
        ledger.learned.record(place, self.declared, peak);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.give_back(self.charged);
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("label", &self.label)
            .field("declared", &self.declared)
            .field("charged", &self.charged)
            .finish_non_exhaustive()
    }
}
