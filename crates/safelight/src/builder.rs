use std::{
    fmt,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use safelight_cache::Cache;
use safelight_core::{Clock, Observer, Share, SystemClock, Traits};
use safelight_memory_manager::{Control, Permits, Reading, Registration};
use safelight_probe::Sampler;
use safelight_profiler::Profiler;
use safelight_progress_monitor::{Collector, Monitor, Sink};

use crate::{
    Admission, Capacity, Config, Error, Event, Memory, RequestKey, Safelight, Store,
    Stored,
    actions::{Actions, Mode},
    drivers::Drivers,
    error::Kind,
    gate::Gate,
    operations::Operations,
    panics::{Listener, Panics},
    reload::set_bases,
    report::Origin,
    safelight::{Parts, lock},
    steward::{ReadGpus, Steward},
    turning::Turning,
    versioned::Versioned,
};

/// Sets a [`Safelight`] up.
///
/// Each part is as the configuration says, unless another one is given here.
#[derive(Default)]
#[must_use = "nothing is made until `start` is called"]
pub struct Builder {
    config: Config,
    clock: Option<Arc<dyn Clock>>,
    store: Option<Arc<dyn Store>>,
    admission: Option<Arc<dyn Admission>>,
    observer: Option<Arc<dyn Observer<Event>>>,
    sink: Option<Box<dyn Sink>>,
    reading: Option<Read>,
    read_gpus: Option<ReadGpus>,
}

/// Reads how much memory there is and how much is used.
type Read = Box<dyn FnMut() -> Option<Reading> + Send>;

impl Builder {
    /// Sets everything that is plain data.
    pub fn config(self, config: Config) -> Self {
        Self { config, ..self }
    }

    /// Takes the time from another clock.
    ///
    /// Threads still wait in real time.
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Some(Arc::new(clock)), ..self }
    }

    /// Keeps results elsewhere than in the cache.
    pub fn store(self, store: impl Store + 'static) -> Self {
        Self { store: Some(Arc::new(store)), ..self }
    }

    /// Asks somebody else whether there is memory for a job.
    pub fn admission(self, admission: impl Admission + 'static) -> Self {
        Self { admission: Some(Arc::new(admission)), ..self }
    }

    /// Sets who is told of each job that ends, of alerts, and of what happens to memory.
    ///
    /// It is called on the thread where that happens, with no lock held. A panic of it ends
    /// there and is counted in the report. One that holds a [`Safelight`] keeps its threads
    /// alive until [`stop`](Safelight::stop).
    pub fn observer(self, observer: impl Observer<Event> + 'static) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Shows progress there, for example in a terminal; it is shown nowhere by default.
    pub fn sink(self, sink: impl Sink + 'static) -> Self {
        Self { sink: Some(Box::new(sink)), ..self }
    }

    /// Reads the use of memory from there, not from the system.
    ///
    /// A `memory.capacity` that is a part is that of the machine all the same.
    pub fn memory_reading(
        self,
        read: impl FnMut() -> Option<Reading> + Send + 'static,
    ) -> Self {
        Self { reading: Some(Box::new(read)), ..self }
    }

    /// Reads from there which part of the memory of each GPU, by its index, is in use.
    ///
    /// What is not returned is not full. With the feature `nvml` the driver of NVIDIA is
    /// asked where nothing else is given; a GPU that is lost is left out.
    pub fn gpu_reading(
        self,
        read: impl FnMut() -> Vec<(u32, Share)> + Send + 'static,
    ) -> Self {
        Self { read_gpus: Some(Box::new(read)), ..self }
    }

    /// Starts the threads that watch memory and progress.
    ///
    /// # Errors
    ///
    /// When a value of the configuration is not possible, or the memory of the machine
    /// cannot be read.
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    pub fn start(mut self) -> Result<Safelight, Error> {
        self.config.check()?;
        let parts = Arc::new(self.parts()?);
        let Self { config, sink, reading, read_gpus, .. } = self;
        set_bases(&mut lock(&parts.actions), &parts, &config);
        let mut drivers = Drivers::default();
        if let (Some(permits), Some(memory)) = (&parts.permits, config.memory) {
            drivers.memory = Some(watch_memory(permits, memory, &parts, reading)?);
        }
        if let (Some(monitor), Some(settings)) = (&parts.monitor, config.progress) {
            drivers.progress = Some(watch_progress(monitor, settings, &parts, sink));
        }
        if config.actions.mode != Mode::Off {
            let read_gpus = read_gpus.unwrap_or_else(system_gpus);
            drivers.steward = Some(Steward::start(Arc::clone(&parts), read_gpus));
        }
        Ok(Safelight::new(parts, drivers))
    }

    /// Makes what jobs pass through, of what was handed in for it.
    fn parts(&mut self) -> Result<Parts, Error> {
        let config = &self.config;
        let profiler = config.profiler.is_some().then(|| match &self.clock {
            Some(clock) => Profiler::builder().clock(Arc::clone(clock)).build(),
            None => Profiler::new(),
        });
        let clock = self.clock.take().unwrap_or_else(|| Arc::new(SystemClock));
        let settings = config.cache.filter(|_| self.store.is_none());
        let cache = settings.map(|settings| {
            Cache::builder().config(settings).clock(Arc::clone(&clock)).build()
        });
        let own_store = cache.clone().map(|cache| Arc::new(cache) as Arc<dyn Store>);
        let memory = config.memory.filter(|_| self.admission.is_none());
        let permits = memory.map(permits).transpose()?;
        let own_admission = permits.clone().map(|p| Arc::new(p) as Arc<dyn Admission>);
        let admission = self.admission.take().or(own_admission);
        let monitor =
            config.progress.is_some().then(|| Monitor::with_clock(Arc::clone(&clock)));
        let panics = Arc::<Panics>::default();
        Ok(Parts {
            profiler,
            store: self.store.take().or(own_store),
            registration: registration(permits.as_ref(), cache.as_ref(), config),
            cache,
            admission: admission.unwrap_or_else(|| Arc::new(())),
            permits,
            monitor,
            gate: Gate::new(config.jobs.at_once),
            listener: Listener::new(self.observer.take(), Arc::clone(&panics)),
            panics,
            operations: Operations::default(),
            origin: Origin::new(&*clock),
            patience_ns: AtomicU64::new(nanos(config.jobs.patience)),
            job_bytes: AtomicU64::new(config.jobs.bytes.bytes()),
            rules: Versioned::new(config.images.clone()),
            frames: Versioned::new(config.frames.clone()),
            signs: Arc::default(),
            actions: Mutex::new(Actions::new(config.actions)),
            turning: Turning::default(),
            memory_clock: match &self.reading {
                Some(_) => Arc::clone(&clock),
                None => Arc::new(SystemClock),
            },
            clock,
            config: Mutex::new(config.clone()),
        })
    }
}

/// Has the cache make room for permits.
fn registration(
    permits: Option<&Permits>,
    cache: Option<&Cache<RequestKey, Stored>>,
    config: &Config,
) -> Option<Registration> {
    let bytes = config.cache?.limits.bytes;
    Some(permits?.register(cache?.clone(), Traits::default(), bytes))
}

pub(crate) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(feature = "nvml")]
fn system_gpus() -> ReadGpus {
    // Where there is no driver there is no GPU to look after.
    let gpus = safelight_probe::Gpus::open().ok();
    Box::new(move || {
        let read = gpus.as_ref().and_then(|gpus| gpus.read().ok()).unwrap_or_default();
        let share = |gpu: &safelight_probe::Gpu| {
            let memory = gpu.memory.as_ref().ok()?;
            Some((gpu.idx, memory.used_share()))
        };
        read.iter().filter_map(share).collect()
    })
}

#[cfg(not(feature = "nvml"))]
fn system_gpus() -> ReadGpus {
    Box::new(Vec::new)
}

fn permits(memory: Memory) -> Result<Permits, Error> {
    match memory.capacity {
        Capacity::Bytes(bytes) => Ok(Permits::new(bytes)),
        Capacity::Part(part) => Permits::of_sampler(&mut Sampler::open(), part)
            .map_err(|source| Kind::Memory { source }.into()),
    }
}

fn watch_memory(
    permits: &Permits,
    memory: Memory,
    parts: &Parts,
    reading: Option<Read>,
) -> Result<safelight_memory_manager::Driver, Error> {
    let (signs, listener) = (Arc::clone(&parts.signs), parts.listener.clone());
    let control = Control::new(permits.clone(), memory.control)
        .with_purge(|| {
            // Where this allocator cannot be asked there is nothing to be done.
            let _ = safelight_alloc::purge();
        })
        .with_observer(move |event: &safelight_memory_manager::Event| {
            if let safelight_memory_manager::Event::Changed { to, .. } = event {
                signs.note_pressure(*to);
            }
            listener.tell(|| Event::Memory(*event));
        });
    match reading {
        Some(reading) => {
            let clock = Arc::clone(&parts.clock);
            Ok(safelight_memory_manager::Driver::start(control, clock, reading))
        }
        None => safelight_memory_manager::Driver::start_system(control)
            .map_err(|source| Kind::Memory { source }.into()),
    }
}

fn watch_progress(
    monitor: &Monitor,
    settings: safelight_progress_monitor::Config,
    parts: &Parts,
    sink: Option<Box<dyn Sink>>,
) -> safelight_progress_monitor::Driver {
    let (signs, listener) = (Arc::clone(&parts.signs), parts.listener.clone());
    let collector = Collector::new(monitor, settings);
    let collector = collector.expect("the configuration was checked").with_observer(
        move |event: &safelight_progress_monitor::Event| {
            if let safelight_progress_monitor::Event::Notice(notice) = event {
                signs.note_alert(notice);
            }
            listener.tell(|| Event::Progress(event.clone()));
        },
    );
    let (clock, sink) = (Arc::clone(&parts.clock), sink.unwrap_or_else(|| Box::new(())));
    safelight_progress_monitor::Driver::start_with_process(collector, clock, sink)
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
