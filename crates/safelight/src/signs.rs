use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use safelight_core::Pressure;
use safelight_progress_monitor::{AlertKind, Change, Notice};

use crate::{actions::Cause, safelight::lock};

#[cfg(test)]
mod tests;

/// What the drivers saw last, for those who act on it.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    pressure: Pressure,
    /// How many alerts of each kind are open.
    open: BTreeMap<AlertKind, usize>,
    /// What was raised since it was last looked at, even where it is over.
    raised: BTreeSet<AlertKind>,
    has_news: bool,
    is_over: bool,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// It is time, or there is something new.
    Look,
    /// It is over.
    Stop,
}

impl Signs {
    pub(crate) fn note_pressure(&self, pressure: Pressure) {
        self.change(|seen| seen.pressure = pressure);
    }

    pub(crate) fn note_alert(&self, notice: &Notice) {
        let kind = notice.alert.kind;
        self.change(|seen| {
            let n_open = seen.open.entry(kind).or_default();
            match notice.change {
                Change::Raised => {
                    *n_open += 1;
                    seen.raised.insert(kind);
                }
                Change::Cleared => *n_open = n_open.saturating_sub(1),
            }
        });
    }

    /// Forgets what a driver that has ended will never take back.
    pub(crate) fn forget(&self) {
        self.change(|seen| {
            seen.pressure = Pressure::Normal;
            seen.open.clear();
            seen.raised.clear();
        });
    }

    /// Has a waiting thread look at once.
    pub(crate) fn wake(&self) {
        self.change(|_| ());
    }

    pub(crate) fn stop(&self) {
        self.change(|seen| seen.is_over = true);
    }

    pub(crate) fn pressure(&self) -> Pressure {
        lock(&self.seen).pressure
    }

    /// Returns what is wrong as far as the drivers see it, or was since the last call.
    pub(crate) fn take_causes(&self) -> Vec<Cause> {
        let mut seen = lock(&self.seen);
        let mut kinds = std::mem::take(&mut seen.raised);
        kinds.extend(seen.open.iter().filter(|(_, n)| 0 < **n).map(|(kind, _)| *kind));
        let is_scarce = Pressure::Normal < seen.pressure;
        let pressure = is_scarce.then_some(Cause::Pressure(seen.pressure));
        kinds.into_iter().map(Cause::Alert).chain(pressure).collect()
    }

    /// Waits for something new, for so long.
    pub(crate) fn wait(&self, longest: Duration) -> Wake {
        let is_quiet = |seen: &mut Seen| !seen.has_news && !seen.is_over;
        let waited = self.changed.wait_timeout_while(lock(&self.seen), longest, is_quiet);
        let (mut seen, _) = waited.unwrap_or_else(PoisonError::into_inner);
        seen.has_news = false;
        if seen.is_over { Wake::Stop } else { Wake::Look }
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        let mut seen = lock(&self.seen);
        change(&mut seen);
        seen.has_news = true;
        drop(seen);
        self.changed.notify_all();
    }
}
