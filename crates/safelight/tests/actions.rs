//! What is done about what is wrong, and undone when it is over.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use expect_test::{Expect, expect};
use proptest::prelude::*;
use safelight::actions::{Actions, Cause, Change, Config, Knob, Mode, TABLE, markdown};
use safelight_core::{Clock, ManualClock, Pressure};
use safelight_progress_monitor::{AlertKind, Step};

const SLOW: Cause = Cause::Alert(AlertKind::SlowUpdate);
const STUCK: Cause = Cause::Alert(AlertKind::StuckUpdate);
const STALL: Cause = Cause::Alert(AlertKind::Stall);
const QUEUE: Cause = Cause::Alert(AlertKind::Queue);
const MEMORY: Cause = Cause::Alert(AlertKind::Memory);
const CPU: Cause = Cause::Alert(AlertKind::Cpu);
const LATE: Cause = Cause::Alert(AlertKind::LateFrame);
const ELEVATED: Cause = Cause::Pressure(Pressure::Elevated);
const HIGH: Cause = Cause::Pressure(Pressure::High);
const CRITICAL: Cause = Cause::Pressure(Pressure::Critical);
const EVICTIONS: Cause = Cause::Evictions;

const CAUSES: [Cause; 14] = [
    SLOW,
    STUCK,
    STALL,
    QUEUE,
    MEMORY,
    CPU,
    LATE,
    Cause::Pressure(Pressure::Normal),
    ELEVATED,
    HIGH,
    CRITICAL,
    EVICTIONS,
    Cause::GpuFull(0),
    Cause::GpuFull(3),
];

/// Each knob with its base.
const KNOBS: [(Knob, u64); 7] = [
    (Knob::CacheBytes, 1000),
    (Knob::Jobs, 8),
    (Knob::Patience, 2000),
    (Knob::Interval, 100),
    (Knob::GpuBatch(0), 10),
    (Knob::GpuBatch(3), 5),
    (Knob::Purge, 0),
];
const WIDE: u64 = 1000;
const COOL_DOWN_MS: u64 = 5000;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn start() -> Instant {
    ManualClock::new().now()
}

/// Has all knobs.
fn actions(mode: Mode) -> Actions {
    let config = Config { mode, ..Config::default() };
    assert_eq!(config.cool_down, ms(COOL_DOWN_MS));
    let mut actions = Actions::new(config);
    for (knob, base) in KNOBS {
        match knob {
            Knob::Interval => actions.set_base_and_bound(knob, base, WIDE),
            Knob::CacheBytes => actions.set_base_and_bound(knob, base, 2 * base),
            _ => actions.set_base(knob, base),
        }
    }
    actions
}

/// Steps each 100 ms for each cause list and its time; returns what changed and when.
fn run(actions: &mut Actions, now: &mut Instant, script: &[(&[Cause], u64)]) -> String {
    let (begin, mut text) = (*now, String::new());
    for (causes, lasts_ms) in script {
        for _ in 0..lasts_ms / 100 {
            for change in actions.step(causes, *now) {
                let at = change.at - begin;
                writeln!(text, "{at:?} {change}").expect("a string takes everything");
            }
            *now += ms(100);
        }
    }
    text
}

#[track_caller]
fn check(script: &[(&[Cause], u64)], expected: &Expect) {
    expected.assert_eq(&run(&mut actions(Mode::Act), &mut start(), script));
}

#[test]
fn x02_each_kind_of_alert_has_one_row() {
    for kind in AlertKind::ALL {
        let rows = TABLE.iter().filter(|rule| rule.cause == Cause::Alert(kind));
        assert_eq!(rows.count(), 1, "{}", kind.name());
    }
}

#[test]
fn x02_the_table_is_documented() {
    expect![[r"
        | Cause | Knob | Step | Bound | Repeated | Why |
        |---|---|---|---|---|---|
        | `slow_update` | `jobs` | 1 less | 1 | no | most likely too many run at once |
        | `stuck_update` | `patience` | to the bound | 1/4 of the base | no | callers hear early that it is busy, and do not pile up |
        | `stall` | `patience` | to the bound | 1/4 of the base | no | callers hear early that it is busy, and do not pile up |
        | `queue` | `patience` | to the bound | 1/2 of the base | no | a queue that is too long should take in less |
        | `memory` | `cache_bytes` | times 1/2 | 1/4 of the base | yes | what a cache holds can be computed again |
        | `cpu` | `interval` | to the bound | as configured | no | the processors are for the work; the monitor does it itself |
        | `late_frame` | `interval` | to the bound | as configured | no | fewer frames come in time; the monitor does it itself |
        | `pressure_high` | `jobs` | times 1/2 | 1 | yes | each job needs memory of its own |
        | `pressure_critical` | `purge` | 1 more | none | yes | what was let go of may still be retained by the allocator |
        | `evictions` | `cache_bytes` | times 5/4 | as configured | yes | what is asked for again is cheaper to hold, while memory is plenty |
        | `gpu_full` | `gpu_batch` | times 4/5 | 1 | yes | a batch that does not fit fails as a whole |
    "]].assert_eq(&markdown());
}

#[test]
fn x02_each_cause_leads_to_its_action_and_back() {
    let mut text = String::new();
    for rule in TABLE {
        text += &run(
            &mut actions(Mode::Act),
            &mut start(),
            &[(&[rule.cause], 1000), (&[], 1000)],
        );
    }
    expect![[r"
        0ns jobs 8 -> 7 count, taken for slow_update
        1s jobs 7 -> 8 count, undone for slow_update
        0ns patience 2000 -> 500 ns, taken for stuck_update
        1s patience 500 -> 2000 ns, undone for stuck_update
        0ns patience 2000 -> 500 ns, taken for stall
        1s patience 500 -> 2000 ns, undone for stall
        0ns patience 2000 -> 1000 ns, taken for queue
        1s patience 1000 -> 2000 ns, undone for queue
        0ns cache_bytes 1000 -> 500 bytes, taken for memory
        1s cache_bytes 500 -> 1000 bytes, undone for memory
        0ns interval 100 -> 1000 ns, taken for cpu
        1s interval 1000 -> 100 ns, undone for cpu
        0ns interval 100 -> 1000 ns, taken for late_frame
        1s interval 1000 -> 100 ns, undone for late_frame
        0ns jobs 8 -> 4 count, taken for pressure_high
        1s jobs 4 -> 8 count, undone for pressure_high
        0ns jobs 8 -> 4 count, taken for pressure_high
        0ns purge 0 -> 1 count, taken for pressure_critical
        1s jobs 4 -> 8 count, undone for pressure_high
        0ns cache_bytes 1000 -> 1250 bytes, taken for evictions
        0ns gpu_batch 0 10 -> 8 count, taken for gpu_full 0
        1s gpu_batch 0 8 -> 10 count, undone for gpu_full 0
    "]]
    .assert_eq(&text);
}

#[test]
fn x02_the_journal_has_what_was_returned_and_is_bounded() {
    let config = Config { n_journal: 3, ..Config::default() };
    let mut actions = Actions::new(config);
    actions.set_base(Knob::CacheBytes, 1000);
    let mut now = start();
    let mut all = Vec::new();
    for causes in [&[MEMORY][..], &[], &[MEMORY], &[MEMORY], &[]] {
        all.extend(actions.step(causes, now));
        now += config.cool_down;
    }
    assert_eq!(all.len(), 5);
    assert!(actions.journal().eq(&all[2..]));
    let last = all[4];
    assert_eq!((last.before, last.after, last.reason), (250, 1000, MEMORY));
    assert_eq!((last.step, last.mode), (Step::Undone, Mode::Act));
}

#[test]
fn x02_one_slow_update_takes_one_step() {
    check(
        &[(&[SLOW], 60_000), (&[], 60_000)],
        &expect![[r"
        0ns jobs 8 -> 7 count, taken for slow_update
        60s jobs 7 -> 8 count, undone for slow_update
    "]],
    );
}

#[test]
fn x02_what_lasts_is_repeated_to_the_bound() {
    check(
        &[(&[MEMORY, CRITICAL], 22_000), (&[], 1000)],
        &expect![[r"
        0ns cache_bytes 1000 -> 500 bytes, taken for memory
        0ns jobs 8 -> 4 count, taken for pressure_high
        0ns purge 0 -> 1 count, taken for pressure_critical
        5s cache_bytes 500 -> 250 bytes, taken for memory
        5s jobs 4 -> 2 count, taken for pressure_high
        5s purge 1 -> 2 count, taken for pressure_critical
        10s jobs 2 -> 1 count, taken for pressure_high
        10s purge 2 -> 3 count, taken for pressure_critical
        15s purge 3 -> 4 count, taken for pressure_critical
        20s purge 4 -> 5 count, taken for pressure_critical
        22s cache_bytes 250 -> 1000 bytes, undone for memory
        22s jobs 1 -> 8 count, undone for pressure_high
    "]],
    );
}

#[test]
fn x02_a_knob_goes_back_when_the_last_cause_is_over() {
    let script: [(&[Cause], u64); 4] =
        [(&[QUEUE], 1000), (&[QUEUE, STALL], 1000), (&[QUEUE], 60_000), (&[], 1000)];
    check(
        &script,
        &expect![[r"
        0ns patience 2000 -> 1000 ns, taken for queue
        1s patience 1000 -> 500 ns, taken for stall
        62s patience 500 -> 2000 ns, undone for stall
    "]],
    );
    // What one has lowered further, the other does not raise.
    check(
        &[(&[STUCK], 1000), (&[STUCK, QUEUE], 1000), (&[QUEUE], 1000)],
        &expect![[r"
        0ns patience 2000 -> 500 ns, taken for stuck_update
    "]],
    );
}

#[test]
fn x02_what_comes_and_goes_takes_a_step_each_cool_down() {
    let flicker: Vec<(&[Cause], u64)> =
        (0..60).flat_map(|_| [(&[HIGH][..], 100), (&[][..], 100)]).collect();
    check(
        &flicker,
        &expect![[r"
        0ns jobs 8 -> 4 count, taken for pressure_high
        100ms jobs 4 -> 8 count, undone for pressure_high
        5s jobs 8 -> 4 count, taken for pressure_high
        5.1s jobs 4 -> 8 count, undone for pressure_high
        10s jobs 8 -> 4 count, taken for pressure_high
        10.1s jobs 4 -> 8 count, undone for pressure_high
    "]],
    );
    // What was undone lately waits before it is undone again.
    let script: [(&[Cause], u64); 4] =
        [(&[HIGH], 4900), (&[], 200), (&[HIGH], 200), (&[], 6000)];
    check(
        &script,
        &expect![[r"
        0ns jobs 8 -> 4 count, taken for pressure_high
        4.9s jobs 4 -> 8 count, undone for pressure_high
        5.1s jobs 8 -> 4 count, taken for pressure_high
        9.9s jobs 4 -> 8 count, undone for pressure_high
    "]],
    );
}

#[test]
fn x02_caches_grow_while_memory_is_plenty() {
    let script: [(&[Cause], u64); 3] =
        [(&[EVICTIONS], 22_000), (&[EVICTIONS, ELEVATED], 10_000), (&[EVICTIONS], 1000)];
    check(
        &script,
        &expect![[r"
        0ns cache_bytes 1000 -> 1250 bytes, taken for evictions
        5s cache_bytes 1250 -> 1562 bytes, taken for evictions
        10s cache_bytes 1562 -> 1952 bytes, taken for evictions
        15s cache_bytes 1952 -> 2000 bytes, taken for evictions
        22s cache_bytes 2000 -> 1000 bytes, undone for evictions
        32s cache_bytes 1000 -> 1250 bytes, taken for evictions
    "]],
    );
    check(
        &[(&[EVICTIONS], 1000), (&[EVICTIONS, MEMORY], 1000)],
        &expect![[r"
        0ns cache_bytes 1000 -> 1250 bytes, taken for evictions
        1s cache_bytes 1250 -> 1000 bytes, undone for evictions
        1s cache_bytes 1000 -> 500 bytes, taken for memory
    "]],
    );
    // What memory has lowered goes back before anything grows.
    let script: [(&[Cause], u64); 4] =
        [(&[MEMORY], 4900), (&[], 200), (&[MEMORY], 200), (&[EVICTIONS], 6000)];
    check(
        &script,
        &expect![[r"
        0ns cache_bytes 1000 -> 500 bytes, taken for memory
        4.9s cache_bytes 500 -> 1000 bytes, undone for memory
        5.1s cache_bytes 1000 -> 500 bytes, taken for memory
        9.9s cache_bytes 500 -> 1000 bytes, undone for memory
        9.9s cache_bytes 1000 -> 1250 bytes, taken for evictions
    "]],
    );
}

#[test]
fn x02_a_gpu_cuts_its_own_batch() {
    check(
        &[(&[Cause::GpuFull(3)], 60_000)],
        &expect![[r"
        0ns gpu_batch 3 5 -> 4 count, taken for gpu_full 3
        5s gpu_batch 3 4 -> 3 count, taken for gpu_full 3
        10s gpu_batch 3 3 -> 2 count, taken for gpu_full 3
        15s gpu_batch 3 2 -> 1 count, taken for gpu_full 3
    "]],
    );
}

#[test]
fn x02_a_dry_run_says_so_and_leaves_knobs_alone() {
    let mut actions = actions(Mode::DryRun);
    let script: [(&[Cause], u64); 2] = [(&[MEMORY], 6000), (&[], 1000)];
    let text = run(&mut actions, &mut start(), &script);
    expect![[r"
        0ns cache_bytes 1000 -> 500 bytes, taken for memory (dry run)
        5s cache_bytes 500 -> 250 bytes, taken for memory (dry run)
        6s cache_bytes 250 -> 1000 bytes, undone for memory (dry run)
    "]]
    .assert_eq(&text);
    assert_eq!(actions.value(Knob::CacheBytes), Some(1000));
    assert!(actions.journal().all(|change| change.mode == Mode::DryRun));
}

#[test]
fn x02_off_decides_nothing() {
    let mut actions = actions(Mode::Off);
    assert_eq!(actions.step(&CAUSES, start()), []);
    assert_eq!(actions.journal().len(), 0);
    assert_eq!(actions.value(Knob::Jobs), Some(8));
}

#[test]
fn x02_a_reload_starts_again_from_the_new_base() {
    let (mut actions, now) = (Actions::new(Config::default()), start());
    assert_eq!((actions.step(&[HIGH], now), actions.value(Knob::Jobs)), (vec![], None));
    actions.set_base(Knob::Jobs, 8);
    actions.step(&[HIGH], now);
    actions.set_base(Knob::Jobs, 8);
    assert_eq!(
        (actions.step(&[HIGH], now), actions.value(Knob::Jobs)),
        (vec![], Some(4))
    );
    actions.set_base(Knob::Jobs, 3);
    assert_eq!(actions.value(Knob::Jobs), Some(3));
    actions.step(&[HIGH], now);
    assert_eq!(actions.value(Knob::Jobs), Some(1));
    actions.step(&[], now);
    assert_eq!(actions.value(Knob::Jobs), Some(3));
}

/// All that was ever seen; each question is answered by looking through it.
#[derive(Default)]
struct Model {
    looks: Vec<Vec<Cause>>,
    log: Vec<Logged>,
}

#[derive(Clone, Copy)]
struct Logged {
    look_idx: usize,
    at_ms: u64,
    knob: Knob,
    cause: Cause,
    step: Step,
    after: u64,
}

/// A cause, whether it repeats, and where it leads from a value.
type Lead = (Cause, bool, fn(value: u64, base: u64) -> u64);

fn leads(knob: Knob) -> Vec<Lead> {
    match knob {
        Knob::CacheBytes => vec![
            (MEMORY, true, |v, base| if base < v { v } else { (v / 2).max(base / 4) }),
            (
                EVICTIONS,
                true,
                |v, base| {
                    if v < base { v } else { (v * 5 / 4).min(base * 2) }
                },
            ),
        ],
        Knob::Jobs => vec![
            (SLOW, false, |v, _| if 1 < v { v - 1 } else { v }),
            (HIGH, true, |v, _| if 1 < v { v / 2 } else { v }),
        ],
        Knob::Patience => vec![
            (STUCK, false, |v, base| v.min(base / 4)),
            (STALL, false, |v, base| v.min(base / 4)),
            (QUEUE, false, |v, base| v.min(base / 2)),
        ],
        Knob::Interval => vec![(CPU, false, |_, _| WIDE), (LATE, false, |_, _| WIDE)],
        Knob::GpuBatch(idx) => {
            vec![(Cause::GpuFull(idx), true, |v, _| if 1 < v { v * 4 / 5 } else { v })]
        }
        Knob::Purge => vec![(CRITICAL, true, |v, _| v + 1)],
        _ => unreachable!("no other knob"),
    }
}

fn is_among(cause: Cause, causes: &[Cause]) -> bool {
    let any = |wanted: &[Cause]| wanted.iter().any(|cause| causes.contains(cause));
    match cause {
        HIGH => any(&[HIGH, CRITICAL]),
        EVICTIONS => any(&[EVICTIONS]) && !is_scarce(causes),
        _ => any(&[cause]),
    }
}

fn is_scarce(causes: &[Cause]) -> bool {
    [MEMORY, ELEVATED, HIGH, CRITICAL].iter().any(|cause| causes.contains(cause))
}

impl Model {
    fn value(&self, knob: Knob, base: u64) -> u64 {
        let last = self.log.iter().rev().find(|logged| logged.knob == knob);
        last.map_or(base, |logged| logged.after)
    }

    fn is_cool(&self, at_ms: u64, is_it: impl Fn(&Logged) -> bool) -> bool {
        let is_hot = |it: &Logged| is_it(it) && at_ms < it.at_ms + COOL_DOWN_MS;
        !self.log.iter().any(is_hot)
    }

    /// Whether a cause took a step on this knob since it is there.
    fn has_acted(&self, knob: Knob, cause: Cause) -> bool {
        let n_lasting =
            self.looks.iter().rev().take_while(|causes| is_among(cause, causes)).count();
        let began = self.looks.len() - n_lasting;
        let is_it = |it: &Logged| {
            (it.knob, it.cause, it.step) == (knob, cause, Step::Taken)
                && began <= it.look_idx
        };
        self.log.iter().any(is_it)
    }

    fn step(&mut self, knob: Knob, base: u64, at_ms: u64) {
        let look_idx = self.looks.len() - 1;
        let causes = self.looks[look_idx].clone();
        let is_raised = base < self.value(knob, base);
        let holds = |cause: Cause| match (knob, is_raised) {
            (Knob::CacheBytes, false) => cause == MEMORY,
            (Knob::CacheBytes, true) => cause == EVICTIONS,
            _ => true,
        };
        let mut held = leads(knob).into_iter().map(|lead| lead.0);
        let is_kept = |cause| match cause {
            EVICTIONS => !is_scarce(&causes),
            _ => is_among(cause, &causes),
        };
        let is_held = held.any(|cause| holds(cause) && is_kept(cause));
        let is_undo = |it: &Logged| it.knob == knob && it.step == Step::Undone;
        let may = is_raised || self.is_cool(at_ms, is_undo);
        if self.value(knob, base) != base && knob != Knob::Purge && !is_held && may {
            let taken = |it: &&Logged| it.knob == knob && it.step == Step::Taken;
            let last = *self.log.iter().rev().find(taken).expect("it is not at its base");
            let (step, after) = (Step::Undone, base);
            self.log.push(Logged { look_idx, at_ms, step, after, ..last });
        }
        for (cause, repeats, lead) in leads(knob) {
            let is_step =
                |it: &Logged| (it.knob, it.cause, it.step) == (knob, cause, Step::Taken);
            let before = self.value(knob, base);
            let after = lead(before, base);
            let is_due = is_among(cause, &causes)
                && self.is_cool(at_ms, is_step)
                && (repeats || !self.has_acted(knob, cause));
            if is_due && after != before {
                let step = Step::Taken;
                self.log.push(Logged { look_idx, at_ms, knob, cause, step, after });
            }
        }
    }
}

/// A look: what is wrong then, how long after the one before, and perhaps a reload of jobs.
type Look = (Vec<Cause>, u64, Option<u64>);

fn look(causes: &[Cause]) -> impl Strategy<Value = Look> + use<> {
    let causes = prop::sample::subsequence(causes.to_vec(), ..=causes.len());
    let causes = prop_oneof![1 => Just(Vec::new()), 2 => causes];
    let after_ms = prop_oneof![0u64..300, 0u64..3000, Just(COOL_DOWN_MS), 4000u64..9000];
    (causes, after_ms, prop::option::weighted(0.05, 0u64..12))
}

/// Looks at a few causes, so that these come and go.
fn looks() -> impl Strategy<Value = Vec<Look>> {
    let causes = prop::sample::subsequence(CAUSES.to_vec(), 1..6);
    causes.prop_flat_map(|causes| prop::collection::vec(look(&causes), 1..60))
}

/// The least and the most of a knob.
fn range(knob: Knob, base: u64) -> (u64, u64) {
    match knob {
        Knob::CacheBytes => (base / 4, base * 2),
        Knob::Patience => (base / 4, base),
        Knob::Interval => (base, WIDE),
        Knob::Purge => (0, u64::MAX),
        _ => (base.min(1), base),
    }
}

/// Checks what holds for the changes of one knob whatever the rules are.
fn check_changes(knob: Knob, base: u64, changes: &[Change]) -> Result<(), TestCaseError> {
    for pair in changes.windows(2) {
        prop_assert_eq!(pair[0].after, pair[1].before, "{:?}", pair);
    }
    for (idx, change) in changes.iter().enumerate() {
        let (least, most) = range(knob, base);
        prop_assert!(least <= change.after && change.after <= most, "{}", change);
        prop_assert_ne!(change.before, change.after);
        let is_like = |other: &&Change| match change.step {
            Step::Taken => other.step == Step::Taken && other.reason == change.reason,
            // What was raised need not wait.
            Step::Undone => other.step == Step::Undone && change.before < base,
        };
        if let Some(before) = changes[..idx].iter().rev().find(is_like) {
            prop_assert!(
                ms(COOL_DOWN_MS) <= change.at - before.at,
                "{} {}",
                before,
                change
            );
        }
        if change.step == Step::Undone {
            prop_assert_eq!(change.after, base);
        }
    }
    Ok(())
}

/// The real thing and a dry run beside the model.
struct Beside {
    real: Actions,
    dry: Actions,
    model: Model,
    bases: [(Knob, u64); 7],
    /// What was changed since a knob has its base.
    changes: Vec<Change>,
    begin: Instant,
    at_ms: u64,
    calm_since_ms: Option<u64>,
}

impl Beside {
    fn new() -> Self {
        Self {
            real: actions(Mode::Act),
            dry: actions(Mode::DryRun),
            model: Model::default(),
            bases: KNOBS,
            changes: Vec::new(),
            begin: start(),
            at_ms: 0,
            calm_since_ms: None,
        }
    }

    fn reload(&mut self, jobs: u64) -> Result<(), TestCaseError> {
        let (knob, base) = self.bases[1];
        if jobs != base {
            self.check_knob(knob, base)?;
            self.changes.retain(|change| change.knob != knob);
            self.model.log.retain(|logged| logged.knob != knob);
            self.bases[1].1 = jobs;
        }
        self.real.set_base(knob, jobs);
        self.dry.set_base(knob, jobs);
        Ok(())
    }

    fn step(&mut self, causes: Vec<Cause>) -> Result<(), TestCaseError> {
        let now = self.begin + ms(self.at_ms);
        let changes = self.real.step(&causes, now);
        let mut dry = self.dry.step(&causes, now);
        prop_assert!(dry.iter().all(|change| change.mode == Mode::DryRun));
        for change in &mut dry {
            change.mode = Mode::Act;
        }
        prop_assert_eq!(&dry, &changes);
        self.changes.extend(changes);
        let since = self.calm_since_ms.unwrap_or(self.at_ms);
        self.calm_since_ms = causes.is_empty().then_some(since);
        let is_calm = causes.is_empty() && since + COOL_DOWN_MS <= self.at_ms;
        self.model.looks.push(causes);
        for (knob, base) in self.bases {
            self.model.step(knob, base, self.at_ms);
            let value = self.model.value(knob, base);
            prop_assert_eq!(self.real.value(knob), Some(value), "{}", knob);
            prop_assert_eq!(self.dry.value(knob), Some(base));
            let is_kept = knob == Knob::Purge || knob == Knob::CacheBytes && base < value;
            prop_assert!(!is_calm || is_kept || value == base, "{}", knob);
        }
        Ok(())
    }

    fn check_knob(&self, knob: Knob, base: u64) -> Result<(), TestCaseError> {
        let of_knob = |change: &&Change| change.knob == knob;
        let changes: Vec<_> = self.changes.iter().filter(of_knob).copied().collect();
        let logged = self.model.log.iter().filter(|logged| logged.knob == knob);
        let logged: Vec<_> =
            logged.map(|it| (ms(it.at_ms), it.cause, it.step, it.after)).collect();
        let told =
            changes.iter().map(|it| (it.at - self.begin, it.reason, it.step, it.after));
        prop_assert_eq!(told.collect::<Vec<_>>(), logged);
        check_changes(knob, base, &changes)
    }
}

proptest! {
    #[test]
    fn x02_as_the_model_says(looks in looks()) {
        let mut beside = Beside::new();
        // At the end it is calm for as long as it takes to undo everything.
        let calm = [(Vec::new(), 1, None), (Vec::new(), COOL_DOWN_MS, None)];
        for (causes, after_ms, jobs) in looks.into_iter().chain(calm) {
            beside.at_ms += after_ms;
            jobs.map_or(Ok(()), |jobs| beside.reload(jobs))?;
            beside.step(causes)?;
        }
        for (knob, base) in beside.bases {
            beside.check_knob(knob, base)?;
            let last = beside.changes.iter().rev().find(|change| change.knob == knob);
            let is_undone = last.is_none_or(|change| change.step == Step::Undone);
            let is_kept = |change: &Change| {
                knob == Knob::Purge || knob == Knob::CacheBytes && base < change.after
            };
            prop_assert!(is_undone || last.is_some_and(is_kept), "{}", knob);
        }
        let now = beside.begin + ms(beside.at_ms);
        beside.real.undo_all(now);
        for (knob, base) in beside.bases {
            let is_back = beside.real.value(knob) == Some(base);
            prop_assert!(is_back || knob == Knob::Purge, "{}", knob);
        }
    }
}
