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
        assert!(error.to_string().contains("1 jobs were at work"), "{error}");
        // What is there needs no turn, and a part of a job has the turn of the whole.
        end.send(()).unwrap();
    });
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
