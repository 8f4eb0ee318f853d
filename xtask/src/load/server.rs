//! The server under load, in a control group of its own.

use std::{
    fmt,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use safelight_core::{Clock, SystemClock};

use super::arm::Arm;
use crate::{control_group::Group, report_file::workspace_root, say::say};

#[cfg(test)]
mod tests;

/// It takes a moment; one that takes so long hangs.
const START: Duration = Duration::from_secs(30);

/// It lets nobody wait for longer than ten seconds when it stops.
const STOP: Duration = Duration::from_secs(20);

/// How often is looked whether it has ended.
const STEP: Duration = Duration::from_millis(20);

/// The program, built.
pub(super) struct Program(PathBuf);

impl Program {
    /// Builds it as users do.
    pub(super) fn build() -> Result<Self> {
        say(format_args!(
            "building: cargo build --release -p safelight --example thumbnail_server"
        ));
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "--release", "-p", "safelight"])
            .args(["--example", "thumbnail_server"])
            .args(["--message-format", "json-render-diagnostics"])
            .current_dir(workspace_root())
            .stderr(Stdio::inherit())
            .output()
            .context("cargo cannot be run")?;
        if !output.status.success() {
            bail!("the server does not build");
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        let program = messages.lines().find_map(executable);
        program.map(Self).context("cargo did not say where the server is")
    }
}

/// Returns where a program is that a message of cargo tells of.
fn executable(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    Some(Path::new(message.get("executable")?.as_str()?).to_owned())
}

/// It at work; it is killed when this is dropped.
pub(super) struct Server {
    child: Child,
    /// `http://` and what follows.
    pub(super) address: String,
    log: PathBuf,
}

impl Server {
    /// Starts it in a group, and waits until it listens.
    pub(super) fn start(
        program: &Program,
        group: &Group,
        arm: Arm,
        originals: &Path,
        dir: &Path,
    ) -> Result<Self> {
        let log = dir.join("server.log");
        // The shell joins the group, and becomes the server.
        let mut command = Command::new("sh");
        command.args(["-c", "echo $$ > \"$0\" && exec \"$@\""]).arg(group.door());
        command.arg(&program.0).args(["--listen", "127.0.0.1:0", "--originals"]);
        command.arg(originals);
        if arm == Arm::NoPermits {
            command.arg("--no-permits");
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).context("cannot make the log of the server")?);
        // Ctrl-C is for this program, which tells it to stop.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().context("cannot start the server")?;
        let mut server = Self { child, address: String::new(), log };
        server.address = server.listening()?;
        Ok(server)
    }

    /// Reads the line with its address.
    fn listening(&mut self) -> Result<String> {
        let stdout = self.child.stdout.take().expect("it is piped");
        let (sender, lines) = channel();
        // It ends with the program whose lines it reads.
        thread::spawn(move || {
            let mut read = BufReader::new(stdout).lines().map_while(Result::ok);
            read.try_for_each(|line| sender.send(line))
        });
        let line = lines.recv_timeout(START).ok();
        let address = line.as_deref().and_then(|line| line.strip_prefix("listening on "));
        address
            .map(str::to_owned)
            .with_context(|| format!("the server does not listen: {}", self.last_words()))
    }

    /// Asks once, as [`wrk`](super::wrk) would, and returns the tag of the answer.
    pub(super) fn etag(&self, path: &str) -> Result<Option<String>, Silence> {
        let answer = self.answer(path).map_err(Silence)?;
        Ok(etag(&String::from_utf8_lossy(&answer)))
    }

    fn answer(&self, path: &str) -> io::Result<Vec<u8>> {
        let host = self.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(START))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }

    /// Returns how it ended, if it has.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().context("cannot ask for the server")
    }

    /// Tells it to stop, as a service manager would, and waits; `None` if it does not.
    pub(super) fn stop(&mut self) -> Result<Option<ExitStatus>> {
        signal(&self.child, Signal::Terminate);
        let start = SystemClock.now();
        while SystemClock.now() - start < STOP {
            if let Some(status) = self.ended()? {
                return Ok(Some(status));
            }
            pause();
        }
        Ok(None)
    }

    /// Returns the last line that it wrote, without which nobody knows why it ended.
    pub(super) fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().last().unwrap_or("it said nothing").to_owned()
    }
}

/// That it does not answer.
#[derive(Debug)]
pub(super) struct Silence(io::Error);

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it does not answer: {}", self.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Finds the tag of an answer in its head.
fn etag(answer: &str) -> Option<String> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let is_served = lines.next()?.split(' ').nth(1)? == "200";
    let mut tags = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("etag").then(|| value.trim().to_owned())
    });
    tags.next().filter(|_| is_served)
}

/// What a program is told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signal {
    Interrupt,
    Terminate,
}

#[expect(clippy::disallowed_methods, reason = "a process tells nobody that it ends")]
fn pause() {
    thread::sleep(STEP);
}

#[cfg(unix)]
pub(super) fn signal(child: &Child, signal: Signal) {
    use rustix::process::{Pid, Signal as Number, kill_process};

    let number = match signal {
        Signal::Interrupt => Number::INT,
        Signal::Terminate => Number::TERM,
    };
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // One that has ended meanwhile needs no signal.
    let _ = pid.map(|pid| kill_process(pid, number));
}

#[cfg(not(unix))]
pub(super) fn signal(_: &Child, _: Signal) {}
