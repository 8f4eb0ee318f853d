//! How much memory can really be had in a group, beside what a sample says of it.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{self, Child},
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use safelight_core::{ByteSize, Clock, SystemClock};
use safelight_probe::Sampler;
use serde::{Deserialize, Serialize};

use super::{files, trial::program};
use crate::{
    control_group::{self, Group, Stage},
    status::Status,
};

/// The limit of the group.
const LIMIT: ByteSize = ByteSize::mib(512);

/// A file that the program writes, so that its pages are charged to the group.
const FILE: ByteSize = ByteSize::mib(160);

/// How much is taken at a time.
const BLOCK: usize = 64 << 10;

/// It takes about a second; one that takes so long hangs.
const DEADLINE: Duration = Duration::from_mins(1);

/// How soon Ctrl-C is noticed.
const PATIENCE: Duration = Duration::from_millis(100);

/// What the program that takes all memory is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The file by which a group is joined.
    door: PathBuf,
    /// A file that it may write.
    file: PathBuf,
}

/// What was said and what was had.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    /// Clean pages of files that were charged to the group, as the sample has it.
    pub(crate) clean_cache: Option<ByteSize>,
    /// What the sample said could be had.
    pub(crate) said: ByteSize,
    /// What was had before the kernel killed the program.
    pub(crate) had: ByteSize,
}

/// What the program tells before it begins to take.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Said {
    available_bytes: u64,
    clean_cache_bytes: Option<u64>,
}

/// Has a program take all memory of a group until it is killed for it; `None` when that was
/// interrupted.
pub(crate) fn truth(interrupted: &AtomicBool) -> Result<Option<Truth>> {
    // That it may not do it here is a reason like any other.
    let stage = Stage::set(LIMIT).map_err(|refusal| anyhow!("{refusal}"))?;
    let group = Group::create(&stage.place, "headroom", LIMIT)?;
    files::remove_leftovers();
    let dir =
        tempfile::Builder::new().prefix(&control_group::name("headroom-")).tempdir()?;
    let mut command = program("headroom-victim")?;
    command.arg(group.door()).arg(dir.path().join("file"));
    let child = command.spawn().context("cannot start this program once more")?;
    let lines = Victim(child).lines(interrupted)?;
    let Some(lines) = lines else { return Ok(None) };
    if group.n_kills().is_none_or(|n| n == 0) {
        bail!("it ended before it was killed: {}", lines.first().map_or("", |l| l));
    }
    let first = lines.first().context("it said nothing")?;
    let said: Said = serde_json::from_str(first)?;
    // The last line of a killed program may be cut, and then stands for less than was had.
    let had = lines[1..].iter().filter_map(|line| line.parse().ok()).max();
    Ok(Some(Truth {
        clean_cache: said.clean_cache_bytes.map(ByteSize::from_bytes),
        said: ByteSize::from_bytes(said.available_bytes),
        had: ByteSize::from_bytes(had.unwrap_or(0)),
    }))
}

/// A program, which is killed when this is dropped.
struct Victim(Child);

impl Victim {
    /// Returns what it tells until it ends; `None` when that was interrupted.
    fn lines(mut self, interrupted: &AtomicBool) -> Result<Option<Vec<String>>> {
        let stdout = self.0.stdout.take().expect("it is piped");
        let (sender, told) = channel();
        // It ends with the program whose lines it reads.
        thread::spawn(move || {
            let mut read = BufReader::new(stdout).lines().map_while(Result::ok);
            read.try_for_each(|line| sender.send(line))
        });
        let (start, mut lines) = (SystemClock.now(), Vec::new());
        loop {
            match told.recv_timeout(PATIENCE) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if interrupted.load(Relaxed) {
                return Ok(None);
            }
            if DEADLINE < SystemClock.now() - start {
                bail!("it had not ended after {} s", DEADLINE.as_secs());
            }
        }
        self.0.wait()?;
        Ok(Some(lines))
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // It may have ended, which is as well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Joins the group, says what can be had there, and takes it until it is killed.
pub(crate) fn run(arguments: &Arguments) -> Result<Status> {
    fs::write(&arguments.door, process::id().to_string())
        .with_context(|| format!("cannot join by {}", arguments.door.display()))?;
    write_file(&arguments.file)?;
    let mut sampler = Sampler::open();
    let sample = sampler.sample();
    let headroom = sample.headroom.as_ref().map_err(Clone::clone)?;
    let mut limits = sample.limits.iter();
    let binding = limits.find(|limit| limit.binding == headroom.binding);
    let clean_cache = binding.and_then(|limit| limit.clean_cache);
    tell(&serde_json::to_string(&Said {
        available_bytes: headroom.available.bytes(),
        clean_cache_bytes: clean_cache.map(ByteSize::bytes),
    })?)?;
    let mut blocks: Vec<Vec<u8>> = Vec::with_capacity(1 << 16);
    loop {
        blocks.push(vec![1; BLOCK]);
        tell(&(blocks.len() * BLOCK).to_string())?;
    }
}

/// Writes a file so that its pages are in the cache, and clean.
fn write_file(path: &Path) -> Result<()> {
    let block = vec![1; BLOCK];
    let mut file = File::create(path)?;
    for _ in 0..FILE.bytes() / BLOCK as u64 {
        file.write_all(&block)?;
    }
    file.sync_all()?;
    Ok(())
}

fn tell(line: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    Ok(())
}
