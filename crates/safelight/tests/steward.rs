//! Alerts and levels lead to actions, which are told, written down and undone.

use std::{
    iter,
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use safelight::{
    ByteSize, Capacity, Config, Event, Memory, Operation, Safelight, Share,
    actions::{Cause, Change, Knob, Mode},
    cache::Class,
    memory_manager::Reading,
    progress_monitor::{AlertKind, Step},
};
use safelight_core::{ManualClock, Pressure};

const WORK: Operation = Operation::new("work", 1);

fn config() -> Config {
    let mut memory =
        Memory { capacity: Capacity::Bytes(ByteSize::mib(512)), ..Memory::default() };
    memory.control.quiet = Duration::from_millis(1);
    memory.control.alert = Duration::from_millis(1);
    let mut config = Config { memory: Some(memory), ..Config::default() };
    config.jobs.at_once = 8.try_into().expect("it is not zero");
    config.actions.cool_down = Duration::ZERO;
    let progress = config.progress.as_mut().expect("it is on by default");
    // These are not asked for, and a test machine may be busy.
    progress.cpu = safelight::progress_monitor::Cores::new(1000.0);
    progress.rss = ByteSize::gib(1000);
    progress.start = Duration::from_millis(100);
    config
}

fn of(limit_mib: u64, used_mib: u64) -> Reading {
    Reading { limit: ByteSize::mib(limit_mib), used: ByteSize::mib(used_mib) }
}

fn told() -> (impl Fn(&Event) + Send + Sync, Receiver<Change>) {
    let (sender, receiver) = mpsc::channel();
    let observer = move |event: &Event| {
        if let Event::Changed(change) = event {
            let _ = sender.send(*change);
        }
    };
    (observer, receiver)
}

/// What a change is about, without its time.
fn essence(change: &Change) -> (Knob, u64, u64, Cause, Step) {
    (change.knob, change.before, change.after, change.reason, change.step)
}

#[test]
fn x02_high_pressure_halves_the_jobs_and_recovery_undoes_it() {
    let (readings, latest) = mpsc::channel();
    let mut now = of(1000, 100);
    let read = move || {
        while let Ok(reading) = latest.try_recv() {
            now = reading;
        }
        Some(now)
    };
    let (observer, changes) = told();
    let mut config = config();
    config.actions.cool_down = Duration::from_hours(1);
    let control = &mut config.memory.as_mut().unwrap().control;
    (control.dwell, control.longest_hold) = (Duration::ZERO, Duration::ZERO);
    let builder = Safelight::builder().config(config).observer(observer);
    let safelight = builder.memory_reading(read).start().unwrap();
    readings.send(of(1000, 900)).unwrap();
    let taken = next(&changes);
    let cause = Cause::Pressure(Pressure::High);
    assert_eq!(essence(&taken), (Knob::Jobs, 8, 4, cause, Step::Taken));
    readings.send(of(1000, 100)).unwrap();
    let undone = next(&changes);
    assert_eq!(essence(&undone), (Knob::Jobs, 4, 8, cause, Step::Undone));
    assert_eq!(safelight.changes(), [taken, undone]);
}

#[test]
fn x02_one_slow_update_is_one_step_fewer_jobs_and_goes_back() {
    let clock = ManualClock::new();
    let (observer, changes) = told();
    let mut config = config();
    // With more a frame that is due while the clock is moved would be late as well.
    config.progress.as_mut().unwrap().latency = Duration::from_millis(100);
    let builder = Safelight::builder().config(config).observer(observer);
    let builder = builder.clock(clock.clone()).memory_reading(|| Some(of(1000, 100)));
    let safelight = builder.start().unwrap();
    safelight.run(WORK, 1, || clock.advance(Duration::from_millis(150))).unwrap();
    let taken = next(&changes);
    let cause = Cause::Alert(AlertKind::SlowUpdate);
    assert_eq!(essence(&taken), (Knob::Jobs, 8, 7, cause, Step::Taken));
    // Its window passes, and nothing else happens before it is undone.
    let next = while_time_passes(&clock, || next(&changes));
    assert_eq!(essence(&next), (Knob::Jobs, 7, 8, cause, Step::Undone));
}

/// Waits for something while half a second passes every now and then.
fn while_time_passes<T>(clock: &ManualClock, wait: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (stop, stopped) = mpsc::channel::<()>();
        scope.spawn(move || {
            let pause = Duration::from_millis(20);
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                clock.advance(Duration::from_millis(500));
            }
        });
        let found = wait();
        stop.send(()).expect("it goes on until it is told");
        found
    })
}

/// Waits for the next change.
fn next(changes: &Receiver<Change>) -> Change {
    changes.recv_timeout(Duration::from_mins(1)).expect("it is told within a minute")
}

/// Waits for the next change that is made because of this.
fn next_of(changes: &Receiver<Change>, cause: Cause) -> Change {
    iter::repeat_with(|| next(changes))
        .find(|change| change.reason == cause)
        .expect("it goes on until it is found")
}

/// Starts with time at hand, and an hour of patience.
fn patient() -> (Safelight, ManualClock, Receiver<Change>) {
    let clock = ManualClock::new();
    let (observer, changes) = told();
    let mut config = config();
    config.jobs.patience = Duration::from_hours(1);
    let builder = Safelight::builder().config(config).observer(observer);
    let builder = builder.clock(clock.clone()).memory_reading(|| Some(of(1000, 100)));
    (builder.start().expect("the configuration is possible"), clock, changes)
}

/// An hour and parts of it, in nanoseconds.
const HOUR: u64 = 3_600_000_000_000;

#[test]
fn x02_a_long_queue_halves_the_patience_and_goes_back() {
    let (safelight, clock, changes) = patient();
    let queue = safelight.monitor().unwrap().gauge("queue");
    let cause = Cause::Alert(AlertKind::Queue);
    queue.set(1000);
    let taken = while_time_passes(&clock, || next_of(&changes, cause));
    assert_eq!(essence(&taken), (Knob::Patience, HOUR, HOUR / 2, cause, Step::Taken));
    queue.set(0);
    let undone = while_time_passes(&clock, || next_of(&changes, cause));
    assert_eq!(essence(&undone), (Knob::Patience, HOUR / 2, HOUR, cause, Step::Undone));
}

#[test]
fn x02_an_update_that_does_not_end_cuts_the_patience_and_goes_back() {
    let (safelight, clock, changes) = patient();
    let cause = Cause::Alert(AlertKind::StuckUpdate);
    let (end, may_end) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(|| safelight.run(WORK, 1, move || may_end.recv().is_ok()));
        let taken = while_time_passes(&clock, || next_of(&changes, cause));
        let wanted = (Knob::Patience, HOUR, HOUR / 4, cause, Step::Taken);
        assert_eq!(essence(&taken), wanted);
        end.send(()).unwrap();
        let undone = while_time_passes(&clock, || next_of(&changes, cause));
        let wanted = (Knob::Patience, HOUR / 4, HOUR, cause, Step::Undone);
        assert_eq!(essence(&undone), wanted);
    });
}

#[test]
fn x02_work_that_does_not_move_cuts_the_patience_and_goes_back() {
    let (safelight, clock, changes) = patient();
    let cause = Cause::Alert(AlertKind::Stall);
    let tracker = safelight.monitor().unwrap().tracker("files");
    tracker.set_total(1000);
    tracker.add(1);
    let taken = while_time_passes(&clock, || next_of(&changes, cause));
    assert_eq!(essence(&taken), (Knob::Patience, HOUR, HOUR / 4, cause, Step::Taken));
    tracker.add(999);
    let undone = while_time_passes(&clock, || next_of(&changes, cause));
    assert_eq!(essence(&undone), (Knob::Patience, HOUR / 4, HOUR, cause, Step::Undone));
}

#[test]
fn x02_memory_that_is_all_but_gone_purges_and_halves_the_jobs() {
    let (observer, changes) = told();
    let builder = Safelight::builder().config(config()).observer(observer);
    let safelight = builder.memory_reading(|| Some(of(1000, 995))).start().unwrap();
    let (high, critical) = (Pressure::High, Pressure::Critical);
    let jobs = next_of(&changes, Cause::Pressure(high));
    let wanted = (Knob::Jobs, 8, 4, Cause::Pressure(high), Step::Taken);
    assert_eq!(essence(&jobs), wanted);
    let purge = next_of(&changes, Cause::Pressure(critical));
    let wanted = (Knob::Purge, 0, 1, Cause::Pressure(critical), Step::Taken);
    assert_eq!(essence(&purge), wanted);
    safelight.stop();
}

#[test]
fn x02_a_dry_run_says_what_it_would_do_and_does_not() {
    let (observer, changes) = told();
    let mut config = config();
    config.actions.mode = Mode::DryRun;
    config.progress.as_mut().unwrap().rss = ByteSize::from_bytes(1);
    let builder = Safelight::builder().config(config).observer(observer);
    let safelight = builder.memory_reading(|| Some(of(1000, 100))).start().unwrap();
    let change = next(&changes);
    let (from, to) = (ByteSize::mib(256).bytes(), ByteSize::mib(128).bytes());
    let cause = Cause::Alert(AlertKind::Memory);
    assert_eq!(essence(&change), (Knob::CacheBytes, from, to, cause, Step::Taken));
    assert_eq!(change.mode, Mode::DryRun);
    let cache = safelight.cache().unwrap();
    assert_eq!(cache.limits(Class::Bulk).bytes, ByteSize::mib(256));
}

#[test]
fn x02_much_resident_memory_shrinks_the_cache_for_real() {
    let (observer, changes) = told();
    let mut config = config();
    config.progress.as_mut().unwrap().rss = ByteSize::from_bytes(1);
    let builder = Safelight::builder().config(config).observer(observer);
    let safelight = builder.memory_reading(|| Some(of(1000, 100))).start().unwrap();
    for half in [128, 64] {
        assert_eq!(next(&changes).after, ByteSize::mib(half).bytes());
    }
    let cache = safelight.cache().unwrap();
    assert_eq!(cache.limits(Class::Bulk).bytes, ByteSize::mib(64));
    safelight.stop();
}

#[test]
fn x02_a_full_gpu_has_a_smaller_batch() {
    let (observer, changes) = told();
    let builder = Safelight::builder().config(config()).observer(observer);
    let builder = builder.memory_reading(|| Some(of(1000, 100)));
    let safelight =
        builder.gpu_reading(|| vec![(0, Share::new(0.5)), (1, Share::new(0.9))]);
    let safelight = safelight.start().unwrap();
    assert_eq!(safelight.gpu_batch(1), None);
    let ten = 10.try_into().unwrap();
    safelight.set_gpu_batch(0, ten);
    safelight.set_gpu_batch(1, ten);
    assert_eq!(next(&changes).after, 8);
    assert_eq!(safelight.gpu_batch(0), Some(ten));
}
