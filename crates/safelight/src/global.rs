//! One [`Safelight`] for a whole program; a library should be handed its own.

use std::{cell::RefCell, sync::OnceLock};

use crate::{Error, Safelight, error::Kind};

static GLOBAL: OnceLock<Safelight> = OnceLock::new();

thread_local! {
    static OVERRIDE: RefCell<Vec<Safelight>> = const { RefCell::new(Vec::new()) };
}

/// Sets the one of this program; setting the same one again does nothing.
///
/// # Errors
///
/// When another one was set; it stays.
pub fn set(safelight: &Safelight) -> Result<(), Error> {
    let set = GLOBAL.get_or_init(|| safelight.clone());
    if set.is_same(safelight) { Ok(()) } else { Err(Kind::AlreadySet.into()) }
}

/// Returns the one of this scope or else of this program, if it was set.
pub fn get() -> Option<Safelight> {
    let own = OVERRIDE.with_borrow(|stack| stack.last().cloned());
    own.or_else(|| GLOBAL.get().cloned())
}

/// Calls with another one in place of that of the program, on this thread.
///
/// It ends with the call, also where that panics.
///
/// ```
/// use safelight::{Config, Safelight, global};
///
/// let config = Config { memory: None, ..Config::default() };
/// let safelight = Safelight::builder().config(config).start()?;
/// global::with_default(&safelight, || assert!(global::get().is_some()));
/// assert!(global::get().is_none());
/// # Ok::<(), safelight::Error>(())
/// ```
pub fn with_default<R>(safelight: &Safelight, call: impl FnOnce() -> R) -> R {
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            OVERRIDE.with_borrow_mut(Vec::pop);
        }
    }

    OVERRIDE.with_borrow_mut(|stack| stack.push(safelight.clone()));
    let _end = End;
    call()
}
