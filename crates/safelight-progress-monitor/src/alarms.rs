use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::{
    Alert, AlertKind, Change, Notice, Subject, Value,
    bounded::Bounded,
    episode::{Episode, Turn, Zone},
};

/// Who is looked at: numbers of trackers and queues, and these two.
pub(crate) const PROCESS: u64 = u64::MAX;
pub(crate) const DISPLAY: u64 = u64::MAX - 1;

/// What is open, what was told, and what is to be told; each step is O(1).
#[derive(Debug)]
pub(crate) struct Alarms {
    /// At most `n_most` of those that are open; all are counted.
    open: HashMap<(AlertKind, u64), Alert>,
    n_open: [usize; AlertKind::ALL.len()],
    n_raised: [u64; AlertKind::ALL.len()],
    journal: Bounded<Notice>,
    /// What arose since the frame began.
    fresh: Vec<Notice>,
    n_more: u64,
    n_fresh_most: usize,
    n_most: usize,
}

/// One look at one condition.
pub(crate) struct Look {
    pub(crate) kind: AlertKind,
    pub(crate) key: u64,
    pub(crate) zone: Zone,
    pub(crate) hold: Duration,
    pub(crate) value: Value,
    pub(crate) threshold: Value,
}

impl Alarms {
    pub(crate) fn new(n_journal: usize, n_fresh_most: usize) -> Self {
        Self {
            open: HashMap::new(),
            n_open: [0; AlertKind::ALL.len()],
            n_raised: [0; AlertKind::ALL.len()],
            journal: Bounded::new(n_journal),
            fresh: Vec::new(),
            n_more: 0,
            n_fresh_most,
            n_most: n_journal,
        }
    }

    /// Takes one look in; tells a beginning or an end once.
    #[inline]
    pub(crate) fn step(
        &mut self,
        episode: &mut Episode,
        look: &Look,
        now: Instant,
        subject: impl FnOnce() -> Subject,
    ) {
        if let Some(turn) = episode.step(look.zone, look.hold, now) {
            self.tell(turn, episode.since().unwrap_or(now), look, now, subject());
        }
    }

    fn tell(
        &mut self,
        turn: Turn,
        since: Instant,
        look: &Look,
        now: Instant,
        subject: Subject,
    ) {
        let (change, since) = match turn {
            Turn::Begun => (Change::Raised, since),
            Turn::Ended(since) => (Change::Cleared, since),
        };
        let Look { kind, key, value, threshold, .. } = *look;
        let alert = Alert { kind, subject, value, threshold, since };
        match change {
            Change::Raised => {
                self.n_open[kind as usize] += 1;
                self.n_raised[kind as usize] += 1;
                if self.open.len() < self.n_most {
                    self.open.insert((kind, key), alert.clone());
                }
            }
            Change::Cleared => {
                self.n_open[kind as usize] -= 1;
                self.open.remove(&(kind, key));
            }
        }
        let notice = Notice { at: now, change, alert };
        if self.fresh.len() < self.n_fresh_most {
            self.fresh.push(notice.clone());
        } else {
            self.n_more += 1;
        }
        self.journal.push(notice);
    }

    pub(crate) fn has_storm(&self) -> bool {
        0 < self.n_more
    }

    /// Moves what arose to a frame; returns how much more there was.
    pub(crate) fn take_fresh(&mut self, into: &mut Vec<Notice>) -> u64 {
        into.append(&mut self.fresh);
        std::mem::take(&mut self.n_more)
    }

    pub(crate) fn is_open(&self, kind: AlertKind) -> bool {
        0 < self.n_open[kind as usize]
    }

    pub(crate) fn n_open(&self) -> usize {
        self.n_open.iter().sum()
    }

    pub(crate) fn n_raised(&self, kind: AlertKind) -> u64 {
        self.n_raised[kind as usize]
    }

    /// Returns what is open, in the order of kinds and beginnings.
    pub(crate) fn open(&self) -> Vec<&Alert> {
        let mut open: Vec<&Alert> = self.open.values().collect();
        open.sort_by(|a, b| {
            (a.kind, a.since, &a.subject).cmp(&(b.kind, b.since, &b.subject))
        });
        open
    }

    pub(crate) fn journal(&self) -> impl ExactSizeIterator<Item = &Notice> {
        self.journal.iter()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let entry_bytes = size_of::<((AlertKind, u64), Alert)>() + 1;
        self.journal.heap_bytes()
            + self.fresh.capacity() * size_of::<Notice>()
            + self.open.capacity() * entry_bytes
    }
}
