use std::{error, fmt, sync::Arc, time::Duration};

use safelight_core::ByteSize;
use safelight_memory_manager::{Permit, Permits};

use crate::error::Cause;

/// Says whether there is memory for a job.
///
/// It is called on the thread of the job, with no lock held, and may wait as long as it is
/// told. What it returns is dropped when the job ends.
pub trait Admission: Send + Sync {
    /// Lets a job in that wants so many bytes, or refuses it after so much time.
    ///
    /// # Errors
    ///
    /// When there is no room in time, or there can never be.
    fn admit(
        &self,
        operation: &'static str,
        bytes: ByteSize,
        patience: Duration,
    ) -> Result<Box<dyn Admitted>, Refusal>;
}

/// The room that a job has; dropping it gives it back.
pub trait Admitted: Send {
    /// Takes note of the heap that the job really used; ignored by default.
    fn record_actual(&self, _peak: ByteSize) {}
}

/// Lets everybody in and keeps no account.
impl Admission for () {
    fn admit(
        &self,
        _: &'static str,
        _: ByteSize,
        _: Duration,
    ) -> Result<Box<dyn Admitted>, Refusal> {
        Ok(Box::new(()))
    }
}

impl Admitted for () {}

impl<T: Admission + ?Sized> Admission for Arc<T> {
    fn admit(
        &self,
        operation: &'static str,
        bytes: ByteSize,
        patience: Duration,
    ) -> Result<Box<dyn Admitted>, Refusal> {
        (**self).admit(operation, bytes, patience)
    }
}

impl Admission for Permits {
    fn admit(
        &self,
        operation: &'static str,
        bytes: ByteSize,
        patience: Duration,
    ) -> Result<Box<dyn Admitted>, Refusal> {
        match self.reserve(operation, bytes, patience) {
            Ok(permit) => Ok(Box::new(permit)),
            Err(error) if error.is_never_fits() => Err(Refusal::never(error)),
            Err(error) => Err(Refusal::busy(error)),
        }
    }
}

impl Admitted for Permit {
    fn record_actual(&self, peak: ByteSize) {
        Self::record_actual(self, peak);
    }
}

/// Why a job was not let in.
#[derive(Debug)]
pub struct Refusal {
    is_busy: bool,
    cause: Cause,
}

impl Refusal {
    /// There is no room now; there may be later.
    pub fn busy(cause: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        Self { is_busy: true, cause: cause.into() }
    }

    /// There can never be so much room.
    pub fn never(cause: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        Self { is_busy: false, cause: cause.into() }
    }

    /// Whether there may be room later.
    pub fn is_busy(&self) -> bool {
        self.is_busy
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl error::Error for Refusal {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.cause.source()
    }
}
