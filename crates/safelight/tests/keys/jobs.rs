//! Which jobs are admitted, and when.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

use safelight::{
    Admission, Admitted, ByteSize, Config, Error, Event, Refusal, Safelight, Share,
    actions::Knob, cache::Policy,
};
use safelight_core::ManualClock;

use crate::{WORK, bare, calm, start, with_capacity};

fn outcome(result: Result<(), Error>) -> String {
    match result {
        Ok(()) => "done".to_owned(),
        Err(error) if error.is_busy() => "busy".to_owned(),
        Err(error) if error.is_too_large() => "too large".to_owned(),
        Err(error) => panic!("{error}"),
    }
}

/// Runs a job that declares so much.
fn run(safelight: &Safelight, bytes: ByteSize) -> String {
    outcome(safelight.job(WORK).memory(bytes).run_once(|| Ok::<_, Error>(())))
}

pub(crate) fn far_too_much(config: &Config) -> String {
    let safelight = start(with_capacity(config, ByteSize::mib(512)));
    run(&safelight, ByteSize::gib(1 << 20))
}

pub(crate) fn ten_mib(config: &Config) -> String {
    let safelight = start(Config { progress: None, ..config.clone() });
    run(&safelight, ByteSize::mib(10))
}

pub(crate) fn no_size_given(config: &Config) -> String {
    let safelight = start(with_capacity(config, ByteSize::mib(512)));
    outcome(safelight.job(WORK).run_once(|| Ok::<_, Error>(())))
}

/// Holds as many jobs as there are cores, and asks for one more that does not wait.
pub(crate) fn one_more_than_cores(config: &Config) -> String {
    let mut config = bare(config);
    config.jobs.patience = Duration::ZERO;
    let safelight = &start(config);
    let n_cores = Config::default().jobs.at_once.get();
    thread::scope(|scope| {
        let (begun, beginnings) = mpsc::channel();
        let held = (0..n_cores).map(|_| {
            let (begun, (end, may_end)) = (begun.clone(), mpsc::channel::<()>());
            scope.spawn(move || {
                safelight.job(WORK).run_once(|| {
                    begun.send(()).expect("it is waited for");
                    // It ends when the other end is dropped.
                    let _ = may_end.recv();
                    Ok::<_, Error>(())
                })
            });
            end
        });
        let held: Vec<_> = held.collect();
        beginnings.iter().take(n_cores).for_each(drop);
        let one_more = run(safelight, ByteSize::ZERO);
        drop(held);
        one_more
    })
}

/// Says how long somebody who admits jobs is told to wait.
pub(crate) fn told_patience(config: &Config) -> String {
    struct Door(mpsc::Sender<Duration>);

    impl Admission for Door {
        fn admit(
            &self,
            _: &'static str,
            _: ByteSize,
            patience: Duration,
        ) -> Result<Box<dyn Admitted>, Refusal> {
            self.0.send(patience).expect("it is waited for");
            Ok(Box::new(()))
        }
    }

    let (door, told) = mpsc::channel();
    let builder = Safelight::builder().config(config.clone()).admission(Door(door));
    let safelight = builder.start().expect("the configuration is possible");
    run(&safelight, ByteSize::mib(1));
    format!("{:?}", told.recv().expect("it was told"))
}

/// Has a cache push out each result for the next one; returns what is done about it.
pub(crate) fn growth_of_a_small_cache(config: &Config) -> String {
    let mut config = with_capacity(config, ByteSize::mib(512));
    let cache = config.cache.as_mut().expect("it is on");
    cache.policy = Policy::Lru;
    (cache.limits.bytes, cache.limits.entries) = (ByteSize::mib(1), None);
    let (sender, changes) = mpsc::channel();
    let observer = move |event: &Event| {
        if let Event::Changed(change) = event {
            let _ = sender.send(*change);
        }
    };
    let is_ready = Arc::new(AtomicBool::new(false));
    // A GPU is full from the second look on that comes after the requests: what a look
    // does about the cache it does first.
    let (ready, mut was_ready) = (Arc::clone(&is_ready), false);
    let read_gpus = move || {
        let was_ready = std::mem::replace(&mut was_ready, ready.load(SeqCst));
        if was_ready { vec![(0, Share::ONE)] } else { Vec::new() }
    };
    let builder = Safelight::builder().config(config.clone()).observer(observer);
    let builder = builder.clock(ManualClock::new()).gpu_reading(read_gpus);
    let safelight = builder.memory_reading(|| Some(calm())).start();
    let safelight = safelight.expect("the configuration is possible");
    safelight.set_gpu_batch(0, 10.try_into().expect("it is not zero"));
    for key in 0..100_u32 {
        safelight.run(WORK, key, || vec![1_u8; 100_000]).expect("there is room");
    }
    is_ready.store(true, SeqCst);
    let mut told = Vec::new();
    loop {
        // It has the thread look.
        safelight.reload(config.clone()).expect("nothing changed");
        match changes.recv_timeout(Duration::from_millis(1)) {
            Ok(change) if change.knob == Knob::GpuBatch(0) => break,
            Ok(change) => told.push(change.to_string()),
            Err(_) => {}
        }
    }
    if told.is_empty() { "nothing is done".to_owned() } else { told.join(", ") }
}
