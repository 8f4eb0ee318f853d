use lru::LruCache;
use safelight_core::ByteSize;

use super::{Blob, Contestant};
use crate::cache_trace::{Limits, Request};

/// The policy that everybody knows, exact in bytes and entries.
#[derive(Debug)]
pub struct ExactLru {
    limits: Limits,
    held: LruCache<u64, Blob>,
    bytes: ByteSize,
}

impl ExactLru {
    /// Makes one that holds nothing.
    pub fn new(limits: Limits) -> Self {
        Self { limits, held: LruCache::unbounded(), bytes: ByteSize::ZERO }
    }
}

impl Contestant for ExactLru {
    fn get(&mut self, key: u64) -> Option<ByteSize> {
        self.held.get(&key).map(Blob::bytes)
    }

    fn insert(&mut self, request: &Request, value: Blob) {
        if let Some(outdated) = self.held.pop(&request.key) {
            self.bytes -= outdated.bytes();
        }
        if self.limits.bytes < value.bytes() {
            return;
        }
        let room = self.limits.bytes - value.bytes();
        while room < self.bytes || self.limits.entries.get() <= self.held.len() {
            let Some((_, oldest)) = self.held.pop_lru() else { break };
            self.bytes -= oldest.bytes();
        }
        self.bytes += value.bytes();
        self.held.put(request.key, value);
    }
}
