//! Makes thumbnails of the images below a folder, with a live bar.
//!
//! `cargo run --release -p safelight-progress-monitor --features terminal,serde --example
//! watch_folder -- FOLDER [--slow-sink] [--json FILE]`
//!
//! `--slow-sink` shows frames so slowly that they come late, which is an alert; the work goes
//! on at full speed all the same. `--json FILE` writes metrics, alerts and a summary.

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::{BufWriter, stderr},
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
    time::Duration,
};

use safelight_progress_monitor::{
    AlertKind, Clock, Collector, Colors, Config, Driver, Frame, Gauge, Lines, Monitor,
    Sink, SystemClock, Terminal, Tracker, report,
};

struct Arguments {
    folder: PathBuf,
    is_slow: bool,
    json: Option<PathBuf>,
}

fn arguments() -> Option<Arguments> {
    let (mut folder, mut is_slow, mut json) = (None, false, None);
    let mut given = env::args_os().skip(1);
    while let Some(argument) = given.next() {
        match argument.to_str() {
            Some("--slow-sink") => is_slow = true,
            Some("--json") => json = Some(given.next()?.into()),
            _ => folder = Some(argument.into()),
        }
    }
    Some(Arguments { folder: folder?, is_slow, json })
}

/// Returns the images below a folder; what cannot be read is told.
fn images(folder: &Path, tracker: &Tracker) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                tracker.message(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let extension = path.extension().and_then(|extension| extension.to_str());
            let extension = extension.map(str::to_ascii_lowercase);
            match extension.as_deref() {
                _ if path.is_dir() && !path.is_symlink() => folders.push(path),
                Some("jpg" | "jpeg" | "png") => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// A sink of a terminal that takes a second for each frame.
struct Slow<S>(S);

impl<S: Sink> Sink for Slow<S> {
    fn show(&mut self, frame: &Frame) {
        self.0.show(frame);
        let end = SystemClock.now() + Duration::from_secs(1);
        while SystemClock.now() < end {
            thread::yield_now();
        }
    }
}

fn sink(is_slow: bool) -> Box<dyn Sink> {
    // The library reads no environment; programs do.
    let is_plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let terminal =
        Terminal::stderr(if is_plain { Colors::Plain } else { Colors::Colored });
    let shown: Box<dyn Sink> = if terminal.is_visible() {
        Box::new(terminal)
    } else {
        Box::new(Lines::new(stderr()))
    };
    if is_slow { Box::new(Slow(shown)) } else { shown }
}

/// Makes thumbnails until the queue is empty; a broken image is told and is no end.
fn work(queue: &Mutex<Vec<PathBuf>>, waiting: &Gauge, thumbnails: &Tracker) {
    loop {
        let next = queue.lock().ok().and_then(|mut queue| queue.pop());
        let Some(path) = next else { return };
        waiting.sub(1);
        let update = thumbnails.start();
        match image::open(&path) {
            Ok(image) => {
                std::hint::black_box(image.thumbnail(256, 256));
                update.finish();
            }
            Err(error) => {
                thumbnails.message(format!("{}: {error}", path.display()));
                drop(update);
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(arguments) = arguments() else {
        return Err("usage: watch_folder FOLDER [--slow-sink] [--json FILE]".into());
    };
    let monitor = Monitor::new();
    let collector = Collector::new(&monitor, Config::default())?;
    let sink = sink(arguments.is_slow);
    let driver = Driver::start_with_process(collector, SystemClock, sink);

    let thumbnails = monitor.tracker("thumbnails");
    let waiting = monitor.gauge("waiting");
    thumbnails.set_phase("look for images");
    let queue = images(&arguments.folder, &thumbnails);
    thumbnails.set_total(queue.len() as u64);
    waiting.set(queue.len() as u64);
    thumbnails.set_phase("shrink");
    let queue = Mutex::new(queue);
    let n_workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..n_workers {
            scope.spawn(|| work(&queue, &waiting, &thumbnails));
        }
    });
    drop(thumbnails);

    let collector = driver.stop();
    println!("{} thumbnails in {:.1?}", collector.n_done(), collector.frame().elapsed);
    for kind in AlertKind::ALL.into_iter().filter(|kind| 0 < collector.n_raised(*kind)) {
        println!("{}: {} alerts", kind.name(), collector.n_raised(kind));
    }
    println!("the monitor held {}", collector.footprint());
    if let Some(path) = arguments.json {
        let file = BufWriter::new(File::create(path)?);
        serde_json::to_writer_pretty(file, &report::Export::from(&collector))?;
    }
    Ok(())
}
