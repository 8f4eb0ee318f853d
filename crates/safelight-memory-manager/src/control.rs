use std::{fmt, sync::Arc, time::Instant};

use safelight_core::{ByteSize, Observer, Pressure};

use crate::{
    Action, Budgets, Config, Decision, Entry, Governor, Journal, Permits, Reading,
    Situation,
};

/// Applies what [`Governor`] and [`Budgets`] say to the consumers of [`Permits`].
///
/// It is a state machine as they are: the caller reads, asks the clock, and calls
/// [`Control::step`], or has a [`Driver`](crate::Driver) do so.
/// In a step each consumer has its new budget before it returns, unless another thread is at
/// the consumers, which then does it; and an action is in the journal and told to the
/// observer.
pub struct Control {
    permits: Permits,
    governor: Governor,
    budgets: Budgets,
    journal: Journal,
    observer: Arc<dyn Observer<Event>>,
    purge: Option<Box<dyn FnMut() + Send>>,
}

/// What happened to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The level changed.
    Changed {
        /// What it was.
        from: Pressure,
        /// What it is.
        to: Pressure,
        /// What was read.
        reading: Reading,
    },
    /// Something was done.
    Acted(Entry),
}

impl Control {
    /// Makes one for the consumers that are, or will be, registered with these permits.
    pub fn new(permits: Permits, config: Config) -> Self {
        Self {
            permits,
            governor: Governor::new(config),
            budgets: Budgets::new(config),
            journal: Journal::new(config.n_journal),
            observer: Arc::new(()),
            purge: None,
        }
    }

    /// Tells an observer of each change of level and of each action.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Observer<Event> + 'static) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Calls this after an action that freed something.
    ///
    /// It is for handing back to the system what the allocator retains, which the program
    /// that chose the allocator knows how to do.
    #[must_use]
    pub fn with_purge(mut self, purge: impl FnMut() + Send + 'static) -> Self {
        self.purge = Some(Box::new(purge));
        self
    }

    /// Returns how scarce memory is.
    pub fn level(&self) -> Pressure {
        self.governor.level()
    }

    /// Returns what was done so far.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Takes a reading: sets budgets, and does what is to be done.
    pub fn step(&mut self, reading: &Reading, now: Instant) -> Decision {
        self.journal.complete(reading.used);
        let decision = self.governor.step(reading, now);
        let held_before = self.permits.held();
        let usage = self.permits.usage();
        let situation = Situation {
            reading: *reading,
            pressure: decision.level,
            configured: usage.configured,
            held: held_before,
            granted: usage.granted,
        };
        // A reclaim leaves alone what somebody uses, so it comes before lower budgets.
        let budget = self.budgets.step(&situation, now);
        let receipt = decision.action.map(|action| self.permits.reclaim(action.wanted));
        self.permits.set_budgets(budget);
        if decision.previous != decision.level {
            let (from, to) = (decision.previous, decision.level);
            self.observer.observe(&Event::Changed { from, to, reading: *reading });
        }
        if let Some((action, receipt)) = decision.action.zip(receipt) {
            let held_after = self.permits.held();
            let entry = entry(&action, receipt, held_before, held_after, reading, now);
            self.journal.write(entry);
            self.observer.observe(&Event::Acted(entry));
            if ByteSize::ZERO < entry.receipt {
                self.purge.iter_mut().for_each(|purge| purge());
            }
        }
        decision
    }
}

fn entry(
    action: &Action,
    reclaimed: ByteSize,
    held_before: ByteSize,
    held_after: ByteSize,
    reading: &Reading,
    now: Instant,
) -> Entry {
    Entry {
        at: now,
        level: action.level,
        wanted: action.wanted,
        receipt: reclaimed.max(held_before - held_after),
        held_before,
        held_after,
        used_before: reading.used,
        used_after: None,
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("permits", &self.permits)
            .field("governor", &self.governor)
            .field("budgets", &self.budgets)
            .finish_non_exhaustive()
    }
}
