//! The figures of all parts, as those see them who collect them from many programs.

use crate::Safelight;

mod cache;
mod jobs;
mod memory;
mod profile;
mod progress;

/// A figure, with a sample for each set of labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) kind: Kind,
    pub(crate) samples: Vec<Sample>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It only grows, but for a new start.
    Counter,
    Gauge,
    /// Quantiles, a sum and a count.
    Summary,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// What comes behind the name of the family.
    pub(crate) suffix: &'static str,
    pub(crate) labels: Vec<(&'static str, String)>,
    pub(crate) value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Count(u64),
    Number(f64),
}

/// Returns all that are known; a part that is off has none.
pub(crate) fn collect(safelight: &Safelight) -> Vec<Family> {
    let parts = safelight.parts();
    let uptime = parts.origin.uptime(&*parts.clock);
    let version = env!("CARGO_PKG_VERSION");
    let mut all = vec![
        Family::gauge("safelight_info", "The version, with the value 1.")
            .with([("version", version)], 1_u64),
        Family::gauge("safelight_uptime_seconds", "Time since the start.").one(uptime),
    ];
    all.extend(jobs::families(safelight));
    all.extend(profile::families(safelight));
    all.extend(cache::families(safelight));
    all.extend(memory::families(safelight));
    all.extend(progress::families(safelight));
    all.retain(|family| !family.samples.is_empty());
    all
}

impl Family {
    fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: Kind::Counter, samples: Vec::new() }
    }

    fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { kind: Kind::Gauge, ..Self::counter(name, help) }
    }

    fn summary(name: &'static str, help: &'static str) -> Self {
        Self { kind: Kind::Summary, ..Self::counter(name, help) }
    }

    /// Adds the only sample.
    fn one(self, value: impl Into<Value>) -> Self {
        self.with([], value)
    }

    /// Adds a sample with labels.
    fn with<const N: usize>(
        self,
        labels: [(&'static str, &str); N],
        value: impl Into<Value>,
    ) -> Self {
        self.with_suffix("", labels, value)
    }

    fn with_suffix<const N: usize>(
        mut self,
        suffix: &'static str,
        labels: [(&'static str, &str); N],
        value: impl Into<Value>,
    ) -> Self {
        let labels = labels.map(|(name, value)| (name, value.to_owned())).to_vec();
        self.samples.push(Sample { suffix, labels, value: value.into() });
        self
    }

    /// Adds a sample for each item.
    fn for_each<T>(
        self,
        items: impl IntoIterator<Item = T>,
        add: impl Fn(Self, T) -> Self,
    ) -> Self {
        items.into_iter().fold(self, add)
    }
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<std::time::Duration> for Value {
    fn from(time: std::time::Duration) -> Self {
        Self::Number(time.as_secs_f64())
    }
}

impl From<safelight_core::ByteSize> for Value {
    fn from(bytes: safelight_core::ByteSize) -> Self {
        Self::Count(bytes.bytes())
    }
}
