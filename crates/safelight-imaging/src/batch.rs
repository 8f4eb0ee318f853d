use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use safelight_core::ByteSize;

use crate::{Cancel, Error};

mod batched;
mod pool;

pub use batched::{BatchItem, Batched};

/// How many images are worked at at once, and how far ahead.
///
/// The work is a closure that takes a path; its results come in the order of the paths.
/// It is done by threads of its own, which are gone when the iterator is.
///
/// ```no_run
/// use std::{fs::File, num::NonZeroUsize};
///
/// use safelight_imaging::{
///     Batch, ConvertOptions, Error, Source, Target, convert,
/// };
///
/// let batch = Batch::new(NonZeroUsize::new(4).expect("not zero"));
/// let work = |path: &std::path::Path| -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
///     let file = File::create(path.with_extension("png"))?;
///     Ok(convert(Source::open(path)?, Target::Png, &ConvertOptions::default(), file)?)
/// };
/// for item in batch.run(["a.jpg", "b.jpg"], work) {
///     match item.result {
///         Ok(converted) => println!("{}: {}", item.path.display(), converted.written),
///         Err(error) => println!("{}: {error}", item.path.display()),
///     }
/// }
/// ```
///
/// # Memory
///
/// At most [`workers`](Batch::new) images are worked at, so that decoding takes no more
/// than [`memory_bound`](Batch::memory_bound). Results that wait for an earlier one, or for
/// the caller, come on top: at most [`most_held`](Batch::most_held), those that are being
/// made included. A caller who is slow holds the workers up.
#[derive(Clone, Debug)]
pub struct Batch {
    n_workers: NonZeroUsize,
    n_ahead: usize,
    cancel: Cancel,
}

impl Batch {
    /// Works at this many images at once; looks as many ahead.
    pub fn new(workers: NonZeroUsize) -> Self {
        Self { n_workers: workers, n_ahead: workers.get(), cancel: Cancel::new() }
    }

    /// Sets how many paths are taken ahead of those that fill the workers.
    ///
    /// With none, a worker is idle while the results before its own are waited for.
    #[must_use]
    pub fn with_lookahead(self, n_ahead: usize) -> Self {
        Self { n_ahead, ..self }
    }

    /// Shares a token that ends the batch between two images.
    #[must_use]
    pub fn with_cancel(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// Returns the most paths taken whose results have not been handed out.
    pub fn most_held(&self) -> usize {
        self.n_workers.get().saturating_add(self.n_ahead)
    }

    /// Returns what all workers take together, where one image takes `per_image`.
    ///
    /// For work that decodes, that is [`Limits::max_decoded`](crate::Limits::max_decoded)
    /// and what is made of the pixels.
    pub fn memory_bound(&self, per_image: ByteSize) -> ByteSize {
        let n_workers = self.n_workers.get() as u64;
        ByteSize::from_bytes(per_image.bytes().saturating_mul(n_workers))
    }

    /// Starts to work at the paths; returns the results, in the order of the paths.
    ///
    /// Paths are taken from the iterator as results are, on the thread of the caller.
    /// A panic of the work is an error of its item ([`Error::is_panic`]).
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    pub fn run<P, F, T, E>(&self, paths: P, work: F) -> Batched<P::IntoIter, T, E>
    where
        P: IntoIterator<Item: Into<PathBuf>>,
        F: Fn(&Path) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let pool = pool::Pool::new(self.n_workers, self.cancel.clone(), work);
        Batched::new(paths.into_iter(), self.most_held(), pool)
    }
}
