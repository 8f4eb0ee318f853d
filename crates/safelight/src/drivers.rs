use safelight_core::Pressure;
use safelight_memory_manager::{Journal, Reading};
use safelight_progress_monitor::Collector;

use crate::{Config, panics::Panics, steward::Steward};

/// The threads, and what they knew last.
#[derive(Debug, Default)]
pub(crate) struct Drivers {
    /// The first to end, as it acts upon what the others say.
    pub(crate) steward: Option<Steward>,
    pub(crate) memory: Option<safelight_memory_manager::Driver>,
    pub(crate) progress: Option<safelight_progress_monitor::Driver>,
    pub(crate) last: Last,
}

/// What threads that have ended knew.
#[derive(Debug, Default)]
pub(crate) struct Last {
    memory: Option<MemorySeen>,
    progress: Option<Box<Collector>>,
}

/// What was seen of memory.
#[derive(Clone, Debug)]
pub(crate) struct MemorySeen {
    pub(crate) level: Pressure,
    pub(crate) reading: Option<Reading>,
    pub(crate) journal: Journal,
    pub(crate) n_panics: u64,
}

impl Drivers {
    /// Ends and joins the threads; returns what they knew last.
    pub(crate) fn stop(self, panics: &Panics) -> Last {
        drop(self.steward);
        // A thread that waits for itself panics; it ends after the call that led here.
        let stop = |driver: safelight_progress_monitor::Driver| {
            panics.contain(|| Box::new(driver.stop()))
        };
        let progress = self.progress.and_then(stop);
        let memory = self.memory.map(|driver| MemorySeen::of(&driver));
        Last { memory, progress }
    }

    /// Keeps what threads knew, beside what others knew before them.
    pub(crate) fn keep(&mut self, last: Last) {
        self.last.memory = last.memory.or(self.last.memory.take());
        self.last.progress = last.progress.or(self.last.progress.take());
    }

    /// Takes the threads out; what others knew stays.
    pub(crate) fn take_threads(&mut self) -> Self {
        let last = std::mem::take(&mut self.last);
        let threads = std::mem::take(self);
        self.last = last;
        threads
    }

    /// Has a short look at what is known of progress.
    pub(crate) fn progress<R>(&self, look: impl FnOnce(&Collector) -> R) -> Option<R> {
        match &self.progress {
            Some(driver) => Some(driver.with(look)),
            None => self.last.progress.as_deref().map(look),
        }
    }

    /// Returns what was seen of memory, if it was watched.
    pub(crate) fn memory(&self) -> Option<MemorySeen> {
        let seen = self.memory.as_ref().map(MemorySeen::of);
        seen.or_else(|| self.last.memory.clone())
    }

    /// Changes thresholds.
    ///
    /// # Panics
    ///
    /// When the configuration was not checked.
    pub(crate) fn set_config(&self, config: &Config) {
        if let (Some(driver), Some(memory)) = (&self.memory, config.memory) {
            driver.set_config(memory.control);
        }
        if let (Some(driver), Some(progress)) = (&self.progress, &config.progress) {
            driver.set_config(progress.clone()).expect("the configuration was checked");
        }
    }
}

impl MemorySeen {
    fn of(driver: &safelight_memory_manager::Driver) -> Self {
        Self {
            level: driver.level(),
            reading: driver.last_reading(),
            journal: driver.journal(),
            n_panics: driver.n_panics(),
        }
    }
}
