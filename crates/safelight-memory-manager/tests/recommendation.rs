//! What is recommended, with its evidence; and nothing without any.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    task::{Context, Waker},
    time::Duration,
};

use expect_test::{Expect, expect};
use safelight_core::{ByteSize, Clock, Consumer, ManualClock, Traits};
use safelight_memory_manager::{
    Config, Control, Facts, Journal, Permits, Reading, Registration, Usage, Verdict,
    recommend,
};

fn mib(n: u64) -> ByteSize {
    ByteSize::mib(n)
}

fn reading(used_mib: u64) -> Reading {
    Reading { limit: mib(1000), used: mib(used_mib) }
}

/// Keeps what it has, up to its budget.
struct Shelf(AtomicU64);

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

/// A program with one cache, that was read now and again.
struct Program {
    permits: Permits,
    control: Control,
    _registration: Registration,
}

impl Program {
    fn new(used_mib: &[u64]) -> Self {
        let permits = Permits::new(mib(1000));
        let shelf = Shelf(mib(200).bytes().into());
        let registration = permits.register(shelf, Traits::default(), mib(200));
        let mut control = Control::new(permits.clone(), Config::default());
        let clock = ManualClock::new();
        for used in used_mib {
            control.step(&reading(*used), clock.now());
            clock.advance(Duration::from_secs(1));
        }
        Self { permits, control, _registration: registration }
    }

    fn usage(&self) -> Usage {
        self.permits.usage()
    }

    fn journal(&self) -> &Journal {
        self.control.journal()
    }

    /// Facts of which none speaks for anything, but for the program's own.
    fn facts(&self) -> Facts<'_> {
        Facts {
            usage: self.usage(),
            labels: &[("decode", 1.0), ("resize", 1.09)],
            verdict: Verdict::Flat,
            journal: self.journal(),
            reading: reading(100),
            batches: &[(8, 8), (8, 16), (0, 0)],
        }
    }
}

#[track_caller]
fn check(facts: &Facts<'_>, expected: &Expect) {
    let lines = recommend(facts).into_iter().map(|one| format!("{one}\n"));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn m08_nothing_is_recommended_to_a_calm_machine() {
    let calm = Program::new(&[100, 100]);
    check(&calm.facts(), &expect![""]);
    // What is not known speaks for nothing.
    let unknown = Facts {
        labels: &[("decode", f64::NAN)],
        verdict: Verdict::Unknown,
        reading: Reading::default(),
        ..calm.facts()
    };
    check(&unknown, &expect![""]);
    let period = Duration::from_secs(100);
    check(&Facts { verdict: Verdict::Periodic { period }, ..calm.facts() }, &expect![""]);
    let verdict = Verdict::Step { from: mib(1), to: mib(900) };
    check(&Facts { verdict, ..calm.facts() }, &expect![""]);
    // What was let go of is no longer used.
    let freed =
        Program::new(&[960, 760, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100]);
    assert_eq!(freed.journal().entries().len(), 1);
    check(&Facts { usage: calm.usage(), ..freed.facts() }, &expect![""]);
}

#[test]
fn m08_each_recommendation_carries_its_numbers() {
    let calm = Program::new(&[100, 100]);
    let leak = |seconds| Verdict::Leak { per_minute: mib(6), time_to_limit: seconds };
    let verdict = leak(Some(Duration::from_secs(4410)));
    check(
        &Facts { verdict, ..calm.facts() },
        &expect![[r"
        find what grows by 6 MiB a minute: the limit is reached in 73 min
    "]],
    );
    check(
        &Facts { verdict: leak(None), ..calm.facts() },
        &expect![[r"
        find what grows by 6 MiB a minute
    "]],
    );
    let labels = &[("decode", 1.1), ("resize", 16.0)];
    check(
        &Facts { labels, ..calm.facts() },
        &expect![[r"
            declare 1.10 times as much for `decode`, at least: so much is charged, by what it took
            declare 16.00 times as much for `resize`, at least: so much is charged, by what it took
        "]],
    );
    check(
        &Facts { batches: &[(16, 16), (16, 12)], ..calm.facts() },
        &expect![[r"
        cut the batch of GPU 1 from 16 to 12
    "]],
    );
    let small = Reading { limit: mib(512), used: mib(100) };
    check(
        &Facts { reading: small, ..calm.facts() },
        &expect![[r"
        lower the capacity of 1000 MiB: the limit is 512 MiB
    "]],
    );
    // The last action that freed something is the one that counts.
    let retained = Program::new(&[960, 860, 960, 960, 960, 960]);
    assert_eq!(retained.journal().entries().len(), 2);
    check(
        &Facts { usage: calm.usage(), ..retained.facts() },
        &expect![[r"
            purge the allocator, unless others took it: of 200 MiB let go of last, 100 MiB were still used
        "]],
    );
    check(
        &Facts { reading: reading(960), ..retained.facts() },
        &expect![[r"
            purge the allocator, unless others took it: of 200 MiB let go of last, 100 MiB were still used
            configure consumers for less than 200 MiB: they may hold 0 B, with 0 B granted to work and 960 MiB of 1000 MiB used
        "]],
    );
    // Somebody waits, and so the cache has nothing left.
    let busy = Program::new(&[100]);
    let _held = busy.permits.try_reserve("decode", mib(900)).unwrap();
    let mut waits = busy.permits.reserve_async("decode", mib(300));
    assert!(
        Pin::new(&mut waits).poll(&mut Context::from_waker(Waker::noop())).is_pending()
    );
    check(
        &busy.facts(),
        &expect![[r"
            work on less at once or raise the capacity of 1000 MiB: waits 1, grants 1, at most 900 MiB granted at once; consumers may hold 100 MiB
            configure consumers for less than 200 MiB: they may hold 100 MiB, with 900 MiB granted to work and 100 MiB of 1000 MiB used
        "]],
    );
}
