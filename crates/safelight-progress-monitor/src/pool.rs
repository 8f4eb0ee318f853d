//! Shards live for ever, so that a thread can look at its own without bookkeeping; those of
//! trackers that are gone serve the next ones.

use crate::shard::Shard;

#[cfg(not(shuttle))]
mod kept {
    use std::sync::{Mutex, PoisonError};

    use super::Shard;

    static FREE: Mutex<Vec<&'static Shard>> = Mutex::new(Vec::new());

    /// Returns a shard that nobody has; its count is 0.
    pub(crate) fn take() -> &'static Shard {
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.unwrap_or_else(|| Box::leak(Box::new(Shard::new())))
    }

    /// Takes shards back of which nobody has any.
    pub(crate) fn give_back(shards: &[&'static Shard]) {
        for shard in shards {
            shard.reset();
        }
        FREE.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(shards);
    }
}

// What outlives a schedule confuses the checker.
#[cfg(shuttle)]
mod kept {
    use super::Shard;

    pub(crate) fn take() -> &'static Shard {
        Box::leak(Box::new(Shard::new()))
    }

    pub(crate) fn give_back(_: &[&'static Shard]) {}
}

pub(crate) use self::kept::{give_back, take};
