//! `cargo xtask test-oom`: image jobs in a real control group, with and without permits.

use std::{
    num::NonZeroUsize,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
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
    units::parse_count,
};

mod arm;
mod document;
mod files;
mod headroom;
mod keeper;
mod progress;
mod render;
mod scenario;
mod trial;
mod verdict;
mod victim;

pub(crate) use self::files::Files;
pub(crate) use self::headroom::{
    Arguments as HeadroomArguments, Truth, run as run_headroom_victim, truth,
};
pub(crate) use self::victim::{Arguments as VictimArguments, run as run_victim};
use self::{
    arm::Arm,
    document::{Document, RunRow, ScenarioRow},
    scenario::Scenario,
    verdict::Verdict,
};

/// Decodes images in a real control group, to see who is killed for memory: who takes permits
/// or who does not.
///
/// Each run starts this program once more in a new group with a limit of memory and without
/// swap. It fills a cache, then bursts of jobs arrive, each of which decodes a photo-like file
/// whose pixels take up to 28 % of the limit and encodes it again. All arms do the same work:
///
/// thresholds: at the start and every 5 s, with more than 75 % used, the limit of the cache is
/// cut by a fifth, for good.
///
/// reactive: every 50 ms the cache gets what the rest leaves of 80 % of the limit.
///
/// permits: the same, and each job takes a permit for what its header declares, before it
/// decodes, and gives it back when the allocator has given back what the job freed.
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 permits held, or it may not run here or nothing is proven (it \
        says so); 1 they did not, or in three runs nobody was killed without them; 130 Ctrl-C.",
    after_long_help = "\
How to read it:
  killed        ended by the kernel for memory: by signal 9, and the group counts a kill
  jobs done     in all runs, also before a kill
  peak          highest charge of the group in any run, as a part of the limit
  cache kept    mean of what the cache held while jobs ran
  mean wait     from the arrival of a job to its start
  time          mean of a run; a killed one is shorter

It needs Linux and a group that it may divide: root with cgroup version 1, or a delegated
subtree of version 2, for example
  systemd-run --user --scope -p Delegate=yes cargo xtask test-oom

Exit codes: 0 permits held, or it may not run here or nothing is proven (it says so); 1 they
did not, or in three runs nobody was killed without them; 130 Ctrl-C."
)]
pub(crate) struct Arguments {
    /// Runs of each arm; a run takes about eight seconds with two cores, and a killed one about one.
    #[arg(long, value_name = "N", default_value = "20", value_parser = parse_count)]
    runs: NonZeroUsize,
    /// Limit of the group, 384 MiB to 1 GiB; the images grow with it. With less, what the
    /// allocator may keep is more than the part of the limit that is left to it.
    #[arg(long, value_name = "SIZE", default_value = "512 MiB", value_parser = parse_limit)]
    limit: ByteSize,
    /// Jobs of one run.
    #[arg(long, value_name = "N", default_value = "12", value_parser = parse_count)]
    jobs: NonZeroUsize,
    /// Seed of the first run; the next one has the next seed. Arms share it.
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
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
        help = "The JSON result [default: target/safelight/test_oom_<UTC time>.json]"
    )]
    output: Option<PathBuf>,
    /// Print the table as Markdown.
    #[arg(long)]
    markdown: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<Status> {
    if let Some(output) = &arguments.output {
        report_file::check(output)?;
    }
    let interrupted = watch_for_ctrl_c()?;
    match Stage::set(arguments.limit) {
        Ok(stage) => arguments.play(&stage, &interrupted),
        Err(refusal) => {
            say(format_args!("SKIPPED: cargo xtask test-oom: {refusal}"));
            Ok(if arguments.require { Status::Failed } else { Status::Ok })
        }
    }
}

impl Arguments {
    fn play(&self, stage: &Stage, interrupted: &AtomicBool) -> Result<Status> {
        let mut environment = Environment::read();
        let cpu_times = CpuTimes::read();
        let bar = self.bar();
        let files = Files::make(self.limit, &bar, interrupted)?;
        let runs = self.run_all(stage, &files, &bar, interrupted)?;
        bar.finish();
        environment.add_run(&cpu_times);
        let verdict = Verdict::of(&runs);
        let is_interrupted = interrupted.load(Relaxed);
        let created = now();
        let document = Document {
            kind: "safelight.test_oom".to_owned(),
            schema_version: document::SCHEMA_VERSION,
            created_utc: created.to_string(),
            environment,
            interrupted: is_interrupted,
            scenario: self.scenario_row(stage),
            arms: document::summaries(&runs),
            verdict: verdict.to_string(),
            passed: verdict.is_passed(),
            runs,
        };
        println!("{}", render::render(&document, self.markdown));
        let name =
            || default_dir().join(format!("test_oom_{}.json", file_stamp(created)));
        let path = self.output.clone().unwrap_or_else(name);
        report_file::write_json(&path, &document)?;
        say(format_args!("result: {}", path.display()));
        Ok(match is_interrupted {
            true => Status::Interrupted,
            false if verdict.is_failed() => Status::Failed,
            false => Status::Ok,
        })
    }

    /// Runs the arms in turn, so that what changes on the machine meets all of them.
    fn run_all(
        &self,
        stage: &Stage,
        files: &Files,
        bar: &Bar,
        interrupted: &AtomicBool,
    ) -> Result<Vec<RunRow>> {
        let mut rows = Vec::new();
        for run_idx in 0..self.runs.get() {
            for arm in self.arms() {
                if interrupted.load(Relaxed) {
                    return Ok(rows);
                }
                bar.set_message(format!("run {}, {arm}", run_idx + 1));
                let scenario = Scenario {
                    arm,
                    limit_bytes: self.limit.bytes(),
                    seed: self.seed.wrapping_add(run_idx as u64),
                    n_jobs: self.jobs.get(),
                    photos: files.photos.clone(),
                    preview: files.preview.clone(),
                };
                rows.extend(trial::run(&stage.place, &scenario, interrupted)?);
                bar.inc(1);
            }
        }
        Ok(rows)
    }

    fn arms(&self) -> Vec<Arm> {
        let is_wanted = |arm: &Arm| self.arm.is_empty() || self.arm.contains(arm);
        Arm::ALL.into_iter().filter(is_wanted).collect()
    }

    fn scenario_row(&self, stage: &Stage) -> ScenarioRow {
        ScenarioRow {
            limit_bytes: self.limit.bytes(),
            cache_limit_bytes: scenario::cache_limit(self.limit).bytes(),
            usable_share: keeper::usable().get(),
            n_jobs: self.jobs.get() as u64,
            seed: self.seed,
            cgroup_version: stage.place.version.number(),
            cgroup: stage.place.folder.display().to_string(),
        }
    }

    fn bar(&self) -> Bar {
        let n_runs = self.runs.get() * self.arms().len();
        Bar::new("test-oom", n_runs as u64)
    }
}

/// Sets a flag on Ctrl-C; the run that goes on is then ended and cleaned up.
pub(crate) fn watch_for_ctrl_c() -> Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    let told = ctrlc::set_handler(move || {
        if !flag.swap(true, Relaxed) {
            say("stopping: the figures so far come next");
        }
    });
    told.context("cannot watch for Ctrl-C")?;
    Ok(interrupted)
}

fn parse_limit(text: &str) -> Result<ByteSize, String> {
    let limit: ByteSize = text.parse().map_err(|error| format!("{error}"))?;
    let allowed = ByteSize::mib(384)..=ByteSize::gib(1);
    if allowed.contains(&limit) {
        return Ok(limit);
    }
    Err(format!("{limit} is not within {} to {}", allowed.start(), allowed.end()))
}

#[cfg(test)]
mod tests;
