use safelight_cache::{Cache, Limits, Policy, Weigh};
use safelight_core::ByteSize;

use super::{Blob, Contestant, Entrant, Kind};
use crate::cache_trace::{self, Request};

/// The policies of our cache.
pub(super) const ENTRANTS: [Entrant; 2] = [
    Entrant {
        name: "safelight cost-aware",
        kind: Kind::Ours,
        start: |setting| Box::new(Ours::new(setting.limits, Policy::CostAware)),
    },
    Entrant {
        name: "safelight LRU",
        kind: Kind::Ours,
        start: |setting| Box::new(Ours::new(setting.limits, Policy::Lru)),
    },
];

/// It is told the cost, which it would else measure.
struct Ours(Cache<u64, Blob>);

impl Weigh for Blob {
    fn heap(&self) -> ByteSize {
        self.bytes()
    }
}

impl Ours {
    fn new(limits: cache_trace::Limits, policy: Policy) -> Self {
        let cache_trace::Limits { bytes, entries } = limits;
        let limits = Limits { bytes, entries: Some(entries.get()) };
        Self(Cache::builder().limits(limits).policy(policy).build())
    }
}

impl Contestant for Ours {
    fn get(&mut self, key: u64) -> Option<ByteSize> {
        self.0.get(&key).map(|value| value.bytes())
    }

    fn insert(&mut self, request: &Request, value: Blob) {
        self.0.insert_with_cost(request.key, value, request.cost);
    }
}
