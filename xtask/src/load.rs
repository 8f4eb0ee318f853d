//! `cargo xtask load`: the thumbnail server of the examples under more load than it can serve.

use std::{
    num::NonZeroUsize,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use anyhow::{Context, Result};
use safelight_core::ByteSize;
use safelight_probe::CpuTimes;

use crate::{
    control_group::Stage,
    environment::Environment,
    progress::Bar,
    report_file::{self, default_dir, file_stamp, now},
    say::say,
    status::Status,
    test_oom::{Files, watch_for_ctrl_c},
    units::{parse_count, parse_duration},
};

mod addresses;
mod arm;
mod document;
mod render;
mod server;
#[cfg(test)]
mod tests;
mod trial;
mod verdict;
mod wrk;

use self::{
    addresses::Addresses,
    arm::Arm,
    document::{ArmRow, Document, PhaseRow, ScenarioRow},
    render::Form,
    server::Program,
    trial::Trial,
    verdict::Verdict,
    wrk::Wrk,
};

/// Puts the thumbnail server of the examples under more load than it can serve, to see whether
/// it serves, sheds, and lives.
///
/// Each server is started in a new control group with a limit of memory and without swap. wrk
/// asks it for thumbnails of photo-like files, whose pixels take up to 28 % of the limit: first
/// one at a time, then many at once. Half of the requests are for few thumbnails, of which each
/// second is known to who asks; the others are for more of them than the cache holds.
///
/// permits: the server as it is.
///
/// no permits: the same server with --no-permits; all requests are worked on at once.
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 it serves, sheds and lives, and dies without permits, or it may \
        not run here (it says so); 1 it does not; 4 nothing is proven; 130 Ctrl-C.",
    after_long_help = "\
How to read it:
  200           thumbnails
  304           the one that is known is right; nothing was done
  503           come again: no memory or no turn in time, or too many wait
  broken        connections that could not be made or broke, answers that took over 15 s
  p50, p99      time to an answer of whatever status
  peak          highest charge of the group, as a part of the limit

It needs wrk (apt install wrk), Linux, and a group that it may divide: root with cgroup version
1, or a delegated subtree of version 2, for example
  systemd-run --user --scope -p Delegate=yes cargo xtask load

Exit codes: 0 it serves, sheds and lives, and dies without permits, or it may not run here (it
says so); 1 it does not; 4 nothing is proven; 130 Ctrl-C."
)]
pub(crate) struct Arguments {
    /// Limit of the group of each server, 192 MiB to 1 GiB; the images grow with it.
    #[arg(long, value_name = "SIZE", default_value = "256 MiB", value_parser = parse_limit)]
    limit: ByteSize,
    /// How long there is too much load, in whole seconds.
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = parse_seconds)]
    duration: Duration,
    /// How long there is little before, in whole seconds.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_seconds)]
    light: Duration,
    /// How many requests there are at once.
    #[arg(long, value_name = "N", default_value = "256", value_parser = parse_count)]
    connections: NonZeroUsize,
    /// Run only these arms, with commas between them [default: every arm].
    #[arg(long, value_name = "ARM", value_delimiter = ',')]
    arm: Vec<Arm>,
    /// End with exit code 1 where it may not run.
    #[arg(long)]
    require: bool,
    #[arg(
        long,
        short,
        value_name = "FILE",
        help = "The JSON result [default: target/safelight/load_<UTC time>.json]"
    )]
    output: Option<PathBuf>,
    /// Print the tables as Markdown.
    #[arg(long)]
    markdown: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<Status> {
    if let Some(output) = &arguments.output {
        report_file::check(output)?;
    }
    let dir = tempfile::Builder::new().prefix("safelight-load-").tempdir();
    let dir = dir.context("cannot make a folder for the run")?;
    let interrupted = watch_for_ctrl_c()?;
    let stage = match Stage::set(arguments.limit) {
        Ok(stage) => stage,
        Err(refusal) => {
            say(format_args!("SKIPPED: cargo xtask load: {refusal}"));
            return Ok(if arguments.require { Status::Failed } else { Status::Ok });
        }
    };
    let wrk = Wrk::find(dir.path())?;
    let program = Program::build()?;
    arguments.play(&stage, &wrk, &program, &interrupted)
}

impl Arguments {
    fn play(
        &self,
        stage: &Stage,
        wrk: &Wrk<'_>,
        program: &Program,
        interrupted: &AtomicBool,
    ) -> Result<Status> {
        let mut environment = Environment::read();
        let cpu_times = CpuTimes::read();
        let n_seconds = (self.light + self.duration).as_secs() * self.arms().len() as u64;
        let bar = Bar::new("load", n_seconds);
        let files = Files::make(self.limit, &bar, interrupted)?;
        let trial = Trial {
            place: &stage.place,
            limit: self.limit,
            program,
            wrk,
            originals: &files.photos,
            n_connections: self.connections.get(),
            light: self.light,
            overload: self.duration,
            bar: &bar,
            interrupted,
        };
        let (arms, phases) = self.run_all(&trial)?;
        bar.finish();
        environment.add_run(&cpu_times);
        let scenario = self.scenario_row(stage, wrk, &files)?;
        self.tell((environment, scenario), arms, phases, interrupted.load(Relaxed))
    }

    fn run_all(&self, trial: &Trial<'_>) -> Result<(Vec<ArmRow>, Vec<PhaseRow>)> {
        let (mut arms, mut phases) = (Vec::new(), Vec::new());
        for arm in self.arms() {
            if trial.interrupted.load(Relaxed) {
                break;
            }
            let (row, of_arm) = trial.run(arm)?;
            arms.push(row);
            phases.extend(of_arm);
        }
        Ok((arms, phases))
    }

    /// Prints the result and writes it.
    fn tell(
        &self,
        (environment, scenario): (Environment, ScenarioRow),
        arms: Vec<ArmRow>,
        phases: Vec<PhaseRow>,
        interrupted: bool,
    ) -> Result<Status> {
        let verdict = Verdict::of(&arms, &phases);
        let created = now();
        let document = Document {
            kind: "safelight.load".to_owned(),
            schema_version: document::SCHEMA_VERSION,
            created_utc: created.to_string(),
            environment,
            interrupted,
            scenario,
            verdict: verdict.to_string(),
            passed: verdict.is_passed() && !interrupted,
            arms,
            phases,
        };
        let form = if self.markdown { Form::Markdown } else { Form::Terminal };
        println!("{}", render::render(&document, form));
        let name = || default_dir().join(format!("load_{}.json", file_stamp(created)));
        let path = self.output.clone().unwrap_or_else(name);
        report_file::write_json(&path, &document)?;
        say(format_args!("result: {}", path.display()));
        Ok(if interrupted { Status::Interrupted } else { verdict.status() })
    }

    fn arms(&self) -> Vec<Arm> {
        let is_wanted = |arm: &Arm| self.arm.is_empty() || self.arm.contains(arm);
        Arm::ALL.into_iter().filter(is_wanted).collect()
    }

    fn scenario_row(
        &self,
        stage: &Stage,
        wrk: &Wrk<'_>,
        files: &Files,
    ) -> Result<ScenarioRow> {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Ok(ScenarioRow {
            limit_bytes: self.limit.bytes(),
            n_connections: self.connections.get() as u64,
            overload_ns: nanos(self.duration),
            light_ns: nanos(self.light),
            n_originals: files.photos.len() as u64,
            n_addresses: Addresses::of(&files.photos)?.len() as u64,
            driver: wrk.version.clone(),
            cgroup_version: stage.place.version.number(),
            cgroup: stage.place.folder.display().to_string(),
        })
    }
}

/// Reads a time that wrk can be told.
fn parse_seconds(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    if time.subsec_nanos() == 0 {
        Ok(time)
    } else {
        Err(format!(
            "not whole seconds: {text:?} (wrk takes no others; write it like 5s)"
        ))
    }
}

fn parse_limit(text: &str) -> Result<ByteSize, String> {
    let limit: ByteSize = text.parse().map_err(|error| format!("{error}"))?;
    let allowed = ByteSize::mib(192)..=ByteSize::gib(1);
    if allowed.contains(&limit) {
        return Ok(limit);
    }
    Err(format!("{limit} is not within {} to {}", allowed.start(), allowed.end()))
}
