use std::io::{self, Read};

use crate::Tracker;

/// Makes iterators count their items.
///
/// ```
/// use safelight_progress_monitor::{Monitor, TrackIterator};
///
/// let tracker = Monitor::new().tracker("items");
/// for n in (0..5).tracked(&tracker) {
///     // The one at hand is not done yet.
///     assert_eq!(tracker.n_done(), n);
/// }
/// assert_eq!((tracker.n_done(), tracker.total()), (5, Some(5)));
/// ```
pub trait TrackIterator: Iterator + Sized {
    /// Counts each item once the next one is asked for.
    ///
    /// Where the tracker has no total and the iterator knows how many there are, that is
    /// the total. The last item counts when the iterator is dropped.
    ///
    /// At its end the tracker is idle, until something is counted again.
    fn tracked(self, tracker: &Tracker) -> Tracked<Self> {
        if let (least, Some(most)) = self.size_hint()
            && least == most
        {
            tracker.suggest_total(most as u64);
        }
        Tracked { inner: self, tracker: tracker.clone(), n_at_hand: 0 }
    }
}

impl<I: Iterator> TrackIterator for I {}

/// An iterator or reader that counts what goes through it.
#[derive(Debug)]
pub struct Tracked<T> {
    inner: T,
    tracker: Tracker,
    /// Items that were handed out and whose work may go on.
    n_at_hand: u64,
}

impl<T> Tracked<T> {
    /// Counts what was handed out before.
    fn count(&mut self) {
        let n_done = std::mem::take(&mut self.n_at_hand);
        if 0 < n_done {
            self.tracker.add(n_done);
        }
    }

    fn note(&mut self, is_any: bool) {
        self.n_at_hand = u64::from(is_any);
        if !is_any {
            self.tracker.rest();
        }
    }
}

impl<T> Drop for Tracked<T> {
    fn drop(&mut self) {
        // A panic in the work on an item is no reason to count it.
        if !std::thread::panicking() {
            self.count();
        }
    }
}

impl<I: Iterator> Iterator for Tracked<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.count();
        let item = self.inner.next();
        self.note(item.is_some());
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for Tracked<I> {
    fn next_back(&mut self) -> Option<I::Item> {
        self.count();
        let item = self.inner.next_back();
        self.note(item.is_some());
        item
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Tracked<I> {}

/// Makes readers count their bytes.
///
/// ```
/// use std::io::{Read, copy, sink};
///
/// use safelight_progress_monitor::{Monitor, TrackRead};
///
/// let tracker = Monitor::new().tracker("bytes");
/// copy(&mut [7_u8; 1000].as_slice().tracked_bytes(&tracker), &mut sink())?;
/// assert_eq!(tracker.n_done(), 1000);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait TrackRead: Read + Sized {
    /// Counts the bytes that are read; at the end of all the tracker is idle.
    fn tracked_bytes(self, tracker: &Tracker) -> Tracked<Self> {
        Tracked { inner: self, tracker: tracker.clone(), n_at_hand: 0 }
    }
}

impl<R: Read> TrackRead for R {}

impl<R: Read> Read for Tracked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.inner.read(buffer)?;
        if 0 < n_read {
            self.tracker.add(n_read as u64);
        } else if !buffer.is_empty() {
            self.tracker.rest();
        }
        Ok(n_read)
    }
}
