//! Jobs through the facade: measured, kept, admitted, watched.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

use safelight::{
    Admission, Admitted, ByteSize, Capacity, Config, Error, Event, Jobs, Memory,
    Operation, Outcome, Refusal, RequestKey, Safelight, Store, Stored,
};

const WORK: Operation = Operation::new("work", 1);

/// With a capacity of its own, so that the machine does not matter.
fn config() -> Config {
    let memory =
        Memory { capacity: Capacity::Bytes(ByteSize::mib(512)), ..Memory::default() };
    Config { memory: Some(memory), ..Config::default() }
}

fn start(config: Config) -> Safelight {
    Safelight::builder().config(config).start().expect("the machine can be read")
}

#[test]
fn x01_eight_operations_are_eight_requests_and_eight_runs() {
    let safelight = start(config());
    for n in [1_u32, 2, 1, 3, 2, 1, 4, 1] {
        assert_eq!(*safelight.run(WORK, n, || n * 2).unwrap(), n * 2);
    }
    let stats = safelight.cache().unwrap().stats();
    assert_eq!((stats.n_requests(), stats.n_hits, stats.n_loads), (8, 4, 4));
    let recording = safelight.profiler().unwrap().recording();
    assert_eq!(recording.n_runs("work"), 8);
    assert_eq!(recording.n_runs("work work"), 4);
    assert_eq!(safelight.permits().unwrap().usage().n_granted, 4);
}

#[test]
fn results_of_different_types_never_meet() {
    let safelight = start(config());
    assert_eq!(*safelight.run(WORK, 1, || 7_u32).unwrap(), 7);
    assert_eq!(*safelight.run(WORK, 1, || String::from("seven")).unwrap(), "seven");
    assert_eq!(*safelight.run(WORK, 1, || 8_u32).unwrap(), 7);
    assert_eq!(*safelight.run(Operation::new("work", 2), 1, || 8_u32).unwrap(), 8);
}

#[test]
fn errors_and_panics_come_back_and_poison_nothing() {
    for parts in [config(), Config { cache: None, profiler: None, ..config() }] {
        let safelight = start(parts);
        let error = safelight.try_run(WORK, 1, || Err::<u32, _>("no light")).unwrap_err();
        assert!(error.is_failed() && !error.is_panic());
        assert_eq!(error.to_string(), "`work` failed");
        let error =
            safelight.run(WORK, 1, || -> u32 { panic!("the lamp broke") }).unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.to_string(), "`work` panicked: the lamp broke");
        assert_eq!(*safelight.run(WORK, 1, || 3_u32).unwrap(), 3);
    }
}

#[test]
fn what_can_never_fit_is_said_at_once() {
    let safelight = start(config());
    let job = safelight.job(WORK).memory(ByteSize::gib(1));
    let error = job.run(1, || 0_u32).unwrap_err();
    assert!(error.is_too_large() && !error.is_busy(), "{error}");
}

#[test]
fn a_job_that_finds_no_turn_is_told_so() {
    let jobs = Jobs {
        at_once: 1.try_into().unwrap(),
        patience: Duration::ZERO,
        ..Jobs::default()
    };
    let safelight = start(Config { jobs, ..config() });
    safelight.run(WORK, 0, || 0_u32).unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (end, may_end) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let theirs = safelight.clone();
        scope.spawn(move || {
            theirs.run(WORK, 1, || {
                begun.send(()).unwrap();
                may_end.recv().unwrap();
            })
        });
        has_begun.recv().unwrap();
        let error = safelight.run(WORK, 2, || ()).unwrap_err();
        assert!(error.is_busy());
        assert_eq!(
            error.to_string(),
            "`work` was not begun within 0ns: no turn came, as 1 may work at once \
             (`jobs.at_once`, `jobs.patience`)"
        );
        // What is there needs no turn.
        assert_eq!(*safelight.run(WORK, 0, || 1_u32).unwrap(), 0);
        end.send(()).unwrap();
    });
    // A part of a job has the turn of the whole.
    let nested = safelight.run(WORK, 3, || *safelight.run(WORK, 4, || 5_u32).unwrap());
    assert_eq!(*nested.unwrap(), 5);
}

#[test]
fn every_part_can_be_off() {
    let off =
        Config { profiler: None, cache: None, memory: None, progress: None, ..config() };
    let safelight = start(off);
    assert_eq!(*safelight.run(WORK, 1, || 1_u32).unwrap(), 1);
    assert_eq!(*safelight.run(WORK, 1, || 2_u32).unwrap(), 2);
    assert!(safelight.profiler().is_none() && safelight.cache().is_none());
    assert!(safelight.permits().is_none() && safelight.monitor().is_none());
}

#[test]
fn parts_of_ones_own_take_their_place() {
    #[derive(Default)]
    struct Own {
        n_loads: AtomicU64,
        n_admitted: AtomicU64,
    }

    impl Store for Own {
        fn get_or_load(
            &self,
            _: RequestKey,
            load: &mut dyn FnMut() -> Result<Stored, Error>,
        ) -> Result<Arc<Stored>, Error> {
            self.n_loads.fetch_add(1, SeqCst);
            load().map(Arc::new)
        }
    }

    impl Admission for Own {
        fn admit(
            &self,
            _: &'static str,
            bytes: ByteSize,
            _: Duration,
        ) -> Result<Box<dyn Admitted>, Refusal> {
            if ByteSize::mib(1) < bytes {
                return Err(Refusal::busy("the shelf is full"));
            }
            self.n_admitted.fetch_add(1, SeqCst);
            Ok(Box::new(()))
        }
    }

    let own = Arc::new(Own::default());
    let builder = Safelight::builder().config(config());
    let builder = builder.store(Arc::clone(&own)).admission(Arc::clone(&own));
    let safelight = builder.start().unwrap();
    assert!(safelight.cache().is_none() && safelight.permits().is_none());
    let job = safelight.job(WORK).memory(ByteSize::kib(1));
    assert_eq!(*job.run(1, || 1_u32).unwrap(), 1);
    assert_eq!((own.n_loads.load(SeqCst), own.n_admitted.load(SeqCst)), (1, 1));
    let error = safelight.run(WORK, 2, || 2_u32).unwrap_err();
    assert!(error.is_busy(), "16 MiB by default are too much: {error}");
}

#[test]
fn the_observer_is_told_of_each_job() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let theirs = Arc::clone(&told);
    let observer = move |event: &Event| {
        if let Event::Finished(finished) = event {
            theirs.lock().unwrap().push(finished.outcome);
        }
    };
    let safelight =
        Safelight::builder().config(config()).observer(observer).start().unwrap();
    for _ in 0..2 {
        safelight.run(WORK, 1, || 1_u32).unwrap();
    }
    safelight.try_run(WORK, 2, || Err::<u32, _>("no")).unwrap_err();
    safelight.run(WORK, 3, || -> u32 { panic!("no") }).unwrap_err();
    safelight.job(WORK).memory(ByteSize::gib(1)).run(4, || 1_u32).unwrap_err();
    let expected = [
        Outcome::Computed,
        Outcome::Reused,
        Outcome::Failed,
        Outcome::Panicked,
        Outcome::Refused,
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

/// Returns when so many wait for their turn.
fn await_waiting(safelight: &Safelight, n: u64) {
    while safelight.report().jobs.n_waiting != n {
        thread::yield_now();
    }
}

#[test]
fn a_job_lends_its_turn_while_a_part_of_it_waits_for_another_job() {
    let jobs = Jobs {
        at_once: 1.try_into().unwrap(),
        patience: Duration::from_hours(1),
        ..Jobs::default()
    };
    let safelight = &start(Config { jobs, ..config() });
    let shared = || safelight.run(WORK, "shared", || 7_u32);
    thread::scope(|scope| {
        let whole = safelight.run(WORK, "whole", || {
            // It has the load of the shared result, and no turn.
            let other = scope.spawn(shared);
            await_waiting(safelight, 1);
            let part = *shared().unwrap();
            assert_eq!(*other.join().unwrap().unwrap(), 7);
            part
        });
        assert_eq!(*whole.unwrap(), 7);
    });
    let jobs = safelight.report().jobs;
    assert_eq!((jobs.n_inside, jobs.n_waiting), (0, 0));
    assert_eq!((jobs.operations[0].n_computed, jobs.operations[0].n_reused), (2, 1));
}

#[test]
fn who_waited_for_a_job_that_was_refused_tries_itself() {
    /// Refuses the first one, after it was told to.
    struct Door {
        n_asked: AtomicU64,
        may_refuse: Mutex<mpsc::Receiver<()>>,
    }

    impl Admission for Door {
        fn admit(
            &self,
            _: &'static str,
            _: ByteSize,
            _: Duration,
        ) -> Result<Box<dyn Admitted>, Refusal> {
            if 0 < self.n_asked.fetch_add(1, SeqCst) {
                return Ok(Box::new(()));
            }
            self.may_refuse.lock().unwrap().recv().unwrap();
            Err(Refusal::busy("there was no room for the first one"))
        }
    }

    let (refuse, may_refuse) = mpsc::channel();
    let door =
        Arc::new(Door { n_asked: AtomicU64::new(0), may_refuse: may_refuse.into() });
    let mut config = config();
    config.jobs.at_once = 2.try_into().unwrap();
    config.jobs.patience = Duration::from_hours(1);
    let builder = Safelight::builder().config(config).admission(Arc::clone(&door));
    let safelight = &builder.start().unwrap();
    let run = || safelight.run(WORK, 1, || 7_u32);
    thread::scope(|scope| {
        let first = scope.spawn(run);
        while door.n_asked.load(SeqCst) == 0 {
            thread::yield_now();
        }
        let second = scope.spawn(run);
        while safelight.cache().unwrap().stats().n_coalesced == 0 {
            thread::yield_now();
        }
        refuse.send(()).unwrap();
        assert!(first.join().unwrap().unwrap_err().is_busy());
        assert_eq!(*second.join().unwrap().unwrap(), 7);
    });
    assert_eq!(door.n_asked.load(SeqCst), 2);
}

#[test]
fn each_instance_has_its_own_turns() {
    let (ours, theirs) = (start(config()), start(config()));
    let inside = ours
        .run(WORK, 1, || *theirs.run(WORK, 1, || theirs.report().jobs.n_inside).unwrap());
    assert_eq!(*inside.unwrap(), 1);
}

#[test]
fn x01_outcomes_are_those_of_the_job_and_not_of_its_parts() {
    struct Weightless;

    impl safelight::Weigh for Weightless {
        fn heap(&self) -> ByteSize {
            panic!("the scales broke")
        }
    }

    let safelight = start(config());
    let too_much =
        || safelight.job(WORK).memory(ByteSize::gib(1)).run(1, || 0_u32).map(|n| *n);
    let whole = safelight.try_run(Operation::new("hands on", 1), 1, too_much);
    assert!(whole.err().unwrap().is_too_large());
    let error =
        safelight.run(Operation::new("weighs", 1), 1, || Weightless).err().unwrap();
    assert_eq!(error.to_string(), "`weighs` panicked: the scales broke");
    // An error of this crate that has nothing to do with jobs is one of the work.
    let load = || Config::from_toml("[cache]\nbytes = 'much'").map(|_| 1_u32);
    let error = safelight.try_run(Operation::new("loads", 1), 1, load).unwrap_err();
    assert!(error.is_failed(), "{error}");
    assert_eq!(error.downcast_ref::<Error>().unwrap().key(), Some("cache.bytes"));
    let rows = safelight.report().jobs.operations;
    let row = |name| rows.iter().find(|row| row.operation == name).unwrap();
    assert_eq!((row("hands on").n_failed, row("hands on").n_refused), (1, 0));
    assert_eq!((row("work").n_refused, row("weighs").n_panicked), (1, 1));
    assert_eq!(row("loads").n_failed, 1);
}

#[test]
fn a_store_that_gives_another_type_is_an_error() {
    /// Has one value for all keys.
    #[derive(Default)]
    struct Single(Mutex<Option<Arc<Stored>>>);

    impl Store for Single {
        fn get_or_load(
            &self,
            _: RequestKey,
            load: &mut dyn FnMut() -> Result<Stored, Error>,
        ) -> Result<Arc<Stored>, Error> {
            let known = self.0.lock().unwrap().clone();
            let value = known.map_or_else(|| load().map(Arc::new), Ok)?;
            *self.0.lock().unwrap() = Some(Arc::clone(&value));
            Ok(value)
        }
    }

    let builder = Safelight::builder().config(config()).store(Single::default());
    let safelight = builder.start().unwrap();
    safelight.run(WORK, 1, || 1_u32).unwrap();
    let error = safelight.run(WORK, 2, || String::from("two")).unwrap_err();
    assert!(error.to_string().contains("something else than alloc::string::String"));
    assert_eq!(safelight.report().jobs.operations[0].n_failed, 1);
}
