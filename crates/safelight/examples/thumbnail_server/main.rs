//! An HTTP server of thumbnails that stays within its memory, to start your own from.
//!
//! `cargo run --release --example thumbnail_server`, and open the address that it prints.
//! It makes up some photos; `--originals ~/Pictures` serves your own.
//!
//! | Route | Answer |
//! |---|---|
//! | `GET /` | a page that shows thumbnails and what the server does |
//! | `GET /thumbnails/{name}?width=..&height=..&format=jpeg` | a thumbnail of an original |
//! | `POST /thumbnails?width=..` | a thumbnail of the image that is sent |
//! | `GET /originals` | the names of the originals |
//! | `GET /metrics`, `GET /report`, `GET /healthz` | how it does |
//!
//! Each piece of work asks for memory before it decodes. Where there is none in time, or too
//! many wait already, the answer is 503 with `Retry-After`, so that the server lives.

use std::{
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    num::NonZeroUsize,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::Parser;
use safelight::{
    ByteSize, Config, Safelight,
    alloc::{TrackingAlloc, return_large_blocks},
};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot, time::timeout};

use crate::{impatient::Impatient, originals::Originals, server::Server, stop::Stop};

mod etag;
mod failure;
mod impatient;
mod metrics;
mod originals;
mod parameters;
mod server;
mod stop;
#[cfg(test)]
mod tests;
mod thumbnails;
mod upload;

/// Counts the heap of each job, so that permits learn what jobs really take.
#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

/// The settings where no file is given; a file starts from the defaults of the library.
const SETTINGS: &str = include_str!("settings.toml");

/// So many jobs at once are no limit: each has a thread, and the runtime has 512.
const NO_LIMIT: NonZeroUsize = NonZeroUsize::new(1 << 20).expect("it is not 0");

/// Who has not taken an answer by then, after the server was told to stop, gets none.
const LONGEST_STOP: Duration = Duration::from_secs(10);

/// How long the runtime gets to let go of what it holds; work that takes longer is left.
const LAST_MOMENT: Duration = Duration::from_millis(500);

/// Who takes an answer more slowly than this would keep memory from others.
const LONGEST_SENDING: Duration = Duration::from_secs(10);

/// Serves thumbnails of a folder of images, and of images that are sent to it.
#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 takes any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder of images; without it some are made up in a temporary folder.
    #[arg(long, value_name = "DIR")]
    originals: Option<PathBuf>,
    /// The settings of Safelight, in TOML.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The longest upload.
    #[arg(long, value_name = "SIZE", default_value = "20 MiB")]
    max_upload: ByteSize,
    /// How many requests are worked on or wait for it, and how many uploads may arrive
    /// beside them; those beyond get 503 at once.
    #[arg(long, value_name = "N", default_value = "32")]
    queue: NonZeroUsize,
    /// Ask nobody for memory, and let everybody work at once: how servers die.
    #[arg(long)]
    no_permits: bool,
}

fn main() -> ExitCode {
    // Before there is any thread. Elsewhere than with glibc it does nothing.
    let _ = return_large_blocks(1 << 20);
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", failure::describe(&*error));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let served = runtime.block_on(serve(arguments));
    let_go(runtime);
    served
}

/// Ends a runtime; to drop it would be to wait for all work, also where nobody else does.
fn let_go(runtime: Runtime) {
    runtime.shutdown_timeout(LAST_MOMENT);
}

async fn serve(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    // Before anybody can know that it is here, and tell it to stop.
    let told = Stop::listen()?;
    let config = arguments.settings()?;
    let listener = arguments.bind().await?;
    let originals = match &arguments.originals {
        Some(folder) => Originals::open(folder)?,
        None => Originals::make_up()?,
    };
    let safelight = Safelight::builder().config(config).start()?;
    let queue = if arguments.no_permits { NO_LIMIT } else { arguments.queue };
    let server = Server::new(safelight.clone(), originals, arguments.max_upload, queue);
    say_where(&listener)?;
    let router = server::router(Arc::new(server));
    let (stop, stopped) = oneshot::channel::<()>();
    let until_stopped = async { drop(stopped.await) };
    let listener = Impatient::new(listener, LONGEST_SENDING);
    let serving = axum::serve(listener, router).with_graceful_shutdown(until_stopped);
    let serving = tokio::spawn(serving.into_future());
    told.wait().await;
    eprintln!("stopping: requests that are here are answered first");
    drop(stop);
    match timeout(LONGEST_STOP, serving).await {
        Ok(ended) => ended??,
        Err(_) => eprintln!("some were not answered within {LONGEST_STOP:?}"),
    }
    safelight.stop();
    Ok(())
}

impl Arguments {
    fn settings(&self) -> Result<Config, Box<dyn Error>> {
        let mut config = match &self.config {
            None => Config::from_toml(SETTINGS)?,
            Some(path) => {
                Config::from_file(path).map_err(|error| match error.line() {
                    Some(_) => format!("{}: {error}", path.display()),
                    None => failure::describe(&error),
                })?
            }
        };
        if self.no_permits {
            config.memory = None;
            config.jobs.at_once = NO_LIMIT;
        }
        Ok(config)
    }

    async fn bind(&self) -> Result<TcpListener, String> {
        TcpListener::bind(self.listen).await.map_err(|error| {
            let remedy = match error.kind() {
                io::ErrorKind::AddrInUse => {
                    "end what listens there, or give another port: --listen 127.0.0.1:0"
                }
                _ => "give another address with --listen",
            };
            format!("cannot listen on {}: {error}; {remedy}", self.listen)
        })
    }
}

/// Prints one line with the address, for people and for programs that start this one.
fn say_where(listener: &TcpListener) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()
}
