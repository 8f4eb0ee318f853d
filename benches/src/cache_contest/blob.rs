use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use safelight_core::ByteSize;

/// The values that exist now, by their own count.
#[derive(Debug, Default)]
pub struct Live {
    bytes: AtomicU64,
    entries: AtomicUsize,
}

impl Live {
    /// Returns the sizes of all that exist together.
    pub fn bytes(&self) -> ByteSize {
        ByteSize::from_bytes(self.bytes.load(Relaxed))
    }

    /// Returns how many exist.
    pub fn entries(&self) -> usize {
        self.entries.load(Relaxed)
    }
}

/// A value that stands for one of some size: it takes no memory, but counts as alive.
#[derive(Debug)]
pub struct Blob {
    bytes: ByteSize,
    live: Arc<Live>,
}

impl Blob {
    /// Makes a value, which counts from now until it is dropped.
    pub fn new(bytes: ByteSize, live: &Arc<Live>) -> Self {
        live.bytes.fetch_add(bytes.bytes(), Relaxed);
        live.entries.fetch_add(1, Relaxed);
        Self { bytes, live: Arc::clone(live) }
    }

    /// Returns the size that it stands for.
    pub fn bytes(&self) -> ByteSize {
        self.bytes
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        self.live.bytes.fetch_sub(self.bytes.bytes(), Relaxed);
        self.live.entries.fetch_sub(1, Relaxed);
    }
}
