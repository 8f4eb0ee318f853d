use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use crate::{
    Alert, AlertKind, Change, Event, Notice, Severity, Subject, Value,
    bounded::Bounded,
    episode::{Episode, Turn, Zone},
};

/// Who is looked at: numbers of trackers and queues, and these two.
pub(crate) const PROCESS: u64 = u64::MAX;
pub(crate) const DISPLAY: u64 = u64::MAX - 1;

/// What is open, what was told, and what is to be told; each step is O(1).
///
/// A tracker, a queue, the process and the display have some kinds of alerts each, and of
/// each kind one is open at most and one turns at a look: that bounds all of it.
#[derive(Debug)]
pub(crate) struct Alarms {
    open: HashMap<(AlertKind, u64), Open>,
    n_open: [usize; AlertKind::ALL.len()],
    n_raised: [u64; AlertKind::ALL.len()],
    journal: Bounded<Notice>,
    /// What arose since the frame began, and who it is about.
    fresh: Vec<(u64, Notice)>,
    n_fresh_most: usize,
}

/// An alert as it began, and what was measured last.
#[derive(Debug)]
struct Open {
    alert: Alert,
    latest: Value,
}

/// One look at one condition.
pub(crate) struct Look {
    pub(crate) kind: AlertKind,
    pub(crate) key: u64,
    pub(crate) zone: Zone,
    pub(crate) hold: Duration,
    /// Where nothing was measured, an alert ends with what was measured last.
    pub(crate) value: Option<Value>,
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
            n_fresh_most,
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
        match episode.step(look.zone, look.hold, now) {
            Some(Turn::Begun) => {
                self.begin(episode.since().unwrap_or(now), look, now, subject());
            }
            Some(Turn::Ended) => self.end(look.kind, look.key, look.value, now),
            None if episode.is_open() => self.go_on(look),
            None => {}
        }
    }

    /// Ends what is open, as what it is about is going.
    pub(crate) fn close(
        &mut self,
        episode: &mut Episode,
        kind: AlertKind,
        key: u64,
        now: Instant,
    ) {
        if episode.step(Zone::Below, Duration::ZERO, now).is_some() {
            self.end(kind, key, None, now);
        }
    }

    fn begin(&mut self, since: Instant, look: &Look, now: Instant, subject: Subject) {
        let Look { kind, key, threshold, .. } = *look;
        let value = look.value.unwrap_or(threshold);
        let alert = Alert { kind, subject, value, threshold, since };
        self.n_open[kind as usize] += 1;
        self.n_raised[kind as usize] += 1;
        self.open.insert((kind, key), Open { alert: alert.clone(), latest: value });
        self.tell(key, Notice { at: now, change: Change::Raised, alert });
    }

    fn go_on(&mut self, look: &Look) {
        let open = self.open.get_mut(&(look.kind, look.key));
        if let (Some(open), Some(value)) = (open, look.value) {
            open.latest = value;
        }
    }

    fn end(&mut self, kind: AlertKind, key: u64, value: Option<Value>, now: Instant) {
        let Some(Open { mut alert, latest }) = self.open.remove(&(kind, key)) else {
            return;
        };
        self.n_open[kind as usize] -= 1;
        alert.value = value.unwrap_or(latest);
        self.tell(key, Notice { at: now, change: Change::Cleared, alert });
    }

    fn tell(&mut self, key: u64, notice: Notice) {
        self.fresh.push((key, notice.clone()));
        self.journal.push(notice);
    }

    /// Whether more arose than a frame holds.
    pub(crate) fn has_storm(&self) -> bool {
        self.n_fresh_most < self.fresh.len()
    }

    /// Moves what arose to the observer, and the most important of it to a frame.
    ///
    /// Returns how much more there was. The process and the display come first.
    pub(crate) fn take_fresh(
        &mut self,
        into: &mut Vec<Notice>,
        all: &mut VecDeque<Event>,
    ) -> u64 {
        all.extend(self.fresh.iter().map(|(_, notice)| Event::Notice(notice.clone())));
        let rank = |key: u64, kind: AlertKind| match key {
            PROCESS | DISPLAY => 0,
            _ if kind.severity() == Severity::Critical => 1,
            _ => 2,
        };
        self.fresh.sort_by_key(|(key, notice)| rank(*key, notice.alert.kind));
        let n_more = self.fresh.len().saturating_sub(self.n_fresh_most);
        let shown = self.fresh.drain(..).take(self.n_fresh_most);
        into.extend(shown.map(|(_, notice)| notice));
        self.fresh.shrink_to(self.n_fresh_most);
        n_more as u64
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
        let mut open: Vec<&Alert> = self.open.values().map(|open| &open.alert).collect();
        open.sort_by(|a, b| {
            (a.kind, a.since, &a.subject).cmp(&(b.kind, b.since, &b.subject))
        });
        open
    }

    pub(crate) fn journal(&self) -> impl ExactSizeIterator<Item = &Notice> {
        self.journal.iter()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let entry_bytes = size_of::<((AlertKind, u64), Open)>() + 1;
        self.journal.heap_bytes()
            + self.fresh.capacity() * size_of::<(u64, Notice)>()
            + self.open.capacity() * entry_bytes
    }
}
