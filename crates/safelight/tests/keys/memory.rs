//! Levels, actions, budgets and looks, over a script of readings.

use std::{sync::mpsc, time::Duration};

use safelight::{
    Config,
    cache::Cache,
    memory_manager::{ByteSize, Control, Decision, Driver, Permits, Reading},
};
use safelight_core::{Clock, ManualClock, SystemClock, Traits};

fn reading(used_mib: u64) -> Reading {
    Reading { limit: ByteSize::mib(1000), used: ByteSize::mib(used_mib) }
}

/// Steps each second; the script has what is used and for how many seconds.
fn play(
    config: &Config,
    permits: Permits,
    script: &[(u64, u64)],
    mut each: impl FnMut(u64, &Decision),
) -> Control {
    let clock = ManualClock::new();
    let settings = config.memory.expect("it is on").control;
    let mut control = Control::new(permits, settings);
    let used = script.iter().flat_map(|&(used, lasts)| (0..lasts).map(move |_| used));
    for (used, second) in used.zip(0..) {
        each(second, &control.step(&reading(used), clock.now()));
        clock.advance(Duration::from_secs(1));
    }
    control
}

pub(crate) fn levels(config: &Config) -> String {
    let script = [(600, 2), (760, 2), (860, 2), (910, 2), (960, 2), (720, 20), (600, 5)];
    let mut levels = Vec::new();
    play(config, Permits::new(ByteSize::gib(1)), &script, |second, decision| {
        if decision.level != decision.previous {
            levels.push(format!("{second} s {}", decision.level));
        }
    });
    levels.join(", ")
}

const LASTING: &[(u64, u64)] = &[(960, 12)];

pub(crate) fn actions_while_it_lasts(config: &Config) -> String {
    let mut actions = Vec::new();
    play(config, Permits::new(ByteSize::gib(1)), LASTING, |second, decision| {
        actions.extend(decision.action.map(|_| format!("{second} s")));
    });
    actions.join(", ")
}

pub(crate) fn actions_remembered(config: &Config) -> String {
    let control = play(config, Permits::new(ByteSize::gib(1)), LASTING, |_, _| ());
    format!("{} actions", control.journal().entries().len())
}

/// Budgets of a cache, whose memory others take and then give back.
pub(crate) fn budgets(config: &Config) -> String {
    let permits = Permits::new(ByteSize::gib(1));
    let cache: Cache<u32, Vec<u8>> = Cache::builder().build();
    let registration = permits.register(cache, Traits::default(), ByteSize::mib(256));
    let script = [(600, 1), (960, 1), (100, 10)];
    let mut budgets = Vec::new();
    play(config, permits, &script, |_, _| {
        let budget = registration.budget().bytes() >> 20;
        budgets.push(budget.to_string());
    });
    format!("{} MiB", budgets.join(", "))
}

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Watch {
    /// The one with the configuration.
    Tested,
    /// One that looks again after a given time.
    Other,
}

/// Starts to look at a level, and says when one comes to a look for the second time.
fn who_looks_first(config: &Config, used_mib: u64, others: Duration) -> String {
    let (sender, looks) = mpsc::channel();
    let watch = |who, settings| {
        let (sender, mut n_looks) = (sender.clone(), 0);
        let control = Control::new(Permits::new(ByteSize::gib(1)), settings);
        Driver::start(control, SystemClock, move || {
            n_looks += 1;
            let _ = sender.send((who, n_looks));
            Some(reading(used_mib))
        })
    };
    let settings = config.memory.expect("it is on").control;
    let tested = watch(Watch::Tested, settings);
    assert_eq!(looks.recv(), Ok((Watch::Tested, 1)));
    let mut other = settings;
    (other.quiet, other.alert) = (others, others);
    let other = watch(Watch::Other, other);
    let again = looks.iter().find(|&(_, n_looks)| n_looks == 2);
    drop((tested, other));
    match again.expect("both look again and again") {
        (Watch::Tested, _) => format!("within {others:?}"),
        (Watch::Other, _) => format!("not within {others:?}"),
    }
}

pub(crate) fn who_looks_first_while_quiet(config: &Config) -> String {
    who_looks_first(config, 100, Duration::from_millis(100))
}

pub(crate) fn who_looks_first_while_not(config: &Config) -> String {
    who_looks_first(config, 800, Duration::from_secs(1))
}
