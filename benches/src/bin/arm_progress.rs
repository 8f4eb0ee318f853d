//! What an update, a look and a sample cost, in ours and in the peers.
//!
//! Ours are counted while a driver looks at them and shows frames to nobody; what it costs is
//! part of the figures. The peers' bars are hidden, so that they never draw: that is the
//! least that an update costs there.

use std::{
    cell::LazyCell,
    hint::black_box,
    io,
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use indicatif::{ParallelProgressIterator, ProgressBar, ProgressStyle};
use kdam::BarExt;
use prodash::tree::{Item, Root, root};
use rayon::{ThreadPool, ThreadPoolBuilder, iter::IntoParallelIterator, prelude::*};
use safelight_benches::{
    arm::{Workload, serve},
    progress::pause,
};
use safelight_progress_monitor::{
    Clock, Collector, Colors, Config, Driver, Local, ManualClock, Monitor, Process,
    Reading, Sink, SystemClock, Terminal, TrackParallelIterator, Tracker,
};
use sysinfo::{
    ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System, get_current_pid,
};

/// Trackers of which one look tells.
const N_TRACKERS: usize = 10_000;

/// Updates in a burst of those that come at a million a second.
const N_PACED: u64 = 10_000;

/// Time between two such bursts.
const PACE: Duration = Duration::from_millis(10);

/// A tracker that a driver looks at.
struct Watched {
    tracker: Tracker,
    _driver: Driver,
}

impl Watched {
    fn by(sink: impl Sink + 'static) -> Self {
        let monitor = Monitor::new();
        let tracker = monitor.tracker("images");
        tracker.set_total(u64::MAX >> 1);
        let collector = Collector::new(&monitor, Config::default())
            .expect("the defaults can be meant");
        let driver = Driver::start_with_process(collector, SystemClock, sink);
        Self { tracker, _driver: driver }
    }
}

fn tracked(n: u64, tracker: &Tracker) {
    for _ in 0..n {
        black_box(tracker).add(1);
    }
}

fn local(n: u64, local: &Local) {
    for _ in 0..n {
        black_box(local).add(1);
    }
}

fn indicatif(n: u64, bar: &ProgressBar) {
    for _ in 0..n {
        black_box(bar).inc(1);
    }
}

fn prodash(n: u64, item: &Item) {
    for _ in 0..n {
        black_box(item).inc();
    }
}

/// It looks at the clock, but never finds that it is time to draw.
fn kdam(n: u64, bar: &mut kdam::Bar) {
    for _ in 0..n {
        black_box(black_box(&mut *bar).update(1).ok());
    }
}

fn atomic(n: u64, count: &AtomicU64) {
    for _ in 0..n {
        black_box(count).fetch_add(1, Relaxed);
    }
}

/// What the loop around the updates costs.
fn nothing(n: u64) {
    for _ in 0..n {
        black_box(n);
    }
}

/// The same on two threads that begin together, n times on each.
fn at_once(n: u64, run: impl Fn(u64) + Sync) {
    let both = Barrier::new(2);
    let one = || {
        both.wait();
        run(n);
    };
    thread::scope(|scope| {
        scope.spawn(one);
        one();
    });
}

fn rayon_tracked(n: u64, pool: &ThreadPool, tracker: &Tracker) {
    pool.install(|| {
        let items = (0..n as usize).into_par_iter();
        items.tracked(tracker).for_each(|item| {
            let _ = black_box(item);
        });
    });
}

fn rayon_indicatif(n: u64, pool: &ThreadPool, bar: &ProgressBar) {
    pool.install(|| {
        let items = (0..n as usize).into_par_iter();
        items.progress_with(bar.clone()).for_each(|item| {
            let _ = black_box(item);
        });
    });
}

/// Many trackers, and who looks at them.
struct Crowd {
    clock: ManualClock,
    collector: Collector,
    trackers: Vec<Tracker>,
}

impl Crowd {
    fn new() -> Self {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let collector = Collector::new(&monitor, Config::default())
            .expect("the defaults can be meant");
        let trackers = (0..N_TRACKERS).map(|idx| monitor.tracker(&format!("task {idx}")));
        let trackers: Vec<Tracker> = trackers.collect();
        for tracker in &trackers {
            tracker.set_total(1 << 40);
        }
        Self { clock, collector, trackers }
    }

    /// Counts on each of them and looks, n times.
    fn collect(&mut self, n: u64) {
        for _ in 0..n {
            for tracker in &self.trackers {
                tracker.add(1);
            }
            self.clock.advance(Duration::from_millis(100));
            black_box(self.collector.step(self.clock.now(), &Reading::default()));
        }
    }
}

/// The same in prodash.
struct ProdashCrowd {
    root: Arc<Root>,
    items: Vec<Item>,
    tasks: Vec<(prodash::progress::Key, prodash::progress::Task)>,
}

impl ProdashCrowd {
    fn new() -> Self {
        let options =
            root::Options { initial_capacity: N_TRACKERS, ..root::Options::default() };
        let root = Arc::new(options.create());
        let items = (0..N_TRACKERS).map(|idx| {
            let item = root.add_child(format!("task {idx}"));
            item.init(Some(1 << 40), None);
            item
        });
        Self { items: items.collect(), tasks: Vec::with_capacity(N_TRACKERS), root }
    }

    fn collect(&mut self, n: u64) {
        for _ in 0..n {
            self.items.iter().for_each(Item::inc);
            self.root.sorted_snapshot(&mut self.tasks);
            black_box(&self.tasks);
        }
    }
}

fn own_sample(n: u64, process: &mut Process) {
    for _ in 0..n {
        black_box(process.read());
    }
}

/// Memory and CPU time of the own process, as sysinfo has them.
fn sysinfo(n: u64, system: &mut System) {
    let own = [get_current_pid().expect("the system has process identifiers")];
    let process = ProcessRefreshKind::nothing().with_memory().with_cpu();
    for _ in 0..n {
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&own), false, process);
        let found = system.process(own[0]);
        black_box(found.map(|own| (own.memory(), own.accumulated_cpu_time())));
    }
}

/// Makes a million updates a second.
fn paced(n: u64, update: impl Fn(u64)) {
    let mut due = SystemClock.now();
    for _ in 0..n / N_PACED {
        update(N_PACED);
        due += PACE;
        pause(due.saturating_duration_since(SystemClock.now()));
    }
}

/// A bar that looks as ours does, drawn where and as often as it comes.
fn drawn_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} {per_sec}");
    let bar = ProgressBar::new(u64::MAX >> 1).with_prefix("images");
    bar.with_style(style.expect("the template is valid"))
}

fn main() -> io::Result<()> {
    let ours = LazyCell::new(|| Watched::by(()));
    let our_local = LazyCell::new(|| ours.tracker.local());
    let bar = LazyCell::new(ProgressBar::hidden);
    let item = LazyCell::new(|| Root::new().add_child("images"));
    let mut kdam_bar = kdam::BarBuilder::default()
        .total(usize::MAX)
        .mininterval(f32::MAX)
        .build()
        .map_err(io::Error::other)?;
    let count = AtomicU64::new(0);
    let pool = ThreadPoolBuilder::new().num_threads(2).build();
    let pool = pool.map_err(io::Error::other)?;
    let mut crowd = LazyCell::new(Crowd::new);
    let mut theirs = LazyCell::new(ProdashCrowd::new);
    let mut process = Process::open();
    let mut system =
        System::new_with_specifics(RefreshKind::nothing()).map_err(io::Error::other)?;
    let terminal = LazyCell::new(|| Watched::by(Terminal::stderr(Colors::Plain)));
    let drawn = LazyCell::new(drawn_bar);
    let mut workloads: [Workload<'_>; 19] = [
        ("tracked", &mut |n| tracked(n, &ours.tracker)),
        ("local", &mut |n| local(n, &our_local)),
        ("indicatif", &mut |n| indicatif(n, &bar)),
        ("prodash", &mut |n| prodash(n, &item)),
        ("kdam", &mut |n| kdam(n, &mut kdam_bar)),
        ("atomic", &mut |n| atomic(n, &count)),
        ("tracked_2_threads", &mut |n| {
            let tracker = &ours.tracker;
            at_once(n, |n| tracked(n, tracker));
        }),
        ("indicatif_2_threads", &mut |n| {
            let bar = &*bar;
            at_once(n, |n| indicatif(n, bar));
        }),
        ("prodash_2_threads", &mut |n| {
            let item = &*item;
            at_once(n, |n| prodash(n, item));
        }),
        ("atomic_2_threads", &mut |n| at_once(n, |n| atomic(n, &count))),
        ("rayon_tracked", &mut |n| rayon_tracked(n, &pool, &ours.tracker)),
        ("rayon_indicatif", &mut |n| rayon_indicatif(n, &pool, &bar)),
        ("collect", &mut |n| LazyCell::force_mut(&mut crowd).collect(n)),
        ("prodash_collect", &mut |n| LazyCell::force_mut(&mut theirs).collect(n)),
        ("own_sample", &mut |n| own_sample(n, &mut process)),
        ("sysinfo", &mut |n| sysinfo(n, &mut system)),
        ("paced", &mut |n| paced(n, nothing)),
        ("paced_terminal", &mut |n| paced(n, |n| tracked(n, &terminal.tracker))),
        ("paced_indicatif", &mut |n| paced(n, |n| indicatif(n, &drawn))),
    ];
    serve(&mut workloads)
}
