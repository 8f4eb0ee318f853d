use std::{
    collections::{HashMap, VecDeque},
    mem,
    task::Waker,
};

use safelight_core::ByteSize;

use crate::{
    ReserveError,
    permits::{
        accounts::Accounts,
        learned::Learned,
        panics::Panics,
        usage::Usage,
        work::{Held, Work},
    },
    reserve_error::Room,
};

/// Who holds what, and who waits for it: plain data, without locks and without calls.
///
/// What is granted plus what consumers are allotted is within the capacity whenever
/// something is granted or a consumer is allotted more.
/// It is above only after the capacity was lowered or a floor was added, until enough is
/// given back; nothing is granted meanwhile.
pub(super) struct Ledger {
    capacity: ByteSize,
    granted: ByteSize,
    queue: VecDeque<Waiter>,
    settled: HashMap<Ticket, Settled>,
    next_ticket: Ticket,
    pub(super) accounts: Accounts,
    pub(super) learned: Learned,
    is_adjusting: bool,
    wants_lower: bool,
    wants_raise: bool,
    reclaimed: ByteSize,
    most_granted: ByteSize,
    n_granted: u64,
    n_waited: u64,
}

pub(super) type Ticket = u64;

/// The bytes that are charged, or why there are none.
pub(super) type Settled = Result<ByteSize, ReserveError>;

/// What somebody asks for.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub(super) label: &'static str,
    pub(super) declared: ByteSize,
    pub(super) basis: Basis,
}

/// What a request is charged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// What jobs of its label really use.
    Learned,
    /// What it says.
    Declared,
}

struct Waiter {
    ticket: Ticket,
    request: Request,
    charged: ByteSize,
    waker: Option<Waker>,
}

/// Those to be woken once the lock is released.
#[must_use]
#[derive(Default)]
pub(super) struct Wakes(Vec<Waker>);

impl Wakes {
    /// Wakes all, also where one panics.
    pub(super) fn wake(self) {
        let mut panics = Panics::default();
        for waker in self.0 {
            panics.hold(|| waker.wake());
        }
        panics.resume();
    }
}

impl Ledger {
    pub(super) fn new(capacity: ByteSize) -> Self {
        Self {
            capacity,
            granted: ByteSize::ZERO,
            queue: VecDeque::new(),
            settled: HashMap::new(),
            next_ticket: 0,
            accounts: Accounts::new(),
            learned: Learned::new(),
            is_adjusting: false,
            wants_lower: false,
            wants_raise: false,
            reclaimed: ByteSize::ZERO,
            most_granted: ByteSize::ZERO,
            n_granted: 0,
            n_waited: 0,
        }
    }

    pub(super) fn usage(&self) -> Usage {
        Usage {
            capacity: self.capacity,
            granted: self.granted,
            allotted: self.accounts.allotted(),
            configured: self.accounts.configured(),
            reclaimed: self.reclaimed,
            most_granted: self.most_granted,
            n_granted: self.n_granted,
            n_waited: self.n_waited,
            n_waiting: self.queue.len(),
        }
    }

    pub(super) fn free(&self) -> ByteSize {
        self.capacity - self.granted - self.accounts.allotted()
    }

    /// What a request may be at most: all but the floors.
    pub(super) fn most(&self) -> ByteSize {
        self.capacity - self.accounts.floors()
    }

    /// Returns what there is for a request.
    pub(super) fn room(&mut self, request: &Request) -> Room {
        Room {
            charged: self.charge(request),
            free: self.free(),
            capacity: self.capacity,
            n_waiting: self.queue.len(),
        }
    }

    /// Counts a request that waits for others.
    pub(super) fn count_wait(&mut self) {
        self.n_waited += 1;
    }

    /// Grants a request that fits while nobody waits.
    pub(super) fn try_grant(&mut self, request: &Request) -> Option<ByteSize> {
        let charged = self.charge(request);
        let fits = self.queue.is_empty() && self.fits(charged, request);
        fits.then(|| self.grant(charged))
    }

    /// Whether a request that was not granted may be, once consumers have made room.
    pub(super) fn may_fit(&mut self, request: &Request) -> bool {
        if !self.queue.is_empty() {
            return false;
        }
        self.accounts.forgive();
        self.charge(request) <= self.free() + self.accounts.reclaimable()
    }

    /// Puts a request at the end of the queue.
    ///
    /// It does not fit, or is not the first: nothing changes for the others.
    pub(super) fn enqueue(&mut self, request: Request, waker: Waker) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        if self.queue.is_empty() {
            self.accounts.forgive();
        }
        let charged = self.charge(&request);
        self.queue.push_back(Waiter { ticket, request, charged, waker: Some(waker) });
        ticket
    }

    /// Says why a request can never be granted, if so.
    pub(super) fn refusal(&self, request: &Request) -> Option<ReserveError> {
        let most = self.most();
        (most < request.declared).then(|| {
            let Request { label, declared, .. } = *request;
            ReserveError::never_fits(label, declared, most, self.capacity)
        })
    }

    /// Returns how a request ended; otherwise takes the waker, and leaves the old one.
    pub(super) fn inquire(
        &mut self,
        ticket: Ticket,
        waker: &mut Option<Waker>,
    ) -> Option<Settled> {
        if let Some(settled) = self.settled.remove(&ticket) {
            return Some(settled);
        }
        let place = self.place(ticket).expect("a request waits or is settled");
        mem::swap(&mut self.queue[place].waker, waker);
        None
    }

    /// Takes a request back; what it was granted meanwhile is given back.
    pub(super) fn cancel(&mut self, ticket: Ticket) -> (Option<Waker>, Wakes) {
        match self.settled.remove(&ticket) {
            Some(Ok(charged)) => (None, self.give_back(charged)),
            Some(Err(_)) => (None, Wakes::default()),
            None => {
                let place = self.place(ticket).expect("a request waits or is settled");
                let waiter = self.queue.remove(place);
                if place == 0 {
                    self.ask_again();
                }
                (waiter.and_then(|waiter| waiter.waker), self.pump())
            }
        }
    }

    /// Takes bytes back from a holder.
    pub(super) fn give_back(&mut self, charged: ByteSize) -> Wakes {
        self.granted -= charged;
        if self.queue.is_empty() {
            return Wakes::default();
        }
        self.ask_again();
        self.pump()
    }

    /// Changes the capacity.
    ///
    /// The same one again asks nobody: a consumer that sets it as it is asked would be asked
    /// for ever.
    pub(super) fn set_capacity(&mut self, capacity: ByteSize) -> Wakes {
        if self.capacity == capacity {
            return Wakes::default();
        }
        self.capacity = capacity;
        self.ask_again();
        self.most_changed()
    }

    /// Settles those who can never be granted now, and charges the others anew.
    pub(super) fn most_changed(&mut self) -> Wakes {
        let mut wakes = Wakes::default();
        for mut waiter in mem::take(&mut self.queue) {
            if let Some(error) = self.refusal(&waiter.request) {
                self.settled.insert(waiter.ticket, Err(error));
                wakes.0.extend(waiter.waker);
            } else {
                waiter.charged = self.charge(&waiter.request);
                self.queue.push_back(waiter);
            }
        }
        wakes.0.append(&mut self.pump().0);
        wakes
    }

    /// Has the budgets brought to their targets by whoever adjusts next.
    pub(super) fn respread(&mut self) {
        self.accounts.forgive();
        self.wants_lower = true;
        self.wants_raise = true;
    }

    /// Starts work on consumers, unless somebody is at it or there is none.
    ///
    /// Who gets work carries it out without the lock, and then calls [`Ledger::go_on`].
    pub(super) fn begin(&mut self) -> Option<Work> {
        if self.is_adjusting {
            return None;
        }
        let work = self.next_work();
        self.is_adjusting = work.is_some();
        work
    }

    /// Takes note of work that was done, and returns what is to be done next.
    pub(super) fn go_on(&mut self, done: &[Held]) -> (Option<Work>, Wakes) {
        self.reclaimed += done.iter().map(|held| held.receipt).sum();
        self.accounts.record(done);
        let wakes = self.pump();
        // What came up while the work was done is seen here: nobody else looks after it.
        // The mutant of the tests under shuttle does not look.
        let is_weakened = cfg!(shuttle) && option_env!("WEAKENED").is_some();
        let work = if is_weakened { None } else { self.next_work() };
        self.is_adjusting = work.is_some();
        (work, wakes)
    }

    pub(super) fn count_reclaimed(&mut self, receipt: ByteSize) {
        self.reclaimed += receipt;
    }

    /// Lets the head have those asked again that kept too much.
    ///
    /// Not while they are being asked: one that gives back as it is asked, or gives up a
    /// wait, would be asked for ever.
    fn ask_again(&mut self) {
        if !self.is_adjusting {
            self.accounts.forgive();
        }
    }

    fn charge(&mut self, request: &Request) -> ByteSize {
        let Request { label, declared, basis } = *request;
        if basis == Basis::Declared {
            return declared;
        }
        let place = self.learned.place(label);
        // What is learned never makes a request impossible: at worst it runs alone.
        self.learned.charge(place, declared).min(self.most().max(declared))
    }

    /// A request of nothing does not fit beside too much either.
    fn fits(&self, charged: ByteSize, request: &Request) -> bool {
        let held = self.granted + self.accounts.allotted();
        charged <= self.free() && held <= self.capacity && request.declared <= self.most()
    }

    fn grant(&mut self, charged: ByteSize) -> ByteSize {
        self.granted += charged;
        self.n_granted += 1;
        self.most_granted = self.most_granted.max(self.granted);
        charged
    }

    fn place(&self, ticket: Ticket) -> Option<usize> {
        self.queue.binary_search_by_key(&ticket, |waiter| waiter.ticket).ok()
    }

    /// Grants from the head on; wakes the next one if it can make room by itself.
    fn pump(&mut self) -> Wakes {
        let mut wakes = Wakes::default();
        while let Some(head) = self.queue.front() {
            let request = head.request;
            // What was learned while it waited counts.
            let charged = self.charge(&request);
            if let Some(head) = self.queue.front_mut() {
                head.charged = charged;
            }
            if !self.fits(charged, &request) {
                break;
            }
            let head = self.queue.pop_front().expect("there is a head");
            self.grant(charged);
            self.settled.insert(head.ticket, Ok(charged));
            wakes.0.extend(head.waker);
        }
        if !self.is_adjusting && ByteSize::ZERO < self.shortage() {
            wakes.0.extend(self.queue.front_mut().and_then(|head| head.waker.take()));
        }
        wakes
    }

    /// What consumers should let go of: nothing, where that would not help.
    fn shortage(&self) -> ByteSize {
        let held = self.granted + self.accounts.allotted();
        let over = held - self.capacity;
        let reclaimable = self.accounts.reclaimable();
        let of_head = self.queue.front().map_or(ByteSize::ZERO, |head| {
            let missing = over + (head.charged - self.free());
            if missing <= reclaimable { missing } else { ByteSize::ZERO }
        });
        of_head.max(over.min(reclaimable))
    }

    fn next_work(&mut self) -> Option<Work> {
        if mem::take(&mut self.wants_lower) {
            let lower = self.accounts.above_target();
            if !lower.is_empty() {
                return Some(Work::Lower(lower));
            }
        }
        let shortage = self.shortage();
        if ByteSize::ZERO < shortage {
            return Some(Work::Shrink(shortage, self.accounts.holdings()));
        }
        if self.queue.is_empty() && mem::take(&mut self.wants_raise) {
            let raise = self.accounts.raise_within(self.free());
            if !raise.is_empty() {
                return Some(Work::Raise(raise));
            }
        }
        None
    }
}
