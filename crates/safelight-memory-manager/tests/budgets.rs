//! What consumers may hold: less at once, the same again later, and never a swing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use proptest::prelude::*;
use safelight_core::{
    ByteSize, Clock, Consumer, Cost, ManualClock, Pressure, Share, Traits,
};
use safelight_memory_manager::{
    Budgets, Claim, Config, Control, Permits, Reading, Rule, Situation, spread,
};

fn mib(n: u64) -> ByteSize {
    ByteSize::mib(n)
}

fn start() -> Instant {
    ManualClock::new().now()
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

#[test]
fn m07_available_memory_halves_and_the_budget_follows_in_one_step() {
    let permits = Permits::new(mib(8000));
    let greedy = Arc::new(Greedy(AtomicU64::new(0)));
    let _registered = permits.register(Arc::clone(&greedy), Traits::default(), mib(1500));
    let mut control = Control::new(permits, Config::default());
    let (mut now, limit) = (start(), mib(8000));
    // Others use so much; what the consumer holds comes on top of it.
    let mut held_with = |others: u64, n_steps: u32| {
        let mut held = Vec::new();
        for _ in 0..n_steps {
            let used = mib(others) + greedy.usage();
            control.step(&Reading { limit, used }, now);
            now += Duration::from_secs(1);
            held.push(greedy.usage());
        }
        held
    };
    assert_eq!(held_with(800, 3), [mib(1440); 3]);
    // 7200 MiB become 3600, a fifth of that is set at once, and stays.
    assert_eq!(held_with(4400, 40), [mib(720); 40]);
    // Where all together is too much there is less, but no swing.
    let down = held_with(6500, 60);
    let swings = down.windows(2).filter(|pair| pair[0] < pair[1]).count();
    assert_eq!((down[0], swings), (mib(150), 0), "{down:?}");
    // It recovers, to what is configured at most.
    assert_eq!(held_with(800, 16).last(), Some(&mib(1440)));
    assert_eq!(held_with(0, 16).last(), Some(&mib(1500)));
}

#[test]
fn m07_with_permits_consumers_have_what_the_work_leaves() {
    let config = Config { rule: Rule::Headroom(Share::new(0.8)), ..Config::default() };
    let mut budgets = Budgets::new(config);
    let mut check = |used: u64, held: u64, granted: u64, expected: u64| {
        let situation = Situation {
            reading: Reading { limit: mib(1000), used: mib(used) },
            pressure: Pressure::Normal,
            configured: mib(700),
            held: mib(held),
            granted: mib(granted),
        };
        assert_eq!(budgets.step(&situation, start()), mib(expected));
    };
    check(300, 200, 0, 700);
    // What is granted counts before it is used, and once only when it is.
    check(300, 200, 500, 300);
    check(800, 200, 500, 200);
    check(990, 100, 500, 0);
}

#[test]
fn m07_budgets_grow_slowly_and_only_without_pressure() {
    let mut budgets = Budgets::new(Config::default());
    let mut now = start();
    let mut check = |ms: u64, used: u64, pressure: Pressure, expected: u64| {
        now += Duration::from_millis(ms);
        let reading = Reading { limit: mib(1000), used: mib(used) };
        let (configured, held, granted) = (mib(100), mib(0), mib(0));
        let situation = Situation { reading, pressure, configured, held, granted };
        assert_eq!(budgets.step(&situation, now), mib(expected));
    };
    check(0, 750, Pressure::Normal, 50);
    check(1000, 500, Pressure::Elevated, 50);
    check(1000, 500, Pressure::Normal, 60);
    check(0, 500, Pressure::Normal, 60);
    check(2000, 500, Pressure::Normal, 80);
    check(9000, 500, Pressure::Normal, 100);
    check(1000, 500, Pressure::High, 50);
    check(1000, 500, Pressure::High, 50);
    check(1000, 500, Pressure::Critical, 0);
    check(1000, 500, Pressure::High, 0);
    check(10_000, 500, Pressure::Normal, 100);
}

#[test]
fn m07_what_is_not_known_is_plenty() {
    let mut budgets = Budgets::new(Config::default());
    let situation = Situation {
        reading: Reading::default(),
        pressure: Pressure::Normal,
        configured: mib(100),
        held: mib(0),
        granted: mib(0),
    };
    assert_eq!(budgets.step(&situation, start()), mib(100));
}

fn pressure() -> impl Strategy<Value = Pressure> {
    let levels =
        [Pressure::Normal, Pressure::Elevated, Pressure::High, Pressure::Critical];
    prop::sample::select(levels.to_vec())
}

fn situation() -> impl Strategy<Value = Situation> {
    (0u64..1100, 0u64..300, 0u64..900, pressure()).prop_map(
        |(used, held, granted, pressure)| Situation {
            reading: Reading { limit: mib(1000), used: mib(used) },
            pressure,
            configured: mib(256),
            held: mib(held),
            granted: mib(granted),
        },
    )
}

fn claim() -> impl Strategy<Value = Claim> {
    let costs = vec![Cost::Free, Cost::Recompute, Cost::Reload];
    (prop::sample::select(costs), 0u8..3, 0u64..20, 0u64..100).prop_map(
        |(cost, priority, floor, configured)| Claim {
            traits: Traits {
                cost,
                priority,
                floor: ByteSize::from_bytes(floor),
                ..Traits::default()
            },
            configured: ByteSize::from_bytes(configured),
        },
    )
}

proptest! {
    #[test]
    fn m04_a_level_never_moves_a_budget_the_wrong_way(
        past in prop::collection::vec((situation(), 0u64..9000), 1..20),
        is_headroom in any::<bool>(),
        other in pressure(),
        elapsed in 0u64..9000,
    ) {
        let rule = Rule::Headroom(Share::new(0.8));
        let rule = if is_headroom { rule } else { Config::default().rule };
        let mut budgets = Budgets::new(Config { rule, ..Config::default() });
        let mut now = start();
        let mut before = ByteSize::ZERO;
        for (situation, ms) in &past {
            now += Duration::from_millis(*ms);
            before = budgets.step(situation, now);
        }
        // The same situation again, with another level: beside what it was, and beside what
        // it would be had the level stayed.
        let last = past.last().unwrap().0;
        let then = now + Duration::from_millis(elapsed);
        let after = budgets.clone().step(&Situation { pressure: other, ..last }, then);
        let otherwise = budgets.step(&last, then);
        // With headroom they grow in elevated pressure as in none, as time goes by.
        let grows = is_headroom && other < Pressure::High;
        if last.pressure < other {
            prop_assert!(after <= before || grows, "{before} to {after}");
            prop_assert!(after <= otherwise, "{otherwise} without, {after} with");
        } else {
            prop_assert!(before <= after, "{before} to {after}");
            prop_assert!(otherwise <= after, "{otherwise} without, {after} with");
        }
    }

    #[test]
    fn m07_a_total_is_divided_and_more_is_never_less(
        claims in prop::collection::vec(claim(), 0..6),
        total in 0u64..300,
        more in 0u64..100,
    ) {
        let budgets = spread(ByteSize::from_bytes(total), &claims);
        let floors: ByteSize = claims.iter().map(Claim::floor).sum();
        let sum: ByteSize = budgets.iter().copied().sum();
        prop_assert!(sum <= ByteSize::from_bytes(total).max(floors));
        // What is lost by rounding is less than a byte each.
        let all: ByteSize = claims.iter().map(|claim| claim.configured).sum();
        let n = ByteSize::from_len(claims.len());
        prop_assert!(ByteSize::from_bytes(total).min(all) <= sum + n);
        let larger = spread(ByteSize::from_bytes(total + more), &claims);
        for (idx, claim) in claims.iter().enumerate() {
            prop_assert!(claim.floor() <= budgets[idx] && budgets[idx] <= claim.configured);
            prop_assert!(budgets[idx] <= larger[idx]);
        }
        // Nobody has more than the floor before all that give later have everything.
        let rank = |claim: &Claim| (claim.traits.cost, claim.traits.priority);
        for (a, first) in claims.iter().enumerate() {
            for (b, later) in claims.iter().enumerate() {
                let gives_first = rank(first) < rank(later);
                if gives_first && first.floor() < budgets[a] {
                    prop_assert_eq!(budgets[b], later.configured);
                }
            }
        }
    }
}
