use std::time::Instant;

use crate::{AlertKind, Entry, Measure, Reason, Step, alarms::Alarms, bounded::Bounded};

/// Which measures are in force and why, and what was taken and undone.
#[derive(Debug)]
pub(crate) struct Measures {
    in_force: [Option<Reason>; Measure::ALL.len()],
    journal: Bounded<Entry>,
    /// Looks since the latest storm.
    n_calm: u32,
}

/// A storm is over after so many looks without one, however soon they come.
const CALM_LOOKS: u32 = 10;

impl Measures {
    pub(crate) fn new(n_journal: usize) -> Self {
        let in_force = [None; Measure::ALL.len()];
        Self { in_force, journal: Bounded::new(n_journal), n_calm: CALM_LOOKS }
    }

    pub(crate) fn is_in_force(&self, measure: Measure) -> bool {
        self.in_force[measure as usize].is_some()
    }

    pub(crate) fn in_force(&self) -> impl Iterator<Item = Measure> {
        Measure::ALL.into_iter().filter(|measure| self.is_in_force(*measure))
    }

    pub(crate) fn journal(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.journal.iter()
    }

    /// Takes and undoes; `changed` is told of each.
    pub(crate) fn step(
        &mut self,
        alarms: &Alarms,
        has_storm: bool,
        now: Instant,
        mut changed: impl FnMut(Entry),
    ) {
        self.n_calm = if has_storm { 0 } else { self.n_calm.saturating_add(1) };
        let has_storm = self.n_calm < CALM_LOOKS;
        for measure in Measure::ALL {
            let reason = reason(measure, alarms, has_storm);
            let before = &mut self.in_force[measure as usize];
            let entry = match (*before, reason) {
                (None, Some(reason)) => (Step::Taken, reason),
                (Some(reason), None) => (Step::Undone, reason),
                _ => continue,
            };
            *before = reason;
            let (step, reason) = entry;
            let entry = Entry { at: now, measure, step, reason };
            self.journal.push(entry);
            changed(entry);
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.journal.heap_bytes()
    }
}

/// Says why a measure is necessary, if it is.
fn reason(measure: Measure, alarms: &Alarms, has_storm: bool) -> Option<Reason> {
    let any = |kinds: &[AlertKind]| {
        let open = kinds.iter().find(|kind| alarms.is_open(**kind));
        open.map(|kind| Reason::Alert(*kind))
    };
    match measure {
        Measure::WidenInterval => {
            any(&[AlertKind::Memory, AlertKind::Cpu, AlertKind::LateFrame])
        }
        Measure::LowerDetail => any(&[AlertKind::Memory]),
        Measure::Coalesce => has_storm.then_some(Reason::Storm),
    }
}
