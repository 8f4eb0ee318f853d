//! Caches that the same traces are played to, and what each of them saves.
//!
//! Every contestant keeps both limits of a [`Setting`]. A peer has but one capacity, so its
//! weigher says `max(bytes, max_bytes / max_entries)`: what fits by that weight fits both.
//! The values are [`Blob`]s, which take no memory but count themselves, so what a contestant
//! really holds does not rest on what it says it holds.
//!
//! ```
//! use safelight_benches::{cache_contest::entrants, cache_trace::settings};
//!
//! let setting = &settings()[0];
//! for entrant in entrants() {
//!     let score = entrant.play(setting);
//!     println!("{}: {:.3}", entrant.name, score.saved_share().get());
//! }
//! ```

use std::sync::Arc;

use safelight_core::ByteSize;

use crate::cache_trace::{Request, Setting};

mod blob;
mod exact_lru;
mod greedy;
mod ours;
#[cfg(feature = "peers")]
mod peers;
pub mod report;
mod score;
mod wall_time;

#[cfg(test)]
mod tests;

pub use blob::{Blob, Live};
pub use exact_lru::ExactLru;
pub use greedy::Greedy;
pub use score::Score;
pub use wall_time::{halve, weak_return};

/// A cache that a trace is played to.
///
/// An implementer drops what it does not keep, so that only what it holds is counted.
pub trait Contestant {
    /// Looks a key up, which counts as a use; returns the size of what is held.
    fn get(&mut self, key: u64) -> Option<ByteSize>;

    /// Takes what had to be made for a request; it may refuse it, and evict others for it.
    ///
    /// What it holds under that key has another size, if anything, and is out of date.
    fn insert(&mut self, request: &Request, value: Blob);

    /// Answers a request as a service would; returns whether it hit.
    fn access(&mut self, request: &Request, live: &Arc<Live>) -> bool {
        if self.get(request.key) == Some(request.bytes) {
            return true;
        }
        self.insert(request, Blob::new(request.bytes, live));
        false
    }
}

/// Who a contestant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A policy of our cache.
    Ours,
    /// A published cache, arranged so that it keeps the limits.
    Peer,
    /// A published cache in its ordinary use, which exceeds the limits: shown, not compared.
    Loose,
    /// A textbook policy, for orientation.
    Textbook,
    /// What knows the future.
    Bound,
}

/// One who may take part: a row of the table of results.
#[derive(Clone, Copy, Debug)]
pub struct Entrant {
    /// What reports call it.
    pub name: &'static str,
    /// Who it is.
    pub kind: Kind,
    start: fn(&Setting) -> Box<dyn Contestant>,
}

impl Entrant {
    /// Plays the trace of a setting to a fresh cache under its limits.
    pub fn play(&self, setting: &Setting) -> Score {
        let live = Arc::new(Live::default());
        let mut contestant = (self.start)(setting);
        let mut score = Score::default();
        for request in &setting.trace.requests {
            let is_hit = contestant.access(request, &live);
            // What was being made is either held now or gone.
            score.add(request, is_hit, &live);
        }
        score
    }
}

/// Returns everyone who takes part in this build.
pub fn entrants() -> Vec<Entrant> {
    let textbook = Entrant {
        name: "exact LRU",
        kind: Kind::Textbook,
        start: |setting| Box::new(ExactLru::new(setting.limits)),
    };
    let bound = Entrant {
        name: "offline greedy",
        kind: Kind::Bound,
        start: |setting| Box::new(Greedy::new(&setting.trace, setting.limits)),
    };
    let mut entrants = ours::ENTRANTS.to_vec();
    #[cfg(feature = "peers")]
    entrants.extend(peers::ENTRANTS);
    entrants.extend([textbook, bound]);
    entrants
}
