use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use safelight_core::{ByteSize, Cores, Share};

use crate::{Measure, Message, Notice, Rate};

/// All that is to be shown at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Frame {
    /// When the counts were read.
    pub at: Instant,
    /// The time since the first look.
    pub elapsed: Duration,
    /// Why the look was taken now.
    pub cause: Cause,
    /// The time until the next look, if nothing new comes after idleness.
    pub interval: Duration,
    /// The trackers, children right below their parents.
    pub trackers: Vec<TrackerFrame>,
    /// Trackers that are left out as detail is low.
    pub n_hidden: usize,
    /// The queues.
    pub queues: Vec<QueueFrame>,
    /// Timed updates that go on, of all trackers.
    pub n_in_flight: usize,
    /// How long the oldest of them goes on.
    pub oldest: Option<Duration>,
    /// Alerts that began or ended.
    pub notices: Vec<Notice>,
    /// Notices that are not in this frame, as there are too many.
    pub n_more_notices: u64,
    /// Lines of text from the trackers.
    pub messages: Vec<Message>,
    /// Messages that are not in this frame, as there are too many.
    pub n_more_messages: u64,
    /// Alerts that are open.
    pub n_open_alerts: usize,
    /// Measures in force.
    pub measures: Vec<Measure>,
    /// Resident memory of the whole process.
    pub rss: Option<ByteSize>,
    /// CPU use of the whole process since the look before.
    pub cpu: Option<Cores>,
    /// What the monitor itself is about.
    pub own: OwnFrame,
}

/// Why a look was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The time had come.
    #[default]
    Due,
    /// The first news after idleness came.
    Woken,
}

/// One tracker at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TrackerFrame {
    /// The number of the tracker, which no other one has.
    pub id: u64,
    /// Its name.
    pub name: Arc<str>,
    /// How many parents it has above it.
    pub depth: usize,
    /// What part of the job goes on.
    pub phase: Option<Arc<str>>,
    /// How many are done.
    pub n_done: u64,
    /// How many there are, if that is known.
    pub total: Option<u64>,
    /// How much was done in a second lately, once anything can be said.
    pub rate: Option<Rate>,
    /// The time that is left, if anything can be said.
    pub eta: Option<Duration>,
    /// How long nothing was counted, for one that has work.
    pub silent: Option<Duration>,
    /// Timed updates that go on.
    pub n_in_flight: usize,
    /// How long the oldest of them goes on.
    pub oldest: Option<Duration>,
    /// Timed updates that did not finish.
    pub n_abandoned: u64,
    /// The longest of the timed updates.
    pub longest: Option<Duration>,
    /// What 99 of 100 timed updates stayed within, from 100 up.
    pub p99: Option<Duration>,
    /// Whether it ended; then this is the last frame with it.
    pub is_finished: bool,
}

impl TrackerFrame {
    /// Makes the place of a tracker that was not looked at.
    pub(crate) fn new(id: u64, name: &Arc<str>) -> Self {
        Self {
            id,
            name: Arc::clone(name),
            depth: 0,
            phase: None,
            n_done: 0,
            total: None,
            rate: None,
            eta: None,
            silent: None,
            n_in_flight: 0,
            oldest: None,
            n_abandoned: 0,
            longest: None,
            p99: None,
            is_finished: false,
        }
    }

    /// Returns which part is done, if the total is known; of nothing all is done.
    ///
    /// Where more is done than there is, the total is wrong, and nothing can be said.
    pub fn share(&self) -> Option<Share> {
        let total = self.total.filter(|total| self.n_done <= *total)?;
        Some(if total == 0 {
            Share::ONE
        } else {
            Share::of(self.n_done as f64, total as f64)
        })
    }
}

/// One queue at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueFrame {
    /// Its name.
    pub name: Arc<str>,
    /// How many wait.
    pub depth: u64,
}

/// What the monitor itself costs and suffers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct OwnFrame {
    /// CPU use of its thread, the sinks included.
    pub cpu: Option<Cores>,
    /// How much later than its interval this frame came.
    pub lateness: Duration,
    /// Times that a sink panicked.
    pub n_sink_panics: u64,
}

impl Frame {
    pub(crate) fn new(now: Instant, interval: Duration) -> Self {
        Self {
            at: now,
            elapsed: Duration::ZERO,
            cause: Cause::Due,
            interval,
            trackers: Vec::new(),
            n_hidden: 0,
            queues: Vec::new(),
            n_in_flight: 0,
            oldest: None,
            notices: Vec::new(),
            n_more_notices: 0,
            messages: Vec::new(),
            n_more_messages: 0,
            n_open_alerts: 0,
            measures: Vec::new(),
            rss: None,
            cpu: None,
            own: OwnFrame::default(),
        }
    }

    /// Forgets what was there, but not the room for it.
    ///
    /// The trackers stay: mostly they are the same ones, and are written in place.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.at = now;
        self.queues.clear();
        self.notices.clear();
        self.messages.clear();
        self.measures.clear();
        (self.n_hidden, self.n_in_flight, self.oldest) = (0, 0, None);
        (self.n_more_notices, self.n_more_messages) = (0, 0);
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.trackers.capacity() * size_of::<TrackerFrame>()
            + self.queues.capacity() * size_of::<QueueFrame>()
            + self.notices.capacity() * size_of::<Notice>()
            + self.messages.capacity() * size_of::<Message>()
    }
}
