//! The program that asks: wrk, with a script that counts answers by status.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use safelight_core::ByteSize;
use serde::Deserialize;

use super::document::Answers;
use crate::status::UsageError;

#[cfg(test)]
mod tests;

const SCRIPT: &str = include_str!("wrk.lua");

/// How much of what it prints is kept: it is less than a page.
const MOST_PRINTED: ByteSize = ByteSize::mib(1);

/// It, with its version, and a folder for what it reads.
pub(super) struct Wrk<'a> {
    pub(super) version: String,
    pub(super) dir: &'a Path,
}

/// What it is to do.
pub(super) struct Order<'a> {
    pub(super) address: &'a str,
    pub(super) n_connections: usize,
    pub(super) time: Duration,
    /// Lines as the script reads them.
    pub(super) paths: &'a str,
}

impl<'a> Wrk<'a> {
    /// Finds it; `dir` is for what it reads.
    pub(super) fn find(dir: &'a Path) -> Result<Self> {
        let version = version_of("wrk")
            .map_err(|error| missing(&error, version_of("oha").ok().as_deref()))?;
        fs::write(dir.join("wrk.lua"), SCRIPT)
            .context("cannot write the script for wrk")?;
        Ok(Self { version: format!("wrk {version}"), dir })
    }

    /// Starts to ask.
    pub(super) fn start(&self, order: &Order<'_>) -> Result<Asking> {
        let paths: PathBuf = self.dir.join("paths");
        fs::write(&paths, order.paths).context("cannot write the addresses for wrk")?;
        // More threads than connections are refused by it.
        let n_threads = order.n_connections.min(2);
        let mut command = Command::new("wrk");
        command
            .args([format!("-t{n_threads}"), format!("-c{}", order.n_connections)])
            .args([format!("-d{}s", order.time.as_secs()), "--timeout=15s".to_owned()])
            .arg("-s")
            .arg(self.dir.join("wrk.lua"))
            .args([order.address, "--"])
            .arg(&paths)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        // Ctrl-C is for this program, which tells it to stop.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().context("cannot start wrk")?;
        let stdout = child.stdout.take().expect("it is piped");
        Ok(Asking { child, printed: read(stdout) })
    }
}

/// Returns what a program that is installed says of itself.
fn version_of(program: &str) -> io::Result<String> {
    let output = Command::new(program).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(1).unwrap_or("of an unknown version");
    Ok(version.to_owned())
}

/// Says what to do about wrk, where another program like it may be installed.
fn missing(error: &io::Error, oha: Option<&str>) -> UsageError {
    let instead = oha.map_or_else(String::new, |version| {
        format!("; oha {version}, which is installed, cannot stand in for it")
    });
    UsageError(format!(
        "wrk is needed to put load on the server, and cannot be run ({error}){instead}; \
         install it: apt install wrk, brew install wrk, or https://github.com/wg/wrk"
    ))
}

fn read(stdout: ChildStdout) -> Receiver<io::Result<String>> {
    let (sender, printed) = channel();
    // It ends with the program that it reads from.
    thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.take(MOST_PRINTED.bytes()).read_to_string(&mut text);
        // Where nobody waits any more, nobody wants it.
        let _ = sender.send(read.map(|_| text));
    });
    printed
}

/// It at work; it is killed when this is dropped.
pub(super) struct Asking {
    child: Child,
    printed: Receiver<io::Result<String>>,
}

impl Asking {
    /// Waits for its end for so long; `None` when it has not ended by then.
    pub(super) fn wait(
        &mut self,
        patience: Duration,
    ) -> Result<Option<(Duration, Answers)>> {
        let printed = match self.printed.recv_timeout(patience) {
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) => String::new(),
            Ok(printed) => printed.context("cannot read what wrk prints")?,
        };
        let status = self.child.wait().context("cannot wait for wrk")?;
        let answers = parse(&printed);
        answers.map(Some).with_context(|| format!("wrk ended with {status}: {printed}"))
    }

    /// Tells it to end early; it says then what it has.
    pub(super) fn stop(&self) {
        super::server::signal(&self.child, super::server::Signal::Interrupt);
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        // It may have ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The line that the script prints.
#[derive(Deserialize)]
struct Printed {
    n_200: u64,
    n_304: u64,
    n_503: u64,
    n_other: u64,
    n_errors: u64,
    elapsed_us: u64,
    p50_us: u64,
    p99_us: u64,
}

fn parse(text: &str) -> Option<(Duration, Answers)> {
    let line = text.lines().find_map(|line| line.strip_prefix("RESULT "))?;
    let printed: Printed = serde_json::from_str(line).ok()?;
    let elapsed = Duration::from_micros(printed.elapsed_us);
    let n_answers = printed.n_200 + printed.n_304 + printed.n_503 + printed.n_other;
    let of_answers = |us: u64| (0 < n_answers).then_some(us * 1000);
    let answers = Answers {
        n_served: printed.n_200,
        n_not_modified: printed.n_304,
        n_shed: printed.n_503,
        n_other: printed.n_other,
        n_connection_errors: printed.n_errors,
        served_per_s: (Duration::ZERO < elapsed)
            .then(|| printed.n_200 as f64 / elapsed.as_secs_f64()),
        p50_ns: of_answers(printed.p50_us),
        p99_ns: of_answers(printed.p99_us),
    };
    Some((elapsed, answers))
}
