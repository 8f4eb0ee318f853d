use std::time::Instant;

use super::moment::Moment;

/// Whether a silence is put down to a timed update that goes on.
///
/// Such an update has an alert of its own when it takes too long, and one cause is one
/// alert: until then the silence is no stall, and from then on, as long as nothing is
/// counted, it is the stuck update. An update that began only after a silence that is an
/// alert by itself is none of its causes, and neither is one beside which the work went on
/// after it was told to be stuck.
#[derive(Debug, Default)]
pub(super) struct Excuse {
    /// The latest look at which the silence had one.
    latest: Option<Instant>,
    /// Whether nothing was counted since an update was told to be stuck.
    is_told: bool,
}

/// What a look says of the updates in flight.
pub(super) struct Held {
    /// Whether one goes on for no longer than it may, and long enough to be the cause.
    pub(super) is_permitted: bool,
    /// Whether one was told to be stuck, at the look before and at this one.
    pub(super) was_stuck: bool,
    pub(super) is_stuck: bool,
}

impl Excuse {
    /// Takes a look in; says whether the silence is no stall.
    pub(super) fn step(&mut self, held: &Held, n_new: u64, moment: &Moment<'_>) -> bool {
        let Moment { now, period, .. } = *moment;
        let is_told = held.is_stuck && (!held.was_stuck || self.is_told);
        self.is_told = is_told && n_new == 0;
        if held.is_permitted || self.is_told {
            self.latest = Some(now);
        }
        // What follows has a period to go on in.
        let is_fresh = |latest| now.saturating_duration_since(latest) <= period;
        self.latest.is_some_and(is_fresh)
    }
}
