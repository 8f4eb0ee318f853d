//! Makes thumbnails of the images below a folder, with a live bar.
//!
//! `cargo run --release -p safelight-progress-monitor --features terminal,serde --example
//! watch_folder -- FOLDER [--slow-sink] [--json FILE]`
//!
//! `--slow-sink` shows frames so slowly that they come late, which is an alert; the work goes
//! on at full speed all the same. `--json FILE` writes metrics, alerts and a summary at the
//! end; Ctrl-C ends it without.

use std::{
    env,
    error::Error,
    ffi::OsString,
    fs::{self, File, ReadDir},
    io::{BufWriter, Write, stderr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use safelight_progress_monitor::{
    AlertKind, Collector, Colors, Config, Driver, Frame, Gauge, Lines, Monitor, Sink,
    SystemClock, Terminal, Tracker, report,
};

const USAGE: &str = "usage: watch_folder FOLDER [--slow-sink] [--json FILE]";

/// What this example reads.
const EXTENSIONS: [&str; 3] = ["jpg", "jpeg", "png"];

struct Arguments {
    folder: PathBuf,
    is_slow: bool,
    json: Option<PathBuf>,
}

/// Reads the arguments; `None` asks for help.
fn arguments(
    mut given: impl Iterator<Item = OsString>,
) -> Result<Option<Arguments>, String> {
    let (mut folder, mut is_slow, mut json) = (None, false, None);
    while let Some(argument) = given.next() {
        match argument.to_str() {
            Some("--help" | "-h") => return Ok(None),
            Some("--slow-sink") => is_slow = true,
            Some("--json") => {
                json = Some(given.next().ok_or("--json wants a file")?.into());
            }
            Some(unknown) if unknown.starts_with('-') => {
                return Err(format!("{unknown} is not known"));
            }
            _ if folder.is_some() => {
                return Err(format!("a second folder: {}", argument.display()));
            }
            _ => folder = Some(argument.into()),
        }
    }
    Ok(Some(Arguments { folder: folder.ok_or("which folder?")?, is_slow, json }))
}

/// The files below a folder.
#[derive(Default)]
struct Found {
    images: Vec<PathBuf>,
    /// Those that are no files, or that this example does not read.
    n_skipped: u64,
}

impl Found {
    /// Looks into a folder and all below it; what cannot be read is told.
    fn search(entries: ReadDir, tracker: &Tracker) -> Self {
        let mut found = Self::default();
        let mut folders = found.add(entries);
        while let Some(folder) = folders.pop() {
            match fs::read_dir(&folder) {
                Ok(entries) => folders.extend(found.add(entries)),
                Err(error) => tracker.message(format!("{}: {error}", folder.display())),
            }
        }
        found
    }

    /// Adds what is in a folder; returns the folders in it.
    fn add(&mut self, entries: ReadDir) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                // A link may lead back.
                folders.extend((!path.is_symlink()).then_some(path));
            } else if is_image(&path) {
                self.images.push(path);
            } else {
                self.n_skipped += 1;
            }
        }
        folders
    }
}

/// Whether it is called an image, and is a file: one would wait for ever for what a pipe has.
fn is_image(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is_known = |extension: &str| {
        EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
    };
    extension.is_some_and(is_known) && path.is_file()
}

/// A sink of a terminal that takes a second for each frame.
struct Slow<S>(S);

impl<S: Sink> Sink for Slow<S> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a slow terminal is what is shown here"
    )]
    fn show(&mut self, frame: &Frame) {
        self.0.show(frame);
        thread::sleep(Duration::from_secs(1));
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

/// What the workers share.
struct Job {
    queue: Mutex<Vec<PathBuf>>,
    waiting: Gauge,
    thumbnails: Tracker,
    n_broken: AtomicU64,
}

impl Job {
    /// Makes thumbnails until the queue is empty; a broken image is told, counted, and done.
    fn work(&self) {
        loop {
            let next = self.queue.lock().ok().and_then(|mut queue| queue.pop());
            let Some(path) = next else { return };
            self.waiting.sub(1);
            let update = self.thumbnails.start();
            match image::open(&path) {
                Ok(image) => {
                    std::hint::black_box(image.thumbnail(256, 256));
                }
                Err(error) => {
                    self.n_broken.fetch_add(1, Relaxed);
                    self.thumbnails.message(format!("{}: {error}", path.display()));
                }
            }
            update.finish();
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let Arguments { folder, is_slow, json } = arguments;
    // What cannot be done is found out before the work.
    let entries = fs::read_dir(folder)
        .map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let file = json.as_deref().map(|path| Ok::<_, Box<dyn Error>>((path, create(path)?)));
    let file = file.transpose()?;

    let monitor = Monitor::new();
    let collector = Collector::new(&monitor, Config::default())?;
    let driver = Driver::start_with_process(collector, SystemClock, sink(*is_slow));
    let thumbnails = monitor.tracker("thumbnails");
    thumbnails.set_phase("look for images");
    let Found { images, n_skipped } = Found::search(entries, &thumbnails);
    thumbnails.set_total(images.len() as u64);
    thumbnails.set_phase("shrink");
    let waiting = monitor.gauge("waiting");
    waiting.set(images.len() as u64);
    let queue = Mutex::new(images);
    let job = Job { queue, waiting, thumbnails, n_broken: AtomicU64::new(0) };
    let n_workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..n_workers {
            scope.spawn(|| job.work());
        }
    });
    let (n_done, n_broken) = (job.thumbnails.n_done(), job.n_broken.load(Relaxed));
    drop(job);

    let collector = driver.stop();
    println!("{n_done} images in {:.1?}, {n_broken} broken", collector.frame().elapsed);
    if 0 < n_skipped {
        let read = EXTENSIONS.join(", ");
        println!("{n_skipped} files skipped: this example reads {read} only");
    }
    for kind in AlertKind::ALL.into_iter().filter(|kind| 0 < collector.n_raised(*kind)) {
        println!("{}: {} alerts", kind.name(), collector.n_raised(kind));
    }
    println!("the monitor held {}", collector.footprint());
    if let Some((path, file)) = file {
        write(file, &collector).map_err(|error| cannot_write(path, &error))?;
    }
    Ok(())
}

fn create(path: &Path) -> Result<File, String> {
    File::create(path).map_err(|error| cannot_write(path, &error))
}

/// Writes the report; an error may come as late as with the last bytes.
fn write(file: File, collector: &Collector) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut file, &report::Export::from(collector))?;
    file.flush()?;
    Ok(())
}

fn cannot_write(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("cannot write {}: {error}", path.display())
}

fn main() -> ExitCode {
    let arguments = match arguments(env::args_os().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
