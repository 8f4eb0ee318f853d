use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::{
    Permit, ReserveError,
    permits::{
        Shared,
        ledger::{Request, Settled, Ticket},
    },
    sync::lock,
};

/// A request for bytes that waits until it is granted.
///
/// It takes its place in the queue when it is first polled.
/// Dropped before that, while it waits, or after it was granted but before anybody looked,
/// it leaves nothing behind: those after it move up, and its bytes are free again.
///
/// # Panics
///
/// When it is polled again after it was ready.
#[must_use = "a future does nothing until it is awaited"]
pub struct Reserve {
    shared: Arc<Shared>,
    request: Request,
    state: State,
    is_counted: bool,
}

#[derive(Debug)]
enum State {
    New,
    Waiting(Ticket),
    Done,
}

impl Reserve {
    pub(super) fn new(shared: Arc<Shared>, request: Request) -> Self {
        Self { shared, request, state: State::New, is_counted: false }
    }

    /// Asks, and where that is of use has consumers make room.
    pub(super) fn advance(
        &mut self,
        waker: &Waker,
    ) -> Poll<Result<Permit, ReserveError>> {
        let answer = self.ask(waker.clone());
        if answer.is_ready() {
            return answer;
        }
        self.shared.adjust();
        // Also where another thread was at it: that one may have granted it meanwhile.
        self.ask(waker.clone())
    }

    /// Takes a place in the queue, or asks what became of it.
    fn ask(&mut self, waker: Waker) -> Poll<Result<Permit, ReserveError>> {
        let settled = match self.state {
            State::New => self.enter(waker),
            State::Waiting(ticket) => {
                // Whichever waker is left over is dropped without the lock.
                let mut waker = Some(waker);
                let settled = lock(&self.shared.ledger).inquire(ticket, &mut waker);
                drop(waker);
                settled
            }
            State::Done => panic!("polled again after it was ready"),
        };
        settled.map_or(Poll::Pending, |settled| {
            self.state = State::Done;
            let shared = Arc::clone(&self.shared);
            Poll::Ready(settled.map(|charged| Permit::new(shared, self.request, charged)))
        })
    }

    fn enter(&mut self, waker: Waker) -> Option<Settled> {
        let mut ledger = lock(&self.shared.ledger);
        if let Some(error) = ledger.refusal(&self.request) {
            return Some(Err(error));
        }
        if let Some(charged) = ledger.try_grant(&self.request) {
            return Some(Ok(charged));
        }
        self.state = State::Waiting(ledger.enqueue(self.request, waker));
        None
    }
}

impl Future for Reserve {
    type Output = Result<Permit, ReserveError>;

    fn poll(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = self.advance(ctx.waker());
        if answer.is_pending() && !mem::replace(&mut self.is_counted, true) {
            lock(&self.shared.ledger).count_wait();
        }
        answer
    }
}

impl Drop for Reserve {
    fn drop(&mut self) {
        if let State::Waiting(ticket) = self.state {
            let (own, wakes) = lock(&self.shared.ledger).cancel(ticket);
            drop(own);
            wakes.wake();
        }
    }
}

impl fmt::Debug for Reserve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve")
            .field("label", &self.request.label)
            .field("declared", &self.request.declared)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
