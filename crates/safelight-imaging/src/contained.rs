use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs what may panic; the message of a panic is the error.
///
/// What the closure borrows must be of no use after a panic but to be rewound or dropped.
pub(crate) fn contained<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied());
        message.unwrap_or("no message").to_owned()
    })
}
