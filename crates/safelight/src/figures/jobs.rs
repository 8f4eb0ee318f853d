use super::Family;
use crate::{Outcome, Safelight};

pub(super) fn families(safelight: &Safelight) -> Vec<Family> {
    let parts = safelight.parts();
    let gate = &parts.gate;
    let operations = parts.operations.all();
    let ended = operations.iter().flat_map(|(name, handles)| {
        Outcome::ALL.map(|outcome| (*name, outcome, handles.outcomes.n(outcome)))
    });
    vec![
        Family::counter("safelight_jobs_total", "Jobs that ended.").for_each(
            ended,
            |family, (operation, outcome, n)| {
                let labels = [("operation", operation), ("outcome", outcome.name())];
                family.with(labels, n)
            },
        ),
        Family::counter(
            "safelight_contained_panics_total",
            "Panics of what was handed in, of observers for example.",
        )
        .one(parts.panics.n()),
        Family::gauge("safelight_jobs_inside", "Jobs at work, or waiting for memory.")
            .one(gate.n_inside()),
        Family::gauge("safelight_jobs_waiting", "Jobs that wait for their turn.")
            .one(gate.n_waiting()),
        Family::gauge("safelight_jobs_at_once", "How many jobs may work at once.")
            .one(gate.limit()),
        Family::gauge(
            "safelight_jobs_patience_seconds",
            "How long a job waits for its turn, and then for memory.",
        )
        .one(parts.patience()),
    ]
}
