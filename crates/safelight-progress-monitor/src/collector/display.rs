use std::time::{Duration, Instant};

use crate::{
    AlertKind, Config, Subject, Value,
    alarms::{Alarms, DISPLAY, Look},
    episode::{Episode, Zone},
    worst::Worst,
};

/// What the collector knows of how late its frames come.
///
/// One frame is late and the next one is not, so the worst of a window counts: an alert
/// stays open until none was late for that long.
#[derive(Debug, Default)]
pub(super) struct DisplayWatch {
    late: Worst,
    is_late: Episode,
}

impl DisplayWatch {
    /// Takes a frame in; where it has nothing new nobody waits for it.
    pub(super) fn step(
        &mut self,
        lateness: Duration,
        has_news: bool,
        now: Instant,
        config: &Config,
        alarms: &mut Alarms,
    ) {
        let zone_of = |lateness: Duration| {
            let (late, most) = (lateness.as_secs_f64(), config.latency.as_secs_f64());
            Zone::of(late, most, config.hysteresis.get())
        };
        if has_news {
            self.late.add(now, lateness);
        }
        let worst = self.late.within(config.latency_window, now);
        // A late frame without news says nothing, so it ends nothing either.
        let is_heard = has_news || zone_of(lateness) == Zone::Below;
        let zone = worst.map_or(Zone::Below, zone_of);
        let look = Look {
            kind: AlertKind::LateFrame,
            key: DISPLAY,
            zone: if is_heard { zone } else { Zone::Between },
            hold: Duration::ZERO,
            value: worst.map(Value::Time),
            threshold: Value::Time(config.latency),
        };
        alarms.step(&mut self.is_late, &look, now, || Subject::Display);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.late.heap_bytes()
    }
}
