use std::{
    mem::discriminant,
    time::{Duration, Instant},
};

use safelight_progress_monitor::Step;

use super::{Cause, Change, Config, Knob, Repeats, Rule, TABLE};

/// Where a knob is, and what holds it there.
#[derive(Clone, Debug)]
pub(super) struct Dial {
    knob: Knob,
    base: u64,
    configured_bound: u64,
    /// What it is, or would be in a dry run.
    value: u64,
    rows: Vec<Row>,
    /// The cause of the latest step; none where there is nothing to undo.
    moved_by: Option<Cause>,
    undone_at: Option<Instant>,
}

/// What a rule does to a knob.
#[derive(Clone, Debug)]
struct Row {
    rule: &'static Rule,
    cause: Cause,
    bound: u64,
    is_active: bool,
    /// Whether what it did stays.
    is_held: bool,
    /// Whether it took a step since it is active.
    has_acted: bool,
    acted_at: Option<Instant>,
}

impl Dial {
    pub(super) fn new(knob: Knob, base: u64, configured_bound: u64) -> Self {
        let row = |rule: &'static Rule| Row {
            rule,
            cause: knob.cause(rule.cause),
            bound: rule.bound.of(base, configured_bound),
            is_active: false,
            is_held: false,
            has_acted: false,
            acted_at: None,
        };
        let is_own = |rule: &&Rule| discriminant(&rule.knob) == discriminant(&knob);
        let rows = TABLE.iter().filter(is_own).map(row).collect();
        let (moved_by, undone_at) = (None, None);
        Self { knob, base, configured_bound, value: base, rows, moved_by, undone_at }
    }

    /// Forgets what was done to it.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.knob, self.base, self.configured_bound);
    }

    pub(super) fn is_configured_as(&self, other: &Self) -> bool {
        (self.base, self.configured_bound) == (other.base, other.configured_bound)
    }

    pub(super) fn base(&self) -> u64 {
        self.base
    }

    pub(super) fn value(&self) -> u64 {
        self.value
    }

    /// Undoes and takes steps.
    pub(super) fn step(
        &mut self,
        causes: &[Cause],
        now: Instant,
        config: &Config,
        changes: &mut Vec<Change>,
    ) {
        self.rows.iter_mut().for_each(|row| row.look(causes));
        if self.is_over(now, config.cool_down) {
            self.undo_now(now, config, changes);
        }
        let (knob, mode) = (self.knob, config.mode);
        for row_idx in 0..self.rows.len() {
            if let Some((before, after)) = self.take(row_idx, now, config.cool_down) {
                let (reason, step) = (self.rows[row_idx].cause, Step::Taken);
                changes.push(Change { at: now, knob, before, after, reason, step, mode });
            }
        }
    }

    /// Goes back to the base, if it is elsewhere.
    pub(super) fn undo_now(
        &mut self,
        now: Instant,
        config: &Config,
        changes: &mut Vec<Change>,
    ) {
        let Some(reason) = self.moved_by.take() else { return };
        let (knob, before, after) = (self.knob, self.value, self.base);
        self.undone_at = Some(now);
        self.value = after;
        let (step, mode) = (Step::Undone, config.mode);
        changes.push(Change { at: now, knob, before, after, reason, step, mode });
    }

    /// Whether nothing holds it where it is, and it may go back.
    fn is_over(&self, now: Instant, cool_down: Duration) -> bool {
        let side = self.value.cmp(&self.base);
        let holds = |row: &Row| row.is_held && row.bound.cmp(&self.base) == side;
        let may = side.is_gt() || has_passed(self.undone_at, now, cool_down);
        may && !self.rows.iter().any(holds)
    }

    /// Takes the step of a row where it is due; returns from where to where.
    fn take(
        &mut self,
        row_idx: usize,
        now: Instant,
        cool_down: Duration,
    ) -> Option<(u64, u64)> {
        let (base, value) = (self.base, self.value);
        let row = &mut self.rows[row_idx];
        let after = row.target(base, value);
        if after == value || !row.is_due(now, cool_down) {
            return None;
        }
        row.has_acted = true;
        row.acted_at = Some(now);
        self.value = after;
        // What a purge gave back is gone.
        self.moved_by = (self.knob != Knob::Purge).then_some(row.cause);
        Some((value, after))
    }
}

impl Row {
    fn look(&mut self, causes: &[Cause]) {
        self.is_active = self.cause.counts_among(causes);
        self.is_held = self.cause.holds_among(causes);
        self.has_acted &= self.is_active;
    }

    fn is_due(&self, now: Instant, cool_down: Duration) -> bool {
        let has_more = self.rule.repeats == Repeats::EachCoolDown || !self.has_acted;
        self.is_active && has_more && has_passed(self.acted_at, now, cool_down)
    }

    fn raises(&self, base: u64) -> bool {
        base < self.bound
    }

    /// Returns where a step leads: never back, and never beyond the bound.
    fn target(&self, base: u64, value: u64) -> u64 {
        let wanted = self.rule.effect.apply(value, self.bound);
        if !self.raises(base) {
            wanted.max(self.bound).min(value)
        } else if base <= value {
            wanted.min(self.bound).max(value)
        } else {
            // What is lowered goes back first.
            value
        }
    }
}

fn has_passed(since: Option<Instant>, now: Instant, cool_down: Duration) -> bool {
    since.is_none_or(|since| cool_down <= now.saturating_duration_since(since))
}
