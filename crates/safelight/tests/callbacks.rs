//! What is handed in may call everything, and may panic.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};

use safelight::{
    ByteSize, Capacity, Config, Event, Memory, Operation, Safelight, Share, Weigh,
    actions::{Knob, Mode},
    cache::Class,
    memory_manager::Reading,
};
use safelight_core::{Consumer, Traits};

const WORK: Operation = Operation::new("work", 1);

fn calm() -> Reading {
    Reading { limit: ByteSize::mib(1000), used: ByteSize::mib(100) }
}

fn config() -> Config {
    let capacity = Capacity::Bytes(ByteSize::mib(512));
    let memory = Memory { capacity, ..Memory::default() };
    Config { memory: Some(memory), ..Config::default() }
}

fn with_cache_of(bytes: ByteSize) -> Config {
    let mut config = config();
    config.cache.as_mut().expect("it is on by default").limits.bytes = bytes;
    config
}

/// Where what is called finds whom to call; it is empty at first and in the end.
#[derive(Clone, Default)]
struct Home(Arc<Mutex<Option<Safelight>>>);

impl Home {
    fn set(&self, safelight: Option<Safelight>) {
        let before = std::mem::replace(&mut *self.place(), safelight);
        drop(before);
    }

    fn is_there(&self) -> bool {
        self.place().is_some()
    }

    fn call_everything(&self) {
        let home = self.place().clone();
        if let Some(safelight) = home {
            let mut config = safelight.config();
            config.jobs.patience += Duration::from_millis(1);
            safelight.report();
            safelight.prometheus();
            safelight.reload(config).expect("it is possible");
        }
    }

    fn place(&self) -> MutexGuard<'_, Option<Safelight>> {
        self.0.lock().expect("nobody panics with it")
    }
}

/// A value that calls back when it is let go.
struct Nosy(Home, Arc<AtomicU64>);

impl Drop for Nosy {
    fn drop(&mut self) {
        self.0.call_everything();
        self.1.fetch_add(1, SeqCst);
    }
}

impl Weigh for Nosy {
    fn heap(&self) -> ByteSize {
        ByteSize::mib(40)
    }

    fn class(&self) -> Class {
        Class::Bulk
    }
}

#[test]
fn x03_values_that_are_let_go_by_a_reload_may_call_everything() {
    let (home, n_dropped) = (Home::default(), Arc::new(AtomicU64::new(0)));
    let builder = Safelight::builder().config(config()).memory_reading(|| Some(calm()));
    let safelight = builder.start().unwrap();
    home.set(Some(safelight.clone()));
    for n in 0..5_u32 {
        let value = Nosy(home.clone(), Arc::clone(&n_dropped));
        drop(safelight.run(WORK, n, || value).unwrap());
    }
    safelight.reload(with_cache_of(ByteSize::mib(50))).unwrap();
    assert_eq!(n_dropped.load(SeqCst), 4);
    // They have set something, beside what the reload was for.
    assert!(Config::default().jobs.patience < safelight.config().jobs.patience);
    let limits = safelight.cache().unwrap().limits(Class::Bulk);
    assert_eq!(limits.bytes, ByteSize::mib(50));
    home.set(None);
}

#[test]
fn x03_consumers_may_call_everything_and_may_panic() {
    struct Nosy(Home);

    impl Consumer for Nosy {
        fn usage(&self) -> ByteSize {
            ByteSize::mib(100)
        }

        fn set_budget(&self, _: ByteSize) {
            if self.0.is_there() {
                self.0.call_everything();
                panic!("the consumer broke");
            }
        }

        fn reclaim(&self, _: ByteSize) -> ByteSize {
            ByteSize::ZERO
        }
    }

    let home = Home::default();
    let builder = Safelight::builder().config(config()).memory_reading(|| Some(calm()));
    let safelight = builder.start().unwrap();
    let permits = safelight.permits().unwrap().clone();
    let bytes = ByteSize::mib(100);
    let _registration = permits.register(Nosy(home.clone()), Traits::default(), bytes);
    home.set(Some(safelight.clone()));
    let mut smaller = config();
    smaller.memory.as_mut().unwrap().capacity = Capacity::Bytes(ByteSize::mib(64));
    smaller.cache.as_mut().unwrap().limits.entries = Some(3);
    safelight.reload(smaller).unwrap();
    assert_eq!(permits.usage().capacity, ByteSize::mib(64));
    assert_eq!(safelight.cache().unwrap().limits(Class::Bulk).entries, Some(3));
    home.set(None);
}

#[test]
fn x03_a_value_that_panics_as_it_is_let_go_leaves_the_reload_whole() {
    struct Broken;

    impl Drop for Broken {
        fn drop(&mut self) {
            panic!("the value broke");
        }
    }

    impl Weigh for Broken {
        fn heap(&self) -> ByteSize {
            ByteSize::mib(40)
        }

        fn class(&self) -> Class {
            Class::Bulk
        }
    }

    let builder = Safelight::builder().config(config()).memory_reading(|| Some(calm()));
    let safelight = builder.start().unwrap();
    drop(safelight.run(WORK, 1, || Broken).unwrap());
    let mut changed = with_cache_of(ByteSize::mib(10));
    changed.jobs.at_once = 7.try_into().unwrap();
    safelight.reload(changed.clone()).unwrap();
    assert_eq!(safelight.config(), changed);
    let report = safelight.report();
    assert_eq!((report.jobs.at_once, report.n_contained_panics), (7, 1));
    assert!(report.to_string().contains("panics contained: 1"));
}

#[test]
fn an_observer_that_panics_ends_no_job() {
    let observer = |event: &Event| {
        if let Event::Finished(_) = event {
            panic!("the observer broke");
        }
    };
    let builder = Safelight::builder().config(config()).observer(observer);
    let safelight = builder.memory_reading(|| Some(calm())).start().unwrap();
    for _ in 0..2 {
        assert_eq!(*safelight.run(WORK, 1, || 5_u32).unwrap(), 5);
    }
    assert_eq!(safelight.report().n_contained_panics, 2);
}

#[test]
fn x02_gpus_that_panic_when_they_are_read_stop_no_action() {
    let mut config = config();
    config.progress.as_mut().unwrap().rss = ByteSize::from_bytes(1);
    config.actions.cool_down = Duration::from_millis(100);
    let (sender, changes) = mpsc::channel();
    let observer = move |event: &Event| {
        if let Event::Changed(change) = event
            && change.knob == Knob::CacheBytes
        {
            let _ = sender.send(*change);
        }
    };
    let n_read = Arc::new(AtomicU64::new(0));
    let theirs = Arc::clone(&n_read);
    let read_gpus = move || -> Vec<(u32, Share)> {
        theirs.fetch_add(1, SeqCst);
        panic!("the GPU was lost")
    };
    let builder = Safelight::builder().config(config).observer(observer);
    let builder = builder.memory_reading(|| Some(calm())).gpu_reading(read_gpus);
    let safelight = builder.start().unwrap();
    changes.recv_timeout(Duration::from_mins(1)).unwrap();
    // Nobody works on one, so none was read.
    assert_eq!(n_read.load(SeqCst), 0);
    safelight.set_gpu_batch(0, 4.try_into().unwrap());
    // The next step is one of a later look.
    changes.recv_timeout(Duration::from_mins(1)).unwrap();
    assert!(0 < n_read.load(SeqCst));
    assert!(0 < safelight.report().n_contained_panics);
    assert_eq!(safelight.gpu_batch(0), Some(4.try_into().unwrap()));
}

#[test]
fn x02_stop_turns_back_what_was_turned() {
    static TOLD: OnceLock<Mutex<Vec<String>>> = OnceLock::new();
    let told = || TOLD.get_or_init(Mutex::default).lock().unwrap();
    let mut config = config();
    config.progress.as_mut().unwrap().rss = ByteSize::from_bytes(1);
    assert_eq!(config.actions.mode, Mode::Act);
    let (sender, changes) = mpsc::channel();
    let observer = move |event: &Event| {
        if let Event::Changed(change) = event {
            told().push(change.to_string());
            let _ = sender.send(*change);
        }
    };
    let builder = Safelight::builder().config(config).observer(observer);
    let safelight = builder.memory_reading(|| Some(calm())).start().unwrap();
    changes.recv_timeout(Duration::from_mins(1)).unwrap();
    safelight.stop();
    let limits = safelight.cache().unwrap().limits(Class::Bulk);
    assert_eq!(limits.bytes, Config::default().cache.unwrap().limits.bytes);
    let last = *safelight.changes().last().unwrap();
    assert_eq!(told().last(), Some(&last.to_string()));
    assert!(last.to_string().contains("undone for memory"), "{last}");
}

#[test]
fn x03_an_observer_may_stop_it_from_any_thread() {
    let home = Home::default();
    let mut config = config();
    config.progress.as_mut().unwrap().rss = ByteSize::from_bytes(1);
    let (sender, stopped) = mpsc::channel();
    let theirs = home.clone();
    let observer = move |event: &Event| {
        // The alert is told by the thread of progress.
        if let Event::Progress(_) = event {
            let safelight = theirs.place().clone();
            if let Some(safelight) = safelight {
                safelight.stop();
                let _ = sender.send(());
            }
        }
    };
    let builder = Safelight::builder().config(config.clone()).observer(observer);
    let safelight = builder.memory_reading(|| Some(calm())).start().unwrap();
    home.set(Some(safelight.clone()));
    // An alert that was told before anybody was at home begins anew.
    config.progress.as_mut().unwrap().rss = ByteSize::gib(1000);
    safelight.reload(config.clone()).unwrap();
    while stopped.try_recv().is_err() {
        config.progress.as_mut().unwrap().rss = ByteSize::from_bytes(1);
        safelight.reload(config.clone()).unwrap();
        config.progress.as_mut().unwrap().rss = ByteSize::gib(1000);
        safelight.reload(config.clone()).unwrap();
        safelight.monitor().unwrap().tracker("news").add(1);
        std::thread::yield_now();
    }
    let limits = safelight.cache().unwrap().limits(Class::Bulk);
    assert_eq!(limits.bytes, Config::default().cache.unwrap().limits.bytes);
    let report = safelight.report();
    assert_eq!(report.memory.unwrap().level.as_deref(), Some("normal"));
    home.set(None);
}

#[test]
fn x02_what_is_not_there_is_not_turned() {
    /// Keeps nothing.
    struct Nothing;

    impl safelight::Store for Nothing {
        fn get_or_load(
            &self,
            _: safelight::RequestKey,
            load: &mut dyn FnMut() -> Result<safelight::Stored, safelight::Error>,
        ) -> Result<Arc<safelight::Stored>, safelight::Error> {
            load().map(Arc::new)
        }
    }

    let mut config = config();
    config.progress.as_mut().unwrap().rss = ByteSize::from_bytes(1);
    let (sender, alerts) = mpsc::channel();
    let observer = move |event: &Event| {
        if let Event::Progress(_) = event {
            let _ = sender.send(());
        }
    };
    let builder = Safelight::builder().config(config).observer(observer).store(Nothing);
    let safelight = builder.memory_reading(|| Some(calm())).start().unwrap();
    alerts.recv_timeout(Duration::from_mins(1)).unwrap();
    safelight.stop();
    let of_cache = safelight.changes().into_iter().find(|c| c.knob == Knob::CacheBytes);
    assert!(of_cache.is_none(), "{of_cache:?}");
    let summary = safelight.report().to_string();
    assert!(summary.contains("cache: another store was given"), "{summary}");
}

#[test]
fn x01_a_store_that_panics_ends_the_job_as_one_that_panicked() {
    struct Broken;

    impl safelight::Store for Broken {
        fn get_or_load(
            &self,
            _: safelight::RequestKey,
            _: &mut dyn FnMut() -> Result<safelight::Stored, safelight::Error>,
        ) -> Result<Arc<safelight::Stored>, safelight::Error> {
            panic!("the shelf broke")
        }
    }

    let builder = Safelight::builder().config(config()).store(Broken);
    let safelight = builder.memory_reading(|| Some(calm())).start().unwrap();
    let error = safelight.run(WORK, 1, || 1_u32).unwrap_err();
    assert!(error.is_panic(), "{error}");
    assert_eq!(safelight.report().jobs.operations[0].n_panicked, 1);
}
