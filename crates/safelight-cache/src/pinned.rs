use std::{fmt, ops::Deref, sync::Arc};

use crate::slot::Slot;

/// A value that the policy may not evict while this lives; returned by
/// [`Cache::pin`](crate::Cache::pin).
///
/// Lower limits take it out all the same, after all that are not pinned, and so do a removal
/// and the end of its time to live. A reclaim leaves it, as it leaves all that somebody
/// holds.
pub struct Pinned<K, V> {
    slot: Arc<Slot<K, V>>,
    value: Arc<V>,
}

impl<K, V> Pinned<K, V> {
    pub(crate) fn new(slot: Arc<Slot<K, V>>, value: Arc<V>) -> Self {
        slot.pin();
        Self { slot, value }
    }

    /// Returns the key.
    pub fn key(this: &Self) -> &K {
        &this.slot.key
    }

    /// Returns the value.
    pub fn value(this: &Self) -> &Arc<V> {
        &this.value
    }
}

impl<K, V> Deref for Pinned<K, V> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.value
    }
}

impl<K, V> Drop for Pinned<K, V> {
    fn drop(&mut self) {
        self.slot.unpin();
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Pinned<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pinned").field(&self.slot.key).field(&self.value).finish()
    }
}
