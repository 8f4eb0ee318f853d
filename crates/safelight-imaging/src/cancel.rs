use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A token that several threads share, by which one of them ends work between two images.
///
/// ```
/// use safelight_imaging::Cancel;
///
/// let cancel = Cancel::new();
/// let shared = cancel.clone();
/// cancel.cancel();
/// assert!(shared.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Makes a token of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks all who share the token to end; there is no way back.
    pub fn cancel(&self) {
        // Nothing else is told by the flag.
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the end has been asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
