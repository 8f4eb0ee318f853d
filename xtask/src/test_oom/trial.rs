//! One run of one arm.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use safelight_core::{ByteSize, Clock, SystemClock};

use super::{
    document::{Outcome, RunRow},
    progress::Progress,
    scenario::Scenario,
};
use crate::control_group::{Group, Place};

#[cfg(test)]
mod tests;

/// A run takes seconds; one that takes so long hangs.
const DEADLINE: Duration = Duration::from_mins(5);

/// How soon Ctrl-C is noticed.
const PATIENCE: Duration = Duration::from_millis(100);

/// Runs a scenario in a new group; `None` when it was interrupted.
pub(super) fn run(
    place: &Place,
    scenario: &Scenario,
    interrupted: &AtomicBool,
) -> Result<Option<RunRow>> {
    let group = Group::create(place, "run", scenario.limit())
        .context("cannot make a control group")?;
    let start = SystemClock.now();
    let mut victim = Victim::start(&group, scenario)?;
    let (last, is_late) = victim.watch(interrupted);
    let status = victim.end()?;
    if interrupted.load(Relaxed) {
        return Ok(None);
    }
    let elapsed = SystemClock.now() - start;
    let n_kills = group.n_kills();
    let (outcome, reason) = if is_late {
        (
            Outcome::Failed,
            Some(format!("it had not ended after {} s", DEADLINE.as_secs())),
        )
    } else {
        judge(Ending::of(status), n_kills, &last)
    };
    Ok(Some(RunRow {
        arm: scenario.arm,
        seed: scenario.seed,
        outcome,
        reason,
        n_jobs: scenario.n_jobs as u64,
        n_begun: last.n_begun,
        n_done: last.n_done,
        waited_ns: last.waited_ns,
        cache_mean_bytes: last.cache_mean_bytes,
        peak_ratio: last.peak_ratio,
        peak_bytes: group.peak().map(ByteSize::bytes),
        n_kills,
        elapsed_ns: u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX),
    }))
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Code(i32),
    Signal(i32),
    Unknown,
}

impl Ending {
    fn of(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Signal(signal);
        }
        status.code().map_or(Self::Unknown, Self::Code)
    }
}

/// The signal with which the kernel kills.
const KILL: i32 = 9;

/// Tells a kill for memory from all other ends: the group must have counted it.
fn judge(
    ending: Ending,
    n_kills: Option<u64>,
    last: &Progress,
) -> (Outcome, Option<String>) {
    let failed = |why: String| (Outcome::Failed, Some(why));
    match (ending, n_kills) {
        (Ending::Signal(KILL), Some(1..)) => (Outcome::Killed, None),
        (_, Some(1..)) => {
            failed("the group counts a kill that did not end it".to_owned())
        }
        (Ending::Code(0), _) if last.is_final => (Outcome::Finished, None),
        (Ending::Code(code), _) => {
            let why = last.error.clone().unwrap_or_else(|| "no reason told".to_owned());
            failed(format!("exit code {code}: {why}"))
        }
        (Ending::Signal(signal), _) => {
            failed(format!("signal {signal}, but the group counts no kill for memory"))
        }
        (Ending::Unknown, _) => failed("it ended in an unknown way".to_owned()),
    }
}

/// Returns a command that starts this program once more.
pub(super) fn program(subcommand: &str) -> Result<Command> {
    let program = env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(program);
    command.arg(subcommand).stdin(Stdio::null()).stdout(Stdio::piped());
    // Ctrl-C is for the parent, which ends it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok(command)
}

/// The program under test, which is killed when this is dropped.
struct Victim {
    child: Child,
    lines: Receiver<String>,
}

impl Victim {
    fn start(group: &Group, scenario: &Scenario) -> Result<Self> {
        let mut command = program("oom-victim")?;
        command.arg(group.door()).arg(serde_json::to_string(scenario)?);
        let mut child = command.spawn().context("cannot start this program once more")?;
        let stdout = child.stdout.take().expect("it is piped");
        let (sender, lines) = channel();
        // It ends with the program whose lines it reads.
        thread::spawn(move || {
            let mut read = BufReader::new(stdout).lines().map_while(Result::ok);
            read.try_for_each(|line| sender.send(line))
        });
        Ok(Self { child, lines })
    }

    /// Reads what it tells until it has ended, is interrupted, or takes too long; returns the
    /// last that it told, and whether it took too long.
    fn watch(&self, interrupted: &AtomicBool) -> (Progress, bool) {
        let start = SystemClock.now();
        let mut last = Progress::default();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                // The last line of a killed program may be cut.
                Ok(line) => last = serde_json::from_str(&line).unwrap_or(last),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return (last, false),
            }
            if interrupted.load(Relaxed) {
                return (last, false);
            }
            if DEADLINE < SystemClock.now() - start {
                return (last, true);
            }
        }
    }

    /// Ends the program if it has not yet, and returns how it ended.
    fn end(&mut self) -> Result<ExitStatus> {
        let ended = self.lines.recv_timeout(Duration::ZERO);
        if ended != Err(RecvTimeoutError::Disconnected) {
            self.child.kill().context("cannot end the program")?;
        }
        self.child.wait().context("cannot wait for the program")
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // It may have ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
