use std::collections::VecDeque;

/// The latest of something; the oldest go.
#[derive(Clone, Debug)]
pub(crate) struct Bounded<T> {
    items: VecDeque<T>,
    n_most: usize,
}

impl<T> Bounded<T> {
    pub(crate) fn new(n_most: usize) -> Self {
        Self { items: VecDeque::new(), n_most }
    }

    pub(crate) fn push(&mut self, item: T) {
        if self.items.len() == self.n_most {
            self.items.pop_front();
        }
        self.items.push_back(item);
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.items.iter()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.items.capacity() * size_of::<T>()
    }
}
