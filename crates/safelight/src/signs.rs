use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use safelight_core::Pressure;
use safelight_progress_monitor::{AlertKind, Change, Notice};

use crate::actions::Cause;

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
        self.change(|seen| {
            let n_open = seen.open.entry(notice.alert.kind).or_default();
            match notice.change {
                Change::Raised => *n_open += 1,
                Change::Cleared => *n_open = n_open.saturating_sub(1),
            }
        });
    }

    /// Forgets what a driver that has ended will never take back.
    pub(crate) fn forget(&self) {
        self.change(|seen| {
            seen.pressure = Pressure::Normal;
            seen.open.clear();
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
        self.seen().pressure
    }

    /// Returns what is wrong now, as far as the drivers see it.
    pub(crate) fn causes(&self) -> Vec<Cause> {
        let seen = self.seen();
        let open = seen.open.iter().filter(|(_, n)| 0 < **n);
        let alerts = open.map(|(kind, _)| Cause::Alert(*kind));
        let is_scarce = Pressure::Normal < seen.pressure;
        alerts.chain(is_scarce.then_some(Cause::Pressure(seen.pressure))).collect()
    }

    /// Waits for something new, for so long.
    pub(crate) fn wait(&self, longest: Duration) -> Wake {
        let is_quiet = |seen: &mut Seen| !seen.has_news && !seen.is_over;
        let waited = self.changed.wait_timeout_while(self.seen(), longest, is_quiet);
        let (mut seen, _) = waited.unwrap_or_else(PoisonError::into_inner);
        seen.has_news = false;
        if seen.is_over { Wake::Stop } else { Wake::Look }
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen();
        change(&mut seen);
        seen.has_news = true;
        drop(seen);
        self.changed.notify_all();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
