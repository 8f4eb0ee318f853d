//! A cache exact in bytes and entries, that knows what a hit saves.
//!
//! It holds results that cost time to make, of images or of anything else, within limits
//! that hold at every moment and from any thread.
//! A hit is the [`Arc`](std::sync::Arc) that is held: nothing is copied.
//! However many threads ask for a key that is not there, one does the work.
//!
//! ```
//! use safelight_cache::Cache;
//!
//! # fn thumbnail(_: &str) -> Vec<u8> { vec![0; 64 * 64 * 3] }
//! let cache: Cache<String, Vec<u8>> = Cache::default();
//! for name in ["sea.jpg", "sky.jpg", "sea.jpg"] {
//!     let small = cache.get_or_compute(name.to_owned(), || thumbnail(name));
//!     println!("{name}: {} bytes", small.len());
//! }
//! assert_eq!((cache.stats().n_loads, cache.stats().n_hits), (2, 1));
//! println!("{}", cache.stats());
//! ```
//!
//! A name says nothing of what is in the file.
//! A [`Key`] does: it is made of a [`SourceId`] (a file in its present state, or a
//! [`ContentHash`]), an [`Operation`] with the version of its code, and the parameters.
//!
//! # Limits, weights and classes
//!
//! - A value says by [`Weigh`] how many bytes dropping it gives back. Buffers and text do
//!   so already; for a type of your own it is one method. Each entry weighs
//!   [`Cache::OVERHEAD`] more, for what the cache keeps beside the value.
//! - [`Limits`] are of bytes and of entries: 256 MiB and 50 entries by default. Others
//!   leave before a newcomer comes in, and what is on its way out takes its room until it
//!   is dropped. A value that alone is over the limit is returned but not kept.
//! - Where one cache holds images and small results too, the type of its values says which
//!   are [`Small`](Class::Small): these have limits of their own beside the others, 4 MiB in
//!   any number of entries, so that thousands of them push no image out.
//! - The limits are about what the cache owns. A value that is evicted while you hold it
//!   is yours; until you drop it a request still finds it, and it takes a place again if
//!   it may.
//! - As a [`Consumer`] of memory a cache takes a budget below
//!   its limits, and gives memory back with a receipt of what was really freed.
//!   [`trim`](Cache::trim) does so by pressure, and [`pin`](Cache::pin) keeps an entry
//!   from the policy, though not from lower limits.
//!
//! # Which policy
//!
//! - [`Policy::CostAware`], the default, keeps what saves the most time for the room it
//!   takes. It is the one for values that differ in cost or size, and for scans: it can
//!   *refuse* a newcomer, so that a value that was just put there is not kept.
//! - [`Policy::Lru`] keeps what was used last, exactly. Take it where each new value has
//!   to be kept, or where the order must be foreseen.
//!
//! # When not to use it
//!
//! - For values that hardly ever repeat, or that are as cheap to make as to find: a hit
//!   costs the making of the key, a hash and a comparison of it, and the owned key that
//!   [`get_or_compute`](Cache::get_or_compute) takes. [`Stats::break_even`] and
//!   [`BreakEven`] say from which share of hits on it pays.
//! - In async code, where work is awaited: the work is a closure, and those who want its
//!   value block their thread until it is there.
//! - To keep results for the next run, or on disk: there is no second tier.
//!   [`Cache::keys`] and [`Cache::warm`] load again what was there.
//! - Where two loads may ask for each other's key on two threads: both wait for ever.
//! - With keys that own much memory: the heap of a key is not counted.
//! - With keys whose `Hash`, `Eq`, `Clone` or `Drop` call the cache, or errors whose `Drop`
//!   does: they run under its lock. Loads, weighing, observers and the `Drop` of values run
//!   without it, and may call the cache.
//! - With values that are large in themselves, such as an array of more than 1 KiB, which
//!   does not compile: put them into a [`Box`]. What a value owns is freed with the value,
//!   but its own few bytes only when the last trace of its entry goes.
//!
//! # Features
//!
//! - `image`: [`Weigh`] for the buffers of the `image` crate, by their capacity.

#![forbid(unsafe_code)]

mod admission;
mod break_even;
mod builder;
mod cache;
mod config;
mod content_hash;
mod evicted;
mod failures;
mod flight;
mod front;
mod ghosts;
mod key;
mod leaving;
mod ledger;
mod limits;
mod load;
mod load_error;
mod partition;
mod pinned;
mod policy;
mod settings;
mod shared;
#[cfg(all(test, shuttle))]
mod shuttle_tests;
mod slot;
mod source_id;
mod stats;
mod sync;
mod upkeep;
mod warm;
mod weigh;

pub use crate::break_even::{BreakEven, Verdict};
pub use crate::builder::Builder;
pub use crate::cache::Cache;
pub use crate::config::Config;
pub use crate::content_hash::{ContentHash, PixelShape};
pub use crate::evicted::{Cause, Evicted};
pub use crate::key::{Key, Operation};
pub use crate::limits::Limits;
pub use crate::load_error::LoadError;
pub use crate::pinned::Pinned;
pub use crate::policy::Policy;
pub use crate::source_id::SourceId;
pub use crate::stats::{Evictions, Stats, Usage};
pub use crate::warm::Warmed;
pub use crate::weigh::{Class, Weigh};

// What callers of the above need.
pub use safelight_core::{
    ByteSize, Clock, Consumer, ManualClock, Observer, Pressure, Share, SystemClock,
};
