//! Whatever happened before, what consumers may hold comes back when use is low again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use proptest::prelude::*;
use safelight_core::{
    ByteSize, Clock, Consumer, Cost, ManualClock, Pressure, Share, Traits,
};
use safelight_memory_manager::{
    Budgets, Config, Control, Permits, Reading, Registration, Rule, Situation,
};

const LIMIT_MIB: u64 = 10_000;
const SECOND: Duration = Duration::from_secs(1);

fn mib(n: u64) -> ByteSize {
    ByteSize::mib(n)
}

/// A reading with so many ten thousandths used.
fn used(ten_thousandths: u64) -> Reading {
    Reading { limit: mib(LIMIT_MIB), used: mib(ten_thousandths) }
}

fn headroom() -> Config {
    Config { rule: Rule::Headroom(Share::new(0.8)), ..Config::default() }
}

/// Keeps what it has, up to its budget.
struct Shelf(AtomicU64);

impl Shelf {
    fn new(held: ByteSize) -> Self {
        Self(held.bytes().into())
    }
}

impl Consumer for Shelf {
    fn usage(&self) -> ByteSize {
        ByteSize::from_bytes(self.0.load(SeqCst))
    }

    fn set_budget(&self, budget: ByteSize) {
        self.0.fetch_min(budget.bytes(), SeqCst);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let freed = wanted.min(self.usage());
        self.0.fetch_sub(freed.bytes(), SeqCst);
        freed
    }
}

/// Has one consumer under control, all of whose budget was just taken.
fn after(share: u64, config: Config) -> (Control, Registration, ManualClock) {
    let permits = Permits::new(mib(LIMIT_MIB));
    let shelf = Shelf::new(mib(400));
    let registered = permits.register(shelf, Traits::default(), mib(400));
    let (mut control, clock) = (Control::new(permits, config), ManualClock::new());
    control.step(&used(9_900), clock.now());
    assert_eq!(registered.budget(), ByteSize::ZERO);
    clock.advance(SECOND);
    control.step(&used(share), clock.now());
    (control, registered, clock)
}

/// Returns how long it takes at this use from then on until the budget is back.
fn recovery(from: u64, share: u64, step: Duration, config: Config) -> Duration {
    let (mut control, registered, clock) = after(from, config);
    let mut elapsed = Duration::ZERO;
    loop {
        clock.advance(step);
        control.step(&used(share), clock.now());
        if registered.budget() == mib(400) || Duration::from_mins(5) < elapsed {
            return elapsed;
        }
        elapsed += step;
    }
}

#[test]
fn m04_use_below_the_line_of_elevated_has_budgets_back_within_20_s() {
    let mut longest = [Duration::ZERO; 2];
    for share in (0..7_500).step_by(500).chain(6_950..7_050).chain([7_250, 7_499]) {
        for from in [9_900, 9_000, 8_000] {
            for step in [SECOND, Duration::from_millis(100)] {
                for (idx, config) in [Config::default(), headroom()].iter().enumerate() {
                    let elapsed = recovery(from, share, step, *config);
                    longest[idx] = longest[idx].max(elapsed);
                }
            }
        }
    }
    println!("longest recovery by rule: {longest:?}");
    assert!(longest[0] <= 20 * SECOND && longest[1] <= 12 * SECOND, "{longest:?}");
    // Where nothing is left of the level, it takes the dwell and the growth only.
    for share in [0, 6_000, 6_999] {
        assert!(recovery(9_900, share, SECOND, Config::default()) <= 12 * SECOND);
    }
}

#[test]
fn m07_with_headroom_consumers_grow_up_to_what_the_rule_leaves() {
    // All that is used they hold, so the rule ends in elevated pressure.
    let permits = Permits::new(mib(LIMIT_MIB));
    let greedy = Arc::new(Greedy(AtomicU64::new(0)));
    let _registered =
        permits.register(Arc::clone(&greedy), Traits::default(), mib(LIMIT_MIB));
    let (mut control, clock) = (Control::new(permits, headroom()), ManualClock::new());
    for _ in 0..30 {
        // A burst takes what they had, and ends.
        control.step(&used(9_900), clock.now());
        clock.advance(SECOND);
    }
    for _ in 0..30 {
        let reading = Reading { limit: mib(LIMIT_MIB), used: greedy.usage() };
        control.step(&reading, clock.now());
        clock.advance(SECOND);
    }
    assert_eq!((greedy.usage(), control.level()), (mib(8_000), Pressure::Elevated));
    // The other rule takes elevated pressure for the end of growth.
    let mut budgets = Budgets::new(Config::default());
    let mut step = |pressure| {
        clock.advance(SECOND);
        let situation = Situation {
            reading: used(1_000),
            pressure,
            configured: mib(100),
            held: ByteSize::ZERO,
            granted: ByteSize::ZERO,
        };
        budgets.step(&situation, clock.now())
    };
    assert_eq!([step(Pressure::High), step(Pressure::Elevated)], [mib(50); 2]);
    assert_eq!(step(Pressure::Normal), mib(60));
}

/// Always fills what it may hold.
struct Greedy(AtomicU64);

impl Consumer for Greedy {
    fn usage(&self) -> ByteSize {
        ByteSize::from_bytes(self.0.load(SeqCst))
    }

    fn set_budget(&self, budget: ByteSize) {
        self.0.store(budget.bytes(), SeqCst);
    }

    fn reclaim(&self, _: ByteSize) -> ByteSize {
        ByteSize::ZERO
    }
}

/// Any reading at all, most of them near the lines.
fn reading() -> impl Strategy<Value = Reading> {
    let near =
        prop_oneof![0u64..10_100, 6_900u64..7_600, 7_900u64..8_600, 8_900u64..9_600];
    let any = (any::<u64>(), any::<u64>(), 0u32..64).prop_map(|(limit, used, shift)| {
        let (limit, used) = (limit >> shift, used >> shift);
        Reading { limit: ByteSize::from_bytes(limit), used: ByteSize::from_bytes(used) }
    });
    let unknown = (0u64..20_000)
        .prop_map(|used| Reading { limit: ByteSize::ZERO, used: mib(used) });
    prop_oneof![4 => near.prop_map(used), 2 => any, 1 => unknown]
}

fn consumer() -> impl Strategy<Value = (Traits, u64, u64)> {
    let costs = vec![Cost::Free, Cost::Recompute, Cost::Reload];
    (prop::sample::select(costs), 0u8..3, 0u64..200, 0u64..100, 0u64..200).prop_map(
        |(cost, priority, floor, configured, held)| {
            let floor = mib(floor);
            (Traits { cost, priority, floor, ..Traits::default() }, configured, held)
        },
    )
}

proptest! {
    #[test]
    fn m04_no_sequence_leaves_the_consumers_without_their_budgets(
        consumers in prop::collection::vec(consumer(), 1..4),
        steps in prop::collection::vec((reading(), 0u64..40_000), 0..40),
        low in 0u64..7_000,
        is_headroom in any::<bool>(),
    ) {
        let config = if is_headroom { headroom() } else { Config::default() };
        let permits = Permits::new(mib(LIMIT_MIB));
        let registered: Vec<_> = consumers
            .iter()
            .map(|(traits, configured, held)| {
                permits.register(Shelf::new(mib(*held)), *traits, mib(*configured))
            })
            .collect();
        let (mut control, clock) = (Control::new(permits, config), ManualClock::new());
        for (reading, ms) in steps {
            clock.advance(Duration::from_millis(ms));
            control.step(&reading, clock.now());
        }
        for _ in 0..12 {
            clock.advance(SECOND);
            control.step(&used(low), clock.now());
        }
        prop_assert_eq!(control.level(), Pressure::Normal);
        let budgets: Vec<_> = registered.iter().map(Registration::budget).collect();
        let configured: Vec<_> = consumers.iter().map(|(_, size, _)| mib(*size)).collect();
        prop_assert_eq!(budgets, configured);
    }

    #[test]
    fn m07_growth_takes_as_long_however_short_the_steps_are(
        configured in 1u64..1_000_000,
        steps in prop::collection::vec((1u64..2_000_000, 1usize..60), 1..40),
        configured_shift in 0u32..40,
    ) {
        let config = Config { regrow: Duration::from_millis(50), ..Config::default() };
        let configured = ByteSize::from_bytes(configured << configured_shift);
        let situation = |pressure| Situation {
            // A limit that is not known is plenty.
            reading: Reading::default(),
            pressure,
            configured,
            held: ByteSize::ZERO,
            granted: ByteSize::ZERO,
        };
        let (mut budgets, clock) = (Budgets::new(config), ManualClock::new());
        prop_assert_eq!(
            budgets.step(&situation(Pressure::Critical), clock.now()),
            ByteSize::ZERO
        );
        let (start, mut last) = (clock.now(), ByteSize::ZERO);
        for step_ns in steps.iter().flat_map(|(ns, n)| std::iter::repeat_n(*ns, *n)) {
            clock.advance(Duration::from_nanos(step_ns));
            let budget = budgets.step(&situation(Pressure::Normal), clock.now());
            let elapsed = (clock.now() - start).as_secs_f64();
            let share = (elapsed / config.regrow.as_secs_f64()).min(1.0);
            let even = configured.bytes() as f64 * share;
            prop_assert!((budget.bytes() as f64 - even).abs() <= 1.0 + even * 1e-9);
            prop_assert!(last <= budget);
            last = budget;
        }
        clock.advance((start + config.regrow).saturating_duration_since(clock.now()));
        prop_assert_eq!(
            budgets.step(&situation(Pressure::Normal), clock.now()),
            configured
        );
    }
}
