use std::{cell::RefCell, marker::PhantomData};

thread_local! {
    /// The jobs that this thread is at, the innermost last.
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// A job that a thread is at.
#[derive(Debug)]
struct Frame {
    instance: usize,
    has_inner: bool,
}

/// This thread is at a job until it is dropped.
#[derive(Debug)]
pub(crate) struct AtWork {
    is_part: bool,
    /// Its place among the frames.
    idx: usize,
    /// It must be dropped on its own thread.
    not_send: PhantomData<*const ()>,
}

impl AtWork {
    /// Begins a job of this instance; all jobs that the thread is at have one within them.
    pub(crate) fn begin(instance: usize) -> Self {
        let is_part = is_at_work(instance);
        let idx = FRAMES.with_borrow_mut(|frames| {
            for frame in frames.iter_mut() {
                frame.has_inner = true;
            }
            frames.push(Frame { instance, has_inner: false });
            frames.len() - 1
        });
        Self { is_part, idx, not_send: PhantomData }
    }

    /// Whether it is a part of another job of the same instance.
    pub(crate) fn is_part(&self) -> bool {
        self.is_part
    }

    /// Whether a job began within it, of any instance.
    pub(crate) fn has_inner(&self) -> bool {
        FRAMES.with_borrow(|frames| frames[self.idx].has_inner)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        FRAMES.with_borrow_mut(Vec::pop);
    }
}

/// Whether this thread is at a job of this instance.
pub(crate) fn is_at_work(instance: usize) -> bool {
    FRAMES.with_borrow(|frames| frames.iter().any(|frame| frame.instance == instance))
}
