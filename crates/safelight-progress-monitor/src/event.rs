use crate::{Entry, Notice};

/// What a [`Collector`](crate::Collector) tells its observer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// An alert began or ended.
    Notice(Notice),
    /// A measure was taken or undone.
    Measure(Entry),
}
