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
}

impl Queue {
    pub(super) fn new(level: &Arc<Level>) -> Self {
        Self {
            level: Arc::downgrade(level),
            name: Arc::clone(&level.name),
            key: level.id,
            is_long: Episode::default(),
        }
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
            value: Value::Count(depth.unwrap_or(0)),
            threshold: Value::Count(config.queue),
        };
        let name = &self.name;
        alarms.step(&mut self.is_long, &look, now, || Subject::Queue(Arc::clone(name)));
        depth.map(|depth| QueueFrame { name: Arc::clone(name), depth })
    }
}
