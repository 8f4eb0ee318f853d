//! Requests to a cache in the order in which they come, and what each saves when it hits.
//!
//! A [`Trace`] comes from a seed ([`Synthetic`]) or from a file of the user
//! ([`Trace::from_csv`]); a [`Setting`] adds the limits that a cache has to keep while the
//! trace is played to it.

use std::{collections::HashMap, time::Duration};

use safelight_core::ByteSize;

mod from_csv;
mod random;
mod setting;
mod synthetic;

#[cfg(test)]
mod tests;

pub use from_csv::ReadTraceError;
pub use setting::{Limits, Setting, settings};
pub use synthetic::{Costs, Synthetic};

/// One request for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub key: u64,
    /// What the object takes in memory; the same key with another size is a changed object.
    pub bytes: ByteSize,
    /// What it takes to make the object, which a hit saves.
    pub cost: Duration,
}

/// Requests in the order in which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What reports call it.
    pub name: String,
    /// The requests.
    pub requests: Vec<Request>,
}

/// What a trace has in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Number of requests.
    pub n_requests: usize,
    /// Number of keys.
    pub n_objects: usize,
    /// Sizes of the objects together, each as it was asked for last.
    pub bytes: ByteSize,
    /// What making every requested object takes, without a cache.
    pub cost: Duration,
}

impl Trace {
    /// Adds the trace up.
    pub fn totals(&self) -> Totals {
        let objects: HashMap<u64, ByteSize> =
            self.requests.iter().map(|request| (request.key, request.bytes)).collect();
        Totals {
            n_requests: self.requests.len(),
            n_objects: objects.len(),
            bytes: objects.into_values().sum(),
            cost: self.requests.iter().map(|request| request.cost).sum(),
        }
    }
}
