//! The process on one side of a comparison.
//!
//! It reads lines `<workload> <iterations>` from standard input, runs the workload so often,
//! and answers each with the CPU time that the whole process used, in nanoseconds: threads
//! that a library runs in the background count. A workload that fails is answered with a
//! line `error: <why>`.

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

/// The mark of an answer that is no figure.
const ERROR: &str = "error: ";

/// Answers requests until standard input ends.
///
/// # Errors
///
/// When standard input or output fails.
pub fn serve(workloads: &mut [Workload<'_>]) -> io::Result<()> {
    answer(|name, n| {
        let workload = workloads.iter_mut().find(|(known, _)| *known == name);
        let (_, run) = workload.ok_or_else(|| unknown(name))?;
        cpu_of(|| {
            run(n);
            Ok(())
        })
    })
}

/// Answers requests until standard input ends, with figures of any kind.
///
/// # Errors
///
/// When standard input or output fails.
pub fn answer(mut figure: impl FnMut(&str, u64) -> io::Result<u64>) -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (name, n) = line.split_once(' ').unwrap_or((&line, ""));
        let found = n.parse().map_err(io::Error::other).and_then(|n| figure(name, n));
        match found {
            Ok(figure) => writeln!(output, "{figure}")?,
            // An answer is one line.
            Err(error) => {
                writeln!(output, "{ERROR}{}", error.to_string().replace('\n', " "))?;
            }
        }
        output.flush()?;
    }
    Ok(())
}

/// Returns the CPU time of this process that some work takes, in nanoseconds.
///
/// # Errors
///
/// When the work fails.
pub fn cpu_of(run: impl FnOnce() -> io::Result<()>) -> io::Result<u64> {
    let before = process_cpu();
    run()?;
    Ok(process_cpu().saturating_sub(before).as_nanos() as u64)
}

/// The error of an arm that does not know a workload.
pub fn unknown(name: &str) -> io::Error {
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

    /// Starts the program of an arm as the command says.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
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
    /// When the arm has died, does not know the workload, or the workload fails.
    pub fn run(&mut self, workload: &str, n: u64) -> io::Result<u64> {
        let requests =
            self.requests.as_mut().ok_or_else(|| io::Error::other("no input"))?;
        writeln!(requests, "{workload} {n}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        if let Some(why) = answer.strip_prefix(ERROR) {
            return Err(io::Error::other(why.trim().to_owned()));
        }
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
