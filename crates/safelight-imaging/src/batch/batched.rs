use std::{fmt, path::PathBuf};

use super::pool::Pool;
use crate::{Error, error::Kind};

/// What became of one path of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchItem<T, E = Error> {
    /// The path.
    pub path: PathBuf,
    /// What the work returned, or that it panicked.
    pub result: Result<T, E>,
}

/// The results of a batch, in the order of its paths.
///
/// It comes from [`Batch::run`](crate::Batch::run). Dropping it ends the batch: what has
/// begun is finished and waited for, nothing more is begun.
/// After a cancellation, what has begun is still handed out, and then it ends; paths that
/// were taken and not begun are in no item.
pub struct Batched<I, T, E> {
    paths: I,
    n_most: usize,
    n_taken: usize,
    n_handed: usize,
    pool: Pool<T, E>,
}

impl<I, T, E> Batched<I, T, E>
where
    I: Iterator<Item: Into<PathBuf>>,
    T: Send + 'static,
    E: Send + 'static,
{
    pub(super) fn new(paths: I, n_most: usize, pool: Pool<T, E>) -> Self {
        let mut batched = Self { paths, n_most, n_taken: 0, n_handed: 0, pool };
        batched.fill();
        batched
    }

    /// Hands the workers as many paths as may be held.
    fn fill(&mut self) {
        while self.n_taken - self.n_handed < self.n_most && !self.pool.is_cancelled() {
            let Some(path) = self.paths.next() else { break };
            self.pool.push(path.into());
            self.n_taken += 1;
        }
    }
}

impl<I, T, E> Iterator for Batched<I, T, E>
where
    I: Iterator<Item: Into<PathBuf>>,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    type Item = BatchItem<T, E>;

    fn next(&mut self) -> Option<Self::Item> {
        self.fill();
        if self.n_handed == self.n_taken {
            return None;
        }
        let (path, outcome) = self.pool.take(self.n_handed)?;
        self.n_handed += 1;
        // There is room for one more: the workers should not wait for the caller's.
        self.fill();
        let panicked = |message| E::from(Kind::Work(message).into());
        Some(BatchItem {
            path,
            result: outcome.unwrap_or_else(|message| Err(panicked(message))),
        })
    }
}

impl<I, T, E> fmt::Debug for Batched<I, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batched")
            .field("n_taken", &self.n_taken)
            .field("n_handed", &self.n_handed)
            .finish_non_exhaustive()
    }
}
