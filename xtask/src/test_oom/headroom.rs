//! How much memory can really be had in a group, beside what a sample says of it.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use safelight_core::ByteSize;
use safelight_probe::Sampler;

use super::{Stage, group::Group};
use crate::status::Status;

/// The limit of the group.
const LIMIT: ByteSize = ByteSize::mib(512);

/// A file that the program writes, so that its pages are charged to the group.
const FILE: ByteSize = ByteSize::mib(160);

/// How much is taken at a time.
const BLOCK: usize = 64 << 10;

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
    /// Clean pages of the file that was written before.
    pub(crate) file: ByteSize,
    /// What the sample said could be had.
    pub(crate) said: ByteSize,
    /// What was had before the kernel killed the program.
    pub(crate) had: ByteSize,
}

/// Has a program take all memory of a group until it is killed for it.
pub(crate) fn truth() -> Result<Truth> {
    // What it may not do here is a reason like any other.
    let stage = Stage::set(LIMIT).map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
    let group = Group::create(&stage.place, "headroom", LIMIT)?;
    let dir = tempfile::Builder::new().prefix("safelight-headroom-").tempdir()?;
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut victim = Victim(
        Command::new(program)
            .arg("headroom-victim")
            .arg(group.door())
            .arg(dir.path().join("file"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start this program once more")?,
    );
    let stdout = victim.0.stdout.take().expect("it is piped");
    // The last line of a killed program may be cut.
    let lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let mut sizes = lines.filter_map(|line| line.parse().ok()).map(ByteSize::from_bytes);
    let said = sizes.next().context("it said nothing")?;
    let had = sizes.last().unwrap_or_default();
    victim.0.wait()?;
    if group.n_kills().is_none_or(|n| n == 0) {
        bail!("it ended before it was killed");
    }
    Ok(Truth { file: FILE, said, had })
}

/// A program, which is killed when this is dropped.
struct Victim(Child);

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
    let said = sampler.sample().headroom.as_ref().map_err(Clone::clone)?.available;
    tell(said)?;
    let mut blocks: Vec<Vec<u8>> = Vec::with_capacity(1 << 16);
    loop {
        blocks.push(vec![1; BLOCK]);
        tell(ByteSize::from_len(blocks.len() * BLOCK))?;
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

fn tell(size: ByteSize) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", size.bytes())?;
    stdout.flush()?;
    Ok(())
}
