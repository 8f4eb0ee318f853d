use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use crate::{
    AlertKind, Config, QueueFrame, Subject, Value,
    alarms::{Alarms, Look},
    episode::{Episode, Zone},
    gauge::Level,
};

/// What the collector knows of one queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) level: Weak<Level>,
    name: Arc<str>,
    key: u64,
    is_long: Episode,
    /// As deep as the latest look saw it.
    depth: u64,
}

impl Queue {
    pub(super) fn new(level: &Arc<Level>) -> Self {
        Self {
            level: Arc::downgrade(level),
            name: Arc::clone(&level.name),
            key: level.id,
            is_long: Episode::default(),
            depth: 0,
        }
    }

    pub(super) fn arm(&self) {
        if let Some(level) = self.level.upgrade() {
            level.arm();
        }
    }

    pub(super) fn disarm(&self) {
        if let Some(level) = self.level.upgrade() {
            level.disarm();
        }
    }

    /// Begins to wait anew, as nobody looked for a while.
    pub(super) fn resume(&mut self) {
        self.is_long.resume();
    }

    /// Whether it changed since the last look.
    pub(super) fn has_news(&self) -> bool {
        self.level.upgrade().is_some_and(|level| level.depth() != self.depth)
    }

    /// Takes a look; a queue whose gauge is gone has none.
    pub(super) fn step(
        &mut self,
        now: Instant,
        config: &Config,
        alarms: &mut Alarms,
    ) -> Option<QueueFrame> {
        let depth = self.level.upgrade().map(|level| level.depth());
        let look = Look {
            kind: AlertKind::Queue,
            key: self.key,
            zone: depth.map_or(Zone::Below, |depth| {
                Zone::of(depth as f64, config.queue as f64, config.hysteresis.get())
            }),
            hold: if depth.is_some() { config.queue_for } else { Duration::ZERO },
            value: depth.map(Value::Count),
            threshold: Value::Count(config.queue),
        };
        let name = &self.name;
        alarms.step(&mut self.is_long, &look, now, || Subject::Queue(Arc::clone(name)));
        self.depth = depth.unwrap_or(0);
        depth.map(|depth| QueueFrame { name: Arc::clone(name), depth })
    }
}
