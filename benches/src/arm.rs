//! The process on one side of a comparison.
//!
//! It reads lines `<workload> <iterations>` from standard input, runs the workload so often,
//! and answers each with the CPU time that the whole process used, in nanoseconds: threads
//! that a library runs in the background count.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

/// A named piece of work that repeats itself as often as told.
pub type Workload<'a> = (&'static str, &'a mut dyn FnMut(u64));

/// Answers requests until standard input ends.
///
/// # Errors
///
/// When standard input or output fails, or a request names no workload.
pub fn serve(workloads: &mut [Workload<'_>]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (name, n) = line.split_once(' ').unwrap_or((&line, ""));
        let n: u64 = n.parse().map_err(io::Error::other)?;
        let workload = workloads.iter_mut().find(|(known, _)| *known == name);
        let (_, run) = workload.ok_or_else(|| unknown(name))?;
        let before = process_cpu();
        run(n);
        let used = process_cpu().saturating_sub(before);
        writeln!(output, "{}", used.as_nanos())?;
        output.flush()?;
    }
    Ok(())
}

fn unknown(name: &str) -> io::Error {
    io::Error::other(format!("unknown workload {name:?}"))
}

fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// A running arm.
#[derive(Debug)]
pub struct Arm {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Arm {
    /// Starts the program of an arm.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    pub fn start(program: &Path) -> io::Result<Self> {
        Self::spawn(&mut Command::new(program))
    }

    /// Starts the program of an arm, which draws on this terminal as its standard error
    /// stream.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    pub fn start_on_terminal(program: &Path, terminal: File) -> io::Result<Self> {
        Self::spawn(Command::new(program).stderr(terminal).env("TERM", "xterm"))
    }

    fn spawn(command: &mut Command) -> io::Result<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let requests = process.stdin.take();
        let answers =
            process.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        Ok(Self { process, requests, answers: BufReader::new(answers) })
    }

    /// Runs a workload and returns the CPU time that it took, in nanoseconds.
    ///
    /// # Errors
    ///
    /// When the arm has died or does not know the workload.
    pub fn run(&mut self, workload: &str, n: u64) -> io::Result<u64> {
        let requests =
            self.requests.as_mut().ok_or_else(|| io::Error::other("no input"))?;
        writeln!(requests, "{workload} {n}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        answer.trim().parse().map_err(|_| {
            io::Error::other(format!(
                "the arm gave no answer to {workload:?}: {answer:?}"
            ))
        })
    }
}

impl Drop for Arm {
    fn drop(&mut self) {
        // The end of its input ends the arm.
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}
