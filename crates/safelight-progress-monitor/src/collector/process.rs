use std::time::{Duration, Instant};

use safelight_core::Cores;

use crate::{
    AlertKind, Config, Reading, Subject, Value,
    alarms::{Alarms, Look, PROCESS},
    episode::{Episode, Zone},
};

/// CPU use over a shorter time says little.
const SHORTEST: Duration = Duration::from_millis(50);

/// What the collector knows of the process and of its own thread.
#[derive(Debug, Default)]
pub(super) struct ProcessWatch {
    pub(super) cpu: Used,
    pub(super) own: Used,
    is_hot: Episode,
    is_large: Episode,
}

/// CPU time over wall time between two looks.
#[derive(Debug, Default)]
pub(super) struct Used {
    last: Option<(Instant, Duration)>,
    pub(super) cores: Option<Cores>,
    /// Whether nobody looked for a while, and nothing is known since.
    is_resumed: bool,
}

impl Used {
    fn step(&mut self, used: Option<Duration>, now: Instant) {
        let Some(used) = used else {
            *self = Self::default();
            return;
        };
        let Some((at, before)) = self.last else {
            self.last = Some((now, used));
            return;
        };
        let wall = now.saturating_duration_since(at);
        if SHORTEST <= wall {
            self.cores = Some(Cores::from_times(used.saturating_sub(before), wall));
            self.last = Some((now, used));
            self.is_resumed = false;
        }
    }

    /// Begins anew, as nobody looked for a while.
    fn resume(&mut self) {
        *self = Self { is_resumed: true, ..Self::default() };
    }
}

impl ProcessWatch {
    /// Begins anew, as nobody looked for a while.
    pub(super) fn resume(&mut self) {
        self.cpu.resume();
        self.own.resume();
        self.is_hot.resume();
        self.is_large.resume();
    }

    pub(super) fn step(
        &mut self,
        reading: &Reading,
        now: Instant,
        config: &Config,
        alarms: &mut Alarms,
    ) {
        self.cpu.step(reading.cpu, now);
        self.own.step(reading.own_cpu, now);
        // What is not known begins nothing and ends what was, unless it soon will be known.
        let unknown = if self.cpu.is_resumed { Zone::Between } else { Zone::Below };
        let look = |kind, value: Option<Value>, threshold: Value, hold| Look {
            kind,
            key: PROCESS,
            zone: value.map_or(unknown, |value| {
                Zone::of(value.number(), threshold.number(), config.hysteresis.get())
            }),
            hold,
            value,
            threshold,
        };
        let rss = reading.rss.map(Value::Bytes);
        let memory =
            look(AlertKind::Memory, rss, Value::Bytes(config.rss), config.rss_for);
        alarms.step(&mut self.is_large, &memory, now, || Subject::Process);
        let cpu = self.cpu.cores.map(Value::Cores);
        let cpu = look(AlertKind::Cpu, cpu, Value::Cores(config.cpu), config.cpu_for);
        alarms.step(&mut self.is_hot, &cpu, now, || Subject::Process);
    }
}
