//! How right and how steady the time left is.

use std::{
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use comfy_table::CellAlignment;
use safelight_benches::progress::{
    pause,
    time_left::{N_SEEDS, Score, indicatif, indicatif_takes, mean_of_all, ours, rich},
    trace::Kind,
};
use safelight_core::{Clock, SystemClock};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{progress::Bar, table::styled};

/// What was said of the time left of a kind of jobs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TimeLeft")]
pub(in super::super) struct Row {
    /// The jobs; `all` is the mean of the kinds.
    jobs: &'static str,
    n_jobs: u64,
    ours: Said,
    /// indicatif itself, in real time.
    indicatif: Said,
    /// The formula of rich, which is held to recordings of it.
    rich: Said,
    /// The mean since the beginning.
    mean_of_all: Said,
    pub(super) verdict: &'static str,
}

/// How right and how steady it is.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[schemars(rename = "Said")]
struct Said {
    /// How far the end is off, as a part of the job's time: the median of the looks.
    error_share: f64,
    /// How much the end moves in a second: the mean.
    jitter_s: f64,
}

impl From<Score> for Said {
    fn from(score: Score) -> Self {
        Self { error_share: score.error, jitter_s: score.jitter }
    }
}

/// The replay, which goes on in the background.
pub(super) struct Replay {
    thread: JoinHandle<Result<Vec<Row>>>,
    begun: Instant,
}

impl Replay {
    pub(super) fn start() -> Self {
        Self { thread: thread::spawn(run), begun: SystemClock.now() }
    }

    /// Waits for its end, with a bar over the time that it takes.
    pub(super) fn wait(self) -> Result<Vec<Row>> {
        let all = indicatif_takes().as_secs();
        let bar = Bar::new("indicatif follows jobs in real time, seconds", all);
        while !self.thread.is_finished() {
            let elapsed = SystemClock.now().saturating_duration_since(self.begun);
            bar.set_position(elapsed.as_secs().min(all));
            pause(Duration::from_millis(200));
        }
        bar.set_position(all);
        bar.finish();
        self.thread.join().map_err(|_| anyhow!("a replay panicked"))?
    }
}

/// Asks on each kind of jobs; takes as long as the longest job.
fn run() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (kind, theirs) in indicatif() {
        rows.push(Row {
            jobs: kind.name(),
            n_jobs: N_SEEDS,
            ours: ours(kind)?.into(),
            indicatif: theirs.into(),
            rich: rich(kind).into(),
            mean_of_all: mean_of_all(kind).into(),
            verdict: "-",
        });
    }
    let mean = |of: fn(&Row) -> Said| {
        let mean = |part: fn(&Said) -> f64| {
            rows.iter().map(|row| part(&of(row))).sum::<f64>() / rows.len() as f64
        };
        Said {
            error_share: mean(|said| said.error_share),
            jitter_s: mean(|said| said.jitter_s),
        }
    };
    rows.push(Row {
        jobs: "all",
        n_jobs: N_SEEDS * Kind::ALL.len() as u64,
        ours: mean(|row| row.ours),
        indicatif: mean(|row| row.indicatif),
        rich: mean(|row| row.rich),
        mean_of_all: mean(|row| row.mean_of_all),
        verdict: "-",
    });
    Ok(rows)
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "jobs",
        "ours: error",
        "jitter",
        "indicatif: error",
        "jitter",
        "rich: error",
        "jitter",
        "mean of all: error",
        "jitter",
    ]);
    for row in rows {
        let mut cells = vec![row.jobs.to_owned()];
        for said in [row.ours, row.indicatif, row.rich, row.mean_of_all] {
            cells.push(format!("{:.1} %", said.error_share * 100.0));
            cells.push(format!("{:.2} s", said.jitter_s));
        }
        table.add_row(cells);
    }
    for idx in 1..=8 {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
