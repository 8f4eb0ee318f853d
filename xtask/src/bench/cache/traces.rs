//! Traces played to our cache and to its peers, and what ours saves beside the best of them.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use anyhow::{Context, Result};
use comfy_table::CellAlignment;
use safelight_benches::{
    cache_contest::report::{Kind, Outcome, Play},
    cache_trace::{Limits, Setting, Trace, settings},
    duel::Verdict,
};
use safelight_core::ByteSize;
use schemars::JsonSchema;
use serde::Serialize;

use super::{super::arms::Programs, scores::percent, with_reasons};
use crate::{
    progress::Bar,
    status::{UsageError, describe},
    table::styled,
};

/// The program that has all caches in it.
pub(super) const PROGRAM: &str = "contest";

/// Our default, which is the one that is compared.
const OURS: &str = "safelight cost-aware";

/// What ours has to save, as a multiple of the best peer.
const MAIN: (&str, f64) = ("synthetic 256 MiB/400", 1.2);
const ANY_OTHER: f64 = 0.97;
const MEAN: f64 = 1.05;

/// A trace of the user, in which nothing is wrong.
pub(super) struct UserTrace {
    path: PathBuf,
    limits: Limits,
    /// What the setting is called.
    name: String,
}

/// The plays of a contest, in the order of the settings.
pub(super) struct Contest {
    pub(super) plays: Vec<Play>,
    settings: Vec<String>,
    /// Why there are not all of them.
    failure: Option<String>,
}

/// The time that our cache saves, beside the best peer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Gain")]
pub(in super::super) struct Row {
    /// The setting, or `mean of all`.
    setting: String,
    ours_share: Option<f64>,
    best_peer: Option<String>,
    best_peer_share: Option<f64>,
    /// Ours as a multiple of the best peer's; plays are exact, so there is no interval.
    ratio: Option<f64>,
    /// What the ratio should be at least.
    target: f64,
    pub(super) verdict: &'static str,
    /// Why there is no figure.
    reason: Option<String>,
}

impl UserTrace {
    /// Reads the file, so that an error in it is told before anything is built.
    pub(super) fn read(
        path: &Path,
        bytes: ByteSize,
        entries: NonZeroUsize,
    ) -> Result<Self> {
        let wrong = |error: &dyn std::error::Error| {
            UsageError(format!("{}: {}", path.display(), describe(error)))
        };
        let file = File::open(path).map_err(|error| wrong(&error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let trace = Trace::from_csv(&name, file).map_err(|error| wrong(&error))?;
        let limits = Limits { bytes, entries };
        let name = Setting::new(Arc::new(trace), limits).name;
        Ok(Self { path: path.to_owned(), limits, name })
    }
}

/// Plays all settings, or the trace of the user.
pub(super) fn run(programs: &Programs, trace: Option<&UserTrace>) -> Contest {
    let settings = match trace {
        Some(trace) => vec![trace.name.clone()],
        None => settings().into_iter().map(|setting| setting.name).collect(),
    };
    let mut plays = Vec::new();
    let played = play(programs, trace, &settings, &mut plays);
    let failure = played.err().map(|error| format!("{error:#}"));
    Contest { plays, settings, failure }
}

/// Collects what the program prints, also where it fails later.
fn play(
    programs: &Programs,
    trace: Option<&UserTrace>,
    settings: &[String],
    plays: &mut Vec<Play>,
) -> Result<()> {
    let bar = Bar::new("traces", settings.len() as u64);
    let mut command = Command::new(programs.path(PROGRAM)?);
    if let Some(UserTrace { path, limits, .. }) = trace {
        let (bytes, entries) = (limits.bytes.bytes(), limits.entries);
        command.arg(path).args([bytes.to_string(), entries.to_string()]);
    }
    let mut process = command.stdout(Stdio::piped()).spawn()?;
    let output = process.stdout.take().context("the contest has no output")?;
    let collected: io::Result<()> = BufReader::new(output).lines().try_for_each(|line| {
        let play = Play::read(&line?)?;
        let position = settings.iter().position(|name| *name == play.setting);
        bar.set_position(position.unwrap_or(0) as u64);
        bar.set_message(format!("{}, {}", play.setting, play.contestant));
        plays.push(play);
        Ok(())
    });
    // What it prints is not read any more, so that it ends in any case.
    let status = process.wait()?;
    bar.finish();
    collected.context("the contest printed what is no play")?;
    anyhow::ensure!(status.success(), "the contest ended with {status}");
    Ok(())
}

/// Compares ours with the best peer in each setting, and on average.
pub(super) fn judge(contest: &Contest) -> Vec<Row> {
    let one = |setting: &String| {
        let plays = contest.plays.iter().filter(|play| play.setting == *setting);
        let target = if setting == MAIN.0 { MAIN.1 } else { ANY_OTHER };
        match &contest.failure {
            None => gain(plays).map_or_else(
                |reason| Row::unresolved(setting, target, reason),
                |gain| Row::new(setting, target, gain),
            ),
            Some(reason) => Row::unresolved(setting, target, reason.clone()),
        }
    };
    let mut rows: Vec<Row> = contest.settings.iter().map(one).collect();
    if 1 < rows.len() {
        rows.push(mean(&rows));
    }
    rows
}

/// Our share, and the name and the share of the best peer.
type Gain<'a> = (f64, &'a str, f64);

/// Compares the plays of one setting, or says why that cannot be done.
fn gain<'a>(plays: impl Iterator<Item = &'a Play>) -> Result<Gain<'a>, String> {
    let mut ours = None;
    let mut best: Option<(&str, f64)> = None;
    for play in plays {
        let is_ours = play.contestant == OURS;
        if !is_ours && play.kind != Kind::Peer {
            continue;
        }
        let name = play.contestant.as_str();
        if let Outcome::Failure(reason) = &play.outcome {
            return Err(format!("{name}: {reason}"));
        }
        let saved = play.score().map_or(0.0, |score| score.saved_share().get());
        if is_ours {
            ours = Some(saved);
        } else if best.is_none_or(|(_, most)| most < saved) {
            best = Some((name, saved));
        }
    }
    match (ours, best) {
        (Some(0.0), Some((_, 0.0))) => Err("nobody saves any time".to_owned()),
        (Some(ours), Some((name, most))) => Ok((ours, name, most)),
        _ => Err("not everybody took part".to_owned()),
    }
}

fn mean(rows: &[Row]) -> Row {
    const NAME: &str = "mean of all";

    let ratios: Option<Vec<f64>> = rows.iter().map(|row| row.ratio).collect();
    let Some(ratios) = ratios else {
        return Row::unresolved(NAME, MEAN, "a setting has no figure".to_owned());
    };
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    Row {
        ratio: Some(mean),
        verdict: at_least(mean, MEAN),
        reason: None,
        ..Row::unresolved(NAME, MEAN, String::new())
    }
}

/// Judges an exact figure.
fn at_least(value: f64, target: f64) -> &'static str {
    if target <= value { Verdict::Met.name() } else { Verdict::Missed.name() }
}

impl Row {
    fn new(setting: &str, target: f64, (ours, best_peer, most): Gain<'_>) -> Self {
        let ratio = ours / most;
        Self {
            setting: setting.to_owned(),
            ours_share: Some(ours),
            best_peer: Some(best_peer.to_owned()),
            best_peer_share: Some(most),
            ratio: Some(ratio),
            target,
            verdict: at_least(ratio, target),
            reason: None,
        }
    }

    fn unresolved(setting: &str, target: f64, reason: String) -> Self {
        Self {
            setting: setting.to_owned(),
            ours_share: None,
            best_peer: None,
            best_peer_share: None,
            ratio: None,
            target,
            verdict: "unresolved",
            reason: Some(reason),
        }
    }
}

/// Draws the table of gains.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "setting",
        "ours",
        "best peer",
        "theirs",
        "ratio",
        "target",
        "verdict",
    ]);
    for row in rows {
        let ratio = row.ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.3}x"));
        table.add_row([
            row.setting.clone(),
            percent(row.ours_share),
            row.best_peer.clone().unwrap_or_else(|| "-".to_owned()),
            percent(row.best_peer_share),
            ratio,
            format!(">= {:.2}x", row.target),
            row.verdict.to_owned(),
        ]);
    }
    for idx in [1, 3, 4, 5] {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let reasons = rows.iter().map(|row| (row.setting.as_str(), row.reason.as_deref()));
    with_reasons(&table, reasons)
}

#[cfg(test)]
mod tests;
