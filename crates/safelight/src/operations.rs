use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use safelight_profiler::Profiler;
use safelight_progress_monitor::{Monitor, Tracker};

use crate::Outcome;

/// The handles of operations, made at the first job of each.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    known: RwLock<HashMap<&'static str, Arc<Handles>>>,
}

/// What measures and watches one operation.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    /// Every job, those that found their result included.
    pub(crate) request: Option<safelight_profiler::Operation>,
    /// The work of those that did not.
    pub(crate) work: Option<safelight_profiler::Operation>,
    pub(crate) tracker: Option<Tracker>,
    pub(crate) outcomes: Outcomes,
}

/// How many jobs ended in which way.
#[derive(Debug, Default)]
pub(crate) struct Outcomes([AtomicU64; Outcome::ALL.len()]);

impl Outcomes {
    pub(crate) fn count(&self, outcome: Outcome) {
        self.0[outcome as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn n(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize].load(Relaxed)
    }
}

/// Returns the name under which the work of an operation is measured.
pub(crate) fn work_of(name: &str) -> String {
    format!("{name} work")
}

impl Operations {
    pub(crate) fn get(
        &self,
        name: &'static str,
        profiler: Option<&Profiler>,
        monitor: Option<&Monitor>,
    ) -> Arc<Handles> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(handles) = known.get(name) {
            return Arc::clone(handles);
        }
        drop(known);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let handles = known.entry(name).or_insert_with(|| {
            Arc::new(Handles {
                request: profiler.map(|profiler| profiler.operation(name)),
                work: profiler.map(|profiler| profiler.operation(&work_of(name))),
                tracker: monitor.map(|monitor| monitor.tracker(name)),
                outcomes: Outcomes::default(),
            })
        });
        Arc::clone(handles)
    }

    /// Returns all that there are, by name.
    pub(crate) fn all(&self) -> Vec<(&'static str, Arc<Handles>)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let all = known.iter().map(|(name, handles)| (*name, Arc::clone(handles)));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(name, _)| *name);
        all
    }
}
