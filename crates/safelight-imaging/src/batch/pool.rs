use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use crate::{Cancel, contained::contained};

/// What the work returned, or the message of its panic.
pub(super) type Outcome<T, E> = Result<Result<T, E>, String>;

type Work<T, E> = dyn Fn(&Path) -> Result<T, E> + Send + Sync;

/// Threads that work at paths in order; joined when it is dropped.
pub(super) struct Pool<T, E> {
    shared: Arc<Shared<T, E>>,
    n_most: NonZeroUsize,
    workers: Vec<JoinHandle<()>>,
}

struct Shared<T, E> {
    work: Box<Work<T, E>>,
    cancel: Cancel,
    state: Mutex<State<T, E>>,
    /// There is a path, or the end.
    pushed: Condvar,
    /// There is a result, or there will be no more.
    finished: Condvar,
}

struct State<T, E> {
    waiting: VecDeque<PathBuf>,
    /// The paths begun are the first ones: their indices are below this.
    n_begun: usize,
    /// The paths begun and finished, which includes those taken out.
    n_finished: usize,
    done: HashMap<usize, (PathBuf, Outcome<T, E>)>,
    has_ended: bool,
}

impl<T: Send + 'static, E: Send + 'static> Pool<T, E> {
    pub(super) fn new(
        n_most: NonZeroUsize,
        cancel: Cancel,
        work: impl Fn(&Path) -> Result<T, E> + Send + Sync + 'static,
    ) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            n_begun: 0,
            n_finished: 0,
            done: HashMap::new(),
            has_ended: false,
        };
        let shared = Shared {
            work: Box::new(work),
            cancel,
            state: Mutex::new(state),
            pushed: Condvar::new(),
            finished: Condvar::new(),
        };
        Self { shared: Arc::new(shared), n_most, workers: Vec::new() }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.shared.cancel.is_cancelled()
    }

    /// Hands in a path; starts a worker if all are busy and there may be one more.
    pub(super) fn push(&mut self, path: PathBuf) {
        let mut state = self.shared.lock();
        state.waiting.push_back(path);
        let n_working = state.n_begun - state.n_finished;
        let n_wanted = n_working + state.waiting.len();
        drop(state);
        self.shared.pushed.notify_one();
        if self.workers.len() < n_wanted.min(self.n_most.get()) {
            let shared = Arc::clone(&self.shared);
            self.workers.push(thread::spawn(move || shared.run()));
        }
    }

    /// Waits for the result of this path; none if it has not begun before the end.
    pub(super) fn take(&self, idx: usize) -> Option<(PathBuf, Outcome<T, E>)> {
        let mut state = self.shared.lock();
        loop {
            if let Some(done) = state.done.remove(&idx) {
                return Some(done);
            }
            if state.n_begun <= idx && self.shared.ends(&mut state) {
                return None;
            }
            state =
                self.shared.finished.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T, E> Shared<T, E> {
    fn lock(&self) -> MutexGuard<'_, State<T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing more may begin.
    fn ends(&self, state: &mut State<T, E>) -> bool {
        state.has_ended |= self.cancel.is_cancelled();
        state.has_ended
    }

    /// Works until the end.
    fn run(&self) {
        while let Some((idx, path)) = self.begin() {
            let outcome = contained(|| (self.work)(&path));
            let mut state = self.lock();
            state.n_finished += 1;
            state.done.insert(idx, (path, outcome));
            drop(state);
            self.finished.notify_one();
        }
    }

    fn begin(&self) -> Option<(usize, PathBuf)> {
        let mut state = self.lock();
        loop {
            if self.ends(&mut state) {
                drop(state);
                self.finished.notify_one();
                return None;
            }
            if let Some(path) = state.waiting.pop_front() {
                let idx = state.n_begun;
                state.n_begun += 1;
                return Some((idx, path));
            }
            state = self.pushed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T, E> Drop for Pool<T, E> {
    fn drop(&mut self) {
        self.shared.lock().has_ended = true;
        self.shared.pushed.notify_all();
        for worker in self.workers.drain(..) {
            // It catches what the work panics with; there is nothing else to tell.
            drop(worker.join());
        }
    }
}
