//! Levels, actions and what they do to consumers.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use proptest::prelude::*;
use safelight_core::{ByteSize, Clock, Consumer, ManualClock, Pressure, Share, Traits};
use safelight_memory_manager::{Config, Control, Event, Governor, Permits, Reading};

const LIMIT_MIB: u64 = 10_000;

fn mib(n: u64) -> ByteSize {
    ByteSize::mib(n)
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A reading with so many ten thousandths used.
fn used(ten_thousandths: u64) -> Reading {
    Reading { limit: mib(LIMIT_MIB), used: mib(ten_thousandths) }
}

fn start() -> Instant {
    ManualClock::new().now()
}

/// Keeps what it has, up to its budget.
struct Shelf {
    held: AtomicU64,
    budget: AtomicU64,
}

impl Shelf {
    fn new(held: ByteSize) -> Arc<Self> {
        let (held, budget) = (held.bytes().into(), u64::MAX.into());
        Arc::new(Self { held, budget })
    }

    fn budget(&self) -> ByteSize {
        ByteSize::from_bytes(self.budget.load(SeqCst))
    }
}

impl Consumer for Shelf {
    fn usage(&self) -> ByteSize {
        ByteSize::from_bytes(self.held.load(SeqCst))
    }

    fn set_budget(&self, budget: ByteSize) {
        self.budget.store(budget.bytes(), SeqCst);
        self.held.fetch_min(budget.bytes(), SeqCst);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let freed = wanted.min(self.usage());
        self.held.fetch_sub(freed.bytes(), SeqCst);
        freed
    }
}

/// Steps once a second; returns the level, marked where something was done.
fn levels(governor: &mut Governor, now: &mut Instant, readings: &[Reading]) -> String {
    let one = |reading: &Reading| {
        *now += secs(1);
        let decision = governor.step(reading, *now);
        let level = &decision.level.to_string()[..1];
        if decision.action.is_some() { level.to_uppercase() } else { level.to_owned() }
    };
    readings.iter().map(one).collect()
}

#[test]
fn m03_each_level_frees_more_and_is_told() {
    let freed = [7_600, 8_600, 9_600].map(|share| {
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&told);
        let permits = Permits::new(mib(LIMIT_MIB));
        let shelf = Shelf::new(mib(1900));
        let floor = Traits { floor: mib(100), ..Traits::default() };
        let _registered = permits.register(Arc::clone(&shelf), floor, mib(1900));
        let control = Control::new(permits, Config::default());
        let mut control =
            control.with_observer(move |event: &Event| seen.lock().unwrap().push(*event));
        let now = start();
        control.step(&used(2_000), now);
        let before = shelf.usage();
        control.step(&used(share), now);
        let told = told.lock().unwrap();
        let [Event::Changed { from, to, .. }, Event::Acted(entry)] = told[..] else {
            panic!("{told:?}")
        };
        assert_eq!((from, to, entry.level), (Pressure::Normal, to, to));
        assert_eq!(entry.receipt, before - shelf.usage());
        assert_eq!((entry.held_before, entry.held_after), (before, shelf.usage()));
        assert_eq!(control.journal().entries().last(), Some(&entry));
        (to, entry.receipt)
    });
    assert_eq!(
        freed.map(|(level, _)| level),
        [Pressure::Elevated, Pressure::High, Pressure::Critical]
    );
    let freed = freed.map(|(_, freed)| freed);
    assert!(ByteSize::ZERO < freed[1] && freed[1] < freed[2], "{freed:?}");
    assert!(freed[0] <= freed[1], "{freed:?}");
    assert_eq!((freed[1], freed[2]), (mib(1600), mib(1800)));
}

#[test]
fn m03_what_the_allocator_retains_is_not_hidden_and_a_purge_is_asked_for() {
    let permits = Permits::new(mib(LIMIT_MIB));
    let _registered = permits.register(Shelf::new(mib(900)), Traits::default(), mib(900));
    let n_purges = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&n_purges);
    let control = Control::new(permits, Config::default());
    let mut control = control.with_purge(move || {
        counted.fetch_add(1, SeqCst);
    });
    let now = start();
    control.step(&used(9_600), now);
    assert_eq!(control.journal().entries().last().unwrap().retained(), None);
    control.step(&used(9_200), now + secs(1));
    let entry = *control.journal().entries().last().unwrap();
    assert_eq!((entry.receipt, entry.used_before), (mib(900), mib(9_600)));
    assert_eq!((entry.used_after, entry.retained()), (Some(mib(9_200)), Some(mib(500))));
    assert_eq!(n_purges.load(SeqCst), 1);
}

#[test]
fn m03_the_journal_is_bounded() {
    let config = Config { n_journal: 3, ..Config::default() };
    let mut control = Control::new(Permits::new(mib(1)), config);
    let start = start();
    for step in 0..10 {
        control.step(&used(9_000), start + config.cool_down * step);
    }
    let at: Vec<_> = control.journal().entries().map(|entry| entry.at - start).collect();
    assert_eq!(at, [secs(35), secs(40), secs(45)]);
}

#[test]
fn m04_one_action_where_a_level_begins_and_one_after_each_cool_down() {
    let mut now = start();
    // Elevated, there is nothing to let go of, so nothing is repeated.
    for (share, expected) in [
        (7_600, "E".to_owned() + &"e".repeat(199)),
        (8_600, "Hhhhh".repeat(40)),
        (9_600, "Ccccc".repeat(40)),
    ] {
        let mut governor = Governor::new(Config::default());
        assert_eq!(levels(&mut governor, &mut now, &[used(share); 200]), expected);
    }
    let mut governor =
        Governor::new(Config { cool_down: secs(999), ..Config::default() });
    let text = levels(&mut governor, &mut now, &[used(8_600); 200]);
    assert_eq!(text.matches('H').count(), 1);
}

#[test]
fn m04_flapping_around_a_line_is_one_action() {
    for line in [7_500, 8_500, 9_500] {
        let config = Config { cool_down: secs(999), ..Config::default() };
        let (mut governor, mut now) = (Governor::new(config), start());
        let readings: Vec<_> =
            (0..200).map(|idx| used(line + [10, 0, 20][idx % 3] - 10)).collect();
        let text = levels(&mut governor, &mut now, &readings);
        let n_actions = text.chars().filter(char::is_ascii_uppercase).count();
        // The first reading is on the line itself, and so begins the level.
        assert_eq!((n_actions, &text[..1]), (1, &*text[..1].to_uppercase()), "{text}");
    }
}

#[test]
fn m04_levels_end_after_the_dwell_and_in_any_case_after_a_while() {
    let check = |readings: &[(u64, usize)], expected: &str| {
        let config = Config { longest_hold: secs(6), ..Config::default() };
        let (mut governor, mut now) = (Governor::new(config), start());
        let readings: Vec<_> = readings
            .iter()
            .flat_map(|(share, n)| std::iter::repeat_n(used(*share), *n))
            .collect();
        assert_eq!(levels(&mut governor, &mut now, &readings), expected);
    };
    // Each level that is jumped over is neither acted upon nor waited in.
    check(&[(9_700, 2), (1_000, 4)], "Ccccnn");
    // It ends to the level whose end is not reached.
    check(&[(9_700, 1), (8_400, 4)], "Ccchh");
    // One reading is no calm.
    check(&[(8_600, 1), (7_000, 2), (8_100, 1), (7_000, 4)], "Hhhhhhee");
    // Between both lines it lasts a while, and not for ever.
    check(&[(7_600, 1), (7_200, 8)], "Eeeeeeenn");
    // Each level that it falls to lasts as long at most, from the fall on.
    check(&[(9_700, 1), (7_200, 10)], "Ccceeeeeenn");
    // A reading above the line counts anew, and is no new crossing.
    check(&[(7_600, 1), (7_200, 3), (7_500, 1), (7_200, 8)], "Eeeeeeeeeeenn");
}

#[test]
fn m04_lines_and_times_are_those_of_the_config() {
    let config = Config {
        elevated: Share::new(0.5),
        high: Share::new(0.6),
        critical: Share::new(0.7),
        gap: Share::new(0.2),
        dwell: secs(1),
        ..Config::default()
    };
    let (mut governor, mut now) = (Governor::new(config), start());
    let readings = [4_900, 5_000, 6_000, 7_000, 5_000, 4_900, 4_900, 2_900, 2_900];
    let text = levels(&mut governor, &mut now, &readings.map(used));
    assert_eq!(text, "nEHCcchhn");
}

#[test]
fn m04_too_few_bytes_are_critical_whatever_the_part() {
    let config = Config { floor: mib(100), ..Config::default() };
    let small = |used_mib| Reading { limit: mib(1000), used: mib(used_mib) };
    let (mut governor, mut now) = (Governor::new(config), start());
    assert_eq!(levels(&mut governor, &mut now, &[small(899), small(901)]), "HC");
    // It counts for an eighth of the limit at most, so a small limit is of use.
    let tiny = |used_mib| Reading { limit: mib(80), used: mib(used_mib) };
    let mut governor = Governor::new(config);
    assert_eq!(levels(&mut governor, &mut now, &[tiny(50), tiny(70), tiny(71)]), "nHC");
    // What is not known is plenty.
    let mut governor = Governor::new(config);
    assert_eq!(levels(&mut governor, &mut now, &[Reading::default()]), "n");
}

#[test]
fn m04_budgets_are_back_within_twelve_steps_of_a_second() {
    let permits = Permits::new(mib(LIMIT_MIB));
    let shelf = Shelf::new(mib(1000));
    let registered = permits.register(Arc::clone(&shelf), Traits::default(), mib(1000));
    let mut control = Control::new(permits, Config::default());
    let now = start();
    control.step(&used(4_000), now);
    assert_eq!(registered.budget(), mib(1000));
    control.step(&used(9_900), now + secs(1));
    assert_eq!((registered.budget(), shelf.usage()), (mib(0), mib(0)));
    let mut budgets = Vec::new();
    for step in 2..=14 {
        control.step(&used(4_000), now + secs(step));
        budgets.push(registered.budget());
    }
    assert!(budgets.is_sorted());
    assert_eq!((budgets[2], budgets[11]), (mib(100), mib(1000)), "{budgets:?}");
    assert_eq!(shelf.budget(), mib(1000));
}

fn step() -> impl Strategy<Value = (Reading, Duration)> {
    // Most are near the lines.
    let share =
        prop_oneof![0u64..10_100, 6_900u64..7_600, 7_900u64..8_600, 8_900u64..9_600];
    (share, 0u64..40_000).prop_map(|(share, ms)| (used(share), Duration::from_millis(ms)))
}

proptest! {
    #[test]
    fn m04_no_sequence_leaves_it_stuck(
        steps in prop::collection::vec(step(), 0..60),
        last in 0u64..7_500,
    ) {
        let config = Config::default();
        let (mut governor, mut now) = (Governor::new(config), start());
        for (reading, elapsed) in steps {
            now += elapsed;
            let before = governor.level();
            let decision = governor.step(&reading, now);
            prop_assert_eq!((decision.previous, decision.level), (before, governor.level()));
            // A level begins with an action, and ends without one.
            if before != decision.level {
                prop_assert_eq!(decision.action.is_some(), before < decision.level);
            }
            prop_assert!(decision.action.is_none_or(|action| action.level == decision.level));
            // It is never lower than use says.
            let line = [0.0, 0.75, 0.85, 0.95][decision.level as usize..].get(1);
            let above = line.copied().unwrap_or(2.0);
            prop_assert!(reading.share() < Share::new(above) || 1.0 < above);
        }
        let decision = governor.step(&used(last), now);
        now += config.longest_hold;
        prop_assert!(decision.level == Pressure::Normal || decision.action.is_none());
        prop_assert_eq!(governor.step(&used(last), now).level, Pressure::Normal);
    }
}

#[test]
fn x03_new_settings_keep_level_and_the_latest_of_the_journal() {
    let config = Config { n_journal: 8, cool_down: Duration::ZERO, ..Config::default() };
    let mut control = Control::new(Permits::new(mib(LIMIT_MIB)), config);
    let begin = start();
    for n in 0..6 {
        control.step(&used(9000 + n), begin + secs(n));
    }
    assert_eq!(control.journal().entries().len(), 6);
    control.set_config(Config { high: Share::new(0.92), n_journal: 2, ..config });
    assert_eq!(control.level(), Pressure::High);
    let kept: Vec<_> = control.journal().entries().map(|e| e.used_before).collect();
    assert_eq!(kept, [mib(9004), mib(9005)]);
    // The new line is above: the level ends as it does after a fall.
    for n in 10..40 {
        control.step(&used(8000), begin + secs(n));
    }
    assert_eq!(control.level(), Pressure::Elevated);
}
