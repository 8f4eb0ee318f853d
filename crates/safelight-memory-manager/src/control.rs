use std::{fmt, mem, sync::Arc, time::Instant};

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
/// the consumers, which then does it; and an action is in the journal before the observer
/// is told and the purge is called.
///
/// ```
/// # use safelight_core::{Clock, ManualClock};
/// # let now = ManualClock::new().now();
/// use safelight_memory_manager::{
///     ByteSize, Config, Control, Event, Permits, Pressure, Reading,
/// };
///
/// let permits = Permits::new(ByteSize::gib(1));
/// let mut control = Control::new(permits, Config::default())
///     .with_observer(|event: &Event| println!("{event:?}"))
///     .with_purge(|| println!("here the allocator hands back what it retains"));
/// let reading = Reading { limit: ByteSize::mib(1000), used: ByteSize::mib(970) };
/// assert_eq!(control.step(&reading, now).level, Pressure::Critical);
/// assert_eq!(control.journal().entries().len(), 1);
/// ```
pub struct Control {
    config: Config,
    permits: Permits,
    governor: Governor,
    budgets: Budgets,
    journal: Journal,
    observer: Arc<dyn Observer<Event>>,
    purge: Option<Box<dyn FnMut() + Send>>,
    purged_at: Option<Instant>,
    /// What consumers let go of since the last purge.
    unpurged: ByteSize,
    /// What they had let go of by the last step.
    reclaimed: ByteSize,
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
    /// What came of the last action is known, by the next reading.
    ///
    /// [`Entry::retained`] says what is still used although it was let go of. A journal that
    /// keeps nothing has none.
    Settled(Entry),
    /// The purge was called.
    Purged {
        /// What consumers had let go of since the one before.
        let_go: ByteSize,
    },
}

impl Control {
    /// Makes one for the consumers that are, or will be, registered with these permits.
    pub fn new(permits: Permits, config: Config) -> Self {
        let reclaimed = permits.usage().reclaimed;
        Self {
            config,
            permits,
            governor: Governor::new(config),
            budgets: Budgets::new(config),
            journal: Journal::new(config.n_journal),
            observer: Arc::new(()),
            purge: None,
            purged_at: None,
            unpurged: ByteSize::ZERO,
            reclaimed,
        }
    }

    /// Tells an observer of each change of level, of actions and purges.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Observer<Event> + 'static) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Calls this in a step after consumers let go of something.
    ///
    /// That may be for an action, for lower budgets, or for requests since the last step; it
    /// is called at once after an action, and otherwise once in [`Config::cool_down`] at
    /// most. The threads whose requests need room never call it.
    /// It is for handing back to the system what the allocator retains, which the program
    /// that chose the allocator knows how to do.
    #[must_use]
    pub fn with_purge(mut self, purge: impl FnMut() + Send + 'static) -> Self {
        self.purge = Some(Box::new(purge));
        self
    }

    /// Returns the settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Changes the settings; level, budgets and journal go on from where they are.
    pub fn set_config(&mut self, config: Config) {
        self.config = config;
        self.governor.set_config(config);
        self.budgets.set_config(config);
        self.journal.set_most(config.n_journal);
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
    ///
    /// # Panics
    ///
    /// When a consumer, the observer or the purge panics, with that panic. Where it was not
    /// a consumer, the action is in the journal all the same. What the observer was not told
    /// yet is not told later; the next step goes on.
    pub fn step(&mut self, reading: &Reading, now: Instant) -> Decision {
        let settled = self.journal.complete(reading.used);
        let decision = self.governor.step(reading, now);
        let acted = self.apply(&decision, reading, now);
        let (from, to) = (decision.previous, decision.level);
        let changed = Event::Changed { from, to, reading: *reading };
        let changed = (from != to).then_some(changed);
        let settled = settled.map(Event::Settled);
        let events = [settled, changed, acted.map(Event::Acted)];
        events.iter().flatten().for_each(|event| self.observer.observe(event));
        self.purge_if_due(&decision, now);
        decision
    }

    /// Calls the consumers, and writes down what was done.
    fn apply(
        &mut self,
        decision: &Decision,
        reading: &Reading,
        now: Instant,
    ) -> Option<Entry> {
        let held_before = self.permits.held();
        let usage = self.permits.usage();
        let situation = Situation {
            reading: *reading,
            pressure: decision.level,
            configured: usage.configured,
            held: held_before,
            granted: usage.granted,
        };
        let budget = self.budgets.step(&situation, now);
        // A reclaim leaves alone what somebody uses, so it comes before lower budgets.
        let receipt = decision.action.map(|action| self.permits.reclaim(action.wanted));
        self.permits.set_budgets(budget);
        self.count_let_go();
        let (action, receipt) = decision.action.zip(receipt)?;
        let held_after = self.permits.held();
        let entry = entry(&action, receipt, held_before, held_after, reading, now);
        self.journal.write(entry);
        Some(entry)
    }

    /// Counts what actions, requests and lower budgets had let go since the last time.
    fn count_let_go(&mut self) {
        let reclaimed = self.permits.usage().reclaimed;
        self.unpurged += reclaimed - self.reclaimed;
        self.reclaimed = reclaimed;
    }

    fn purge_if_due(&mut self, decision: &Decision, now: Instant) {
        let since = self.purged_at.map(|at| now.saturating_duration_since(at));
        let has_cooled_down = since.is_none_or(|since| self.config.cool_down <= since);
        let is_due = decision.action.is_some() || has_cooled_down;
        if self.unpurged == ByteSize::ZERO || !is_due {
            return;
        }
        if let Some(purge) = &mut self.purge {
            let let_go = mem::take(&mut self.unpurged);
            self.purged_at = Some(now);
            purge();
            self.observer.observe(&Event::Purged { let_go });
        }
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
