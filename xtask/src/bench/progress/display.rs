//! How soon the truth is shown, and how long a slow terminal holds workers up.

use std::time::Duration;

use comfy_table::CellAlignment;
use safelight_alloc::Span;
use safelight_benches::{
    duel::{LEVEL, Verdict},
    progress::{
        burst::{self, Shown},
        slow_sink::{self, Work},
        sparse,
    },
};
use safelight_progress_monitor::{ConfigError, Monitor};
use safelight_stats::Sample;
use schemars::JsonSchema;
use serde::Serialize;

use super::exact_verdict;
use crate::table::styled;

/// Bursts that are played to us.
const N_BURSTS: usize = 20;

/// Bursts that are played to each form of the peer, which makes us wait.
const N_PEER_BURSTS: usize = 3;

/// How much later than its interval a frame may show the truth.
const LATE: Duration = Duration::from_millis(10);

/// Runs with a slow terminal.
const N_SLOW_RUNS: usize = 3;

/// Updates after idleness: with so many the interval of their 99 % quantile has two ends.
const N_SPARSE: usize = 640;

/// Until such an update is shown.
const SOON: Duration = Duration::from_millis(1);

/// Updates that are looked at for allocations.
const N_ALLOCATIONS: u64 = 1_000_000;

/// One figure.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Display")]
pub(in super::super) struct Row {
    what: &'static str,
    of: &'static str,
    n_runs: u64,
    /// What stands in `value`: `worst`, `median`, `p99` or `count`.
    statistic: &'static str,
    /// `s`, or `allocations`.
    unit: &'static str,
    /// Nothing where the truth was never shown.
    value: Option<f64>,
    /// Of a quantile, the interval at 99 %.
    low: Option<f64>,
    high: Option<f64>,
    target: Option<f64>,
    pub(super) verdict: &'static str,
    /// What else is to be said of it.
    note: Option<String>,
}

impl Row {
    fn new(what: &'static str, of: &'static str, n_runs: usize) -> Self {
        Self {
            what,
            of,
            n_runs: n_runs as u64,
            statistic: "worst",
            unit: "s",
            value: None,
            low: None,
            high: None,
            target: None,
            verdict: "-",
            note: None,
        }
    }

    /// Judges the worst of the runs.
    fn judged(self, worst: Option<f64>, target: Duration) -> Self {
        let target = target.as_secs_f64();
        let is_met = worst.is_some_and(|worst| worst <= target);
        Self {
            value: worst,
            target: Some(target),
            verdict: exact_verdict(is_met),
            ..self
        }
    }
}

/// Plays all of it.
pub(super) fn run() -> Vec<Row> {
    let played = || -> Result<Vec<Row>, ConfigError> {
        let mut rows = vec![allocations()];
        rows.extend(bursts()?);
        rows.extend(slow_sinks()?);
        rows.extend(sparse_updates());
        Ok(rows)
    };
    played().unwrap_or_else(|error| {
        let row = Row::new("all", "ours", 0);
        vec![Row { verdict: "unresolved", note: Some(error.to_string()), ..row }]
    })
}

/// Counts the allocations of updates, after the first one.
fn allocations() -> Row {
    let tracker = Monitor::new().tracker("images");
    tracker.add(1);
    let ((), usage) = Span::measure(|| (0..N_ALLOCATIONS).for_each(|_| tracker.add(1)));
    let n_allocations = usage.allocations;
    Row {
        statistic: "count",
        unit: "allocations",
        value: Some(n_allocations as f64),
        target: Some(0.0),
        verdict: exact_verdict(n_allocations == 0),
        ..Row::new("a million updates, after the first one", "ours", 1)
    }
}

fn bursts() -> Result<Vec<Row>, ConfigError> {
    const WHAT: &str = "burst of 200 000 updates, then none: until the truth is shown";
    let ours = burst::ours(N_BURSTS)?;
    let mut rows = vec![burst_row(WHAT, "ours", &ours)];
    let beyond = |shown: &Shown| {
        shown.after.map(|after| after.saturating_sub(shown.interval).as_secs_f64())
    };
    let beyond: Option<Vec<f64>> = ours.iter().map(beyond).collect();
    let worst = beyond.map(|beyond| beyond.into_iter().fold(0.0, f64::max));
    let what = "the same, beyond the interval between two frames";
    rows.push(Row::new(what, "ours", ours.len()).judged(worst, LATE));
    for (of, ticker) in [
        ("indicatif", None),
        ("indicatif, ticker 100 ms", Some(Duration::from_millis(100))),
    ] {
        let shown: Vec<Shown> =
            (0..N_PEER_BURSTS).map(|_| burst::indicatif(ticker)).collect();
        rows.push(burst_row(WHAT, of, &shown));
    }
    Ok(rows)
}

fn burst_row(what: &'static str, of: &'static str, shown: &[Shown]) -> Row {
    let after: Option<Vec<f64>> =
        shown.iter().map(|shown| Some(shown.after?.as_secs_f64())).collect();
    let note = shown.iter().find(|shown| shown.after.is_none()).map(|shown| {
        let patience = burst::PATIENCE.as_secs();
        format!("{} of {} shown after {patience} s", shown.n_shown, shown.n_done)
    });
    let value = after.map(|after| after.into_iter().fold(0.0, f64::max));
    Row { value, note, ..Row::new(what, of, shown.len()) }
}

fn slow_sinks() -> Result<Vec<Row>, ConfigError> {
    const WHAT: &str = "a terminal that takes 30 ms a frame: workers held up";
    let ours: Vec<Work> =
        (0..N_SLOW_RUNS).map(|_| slow_sink::ours()).collect::<Result<_, _>>()?;
    let theirs: Vec<Work> = (0..N_SLOW_RUNS).map(|_| slow_sink::indicatif()).collect();
    let row = |of, runs: &[Work]| {
        let worst = runs.iter().max_by_key(|work| work.blocked);
        let note = worst.map(|work| {
            let Work { took, n_frames, .. } = work;
            format!("of {:.2} s, with {n_frames} frames", took.as_secs_f64())
        });
        let value = worst.map(|work| work.blocked.as_secs_f64());
        Row { value, note, ..Row::new(WHAT, of, runs.len()) }
    };
    let our_row = row("ours", &ours);
    let worst = our_row.value;
    Ok(vec![our_row.judged(worst, Duration::ZERO), row("indicatif", &theirs)])
}

fn sparse_updates() -> Vec<Row> {
    const WHAT: &str = "an update after idleness: until it is shown";
    let delays: Vec<f64> =
        sparse::delays(N_SPARSE).iter().map(Duration::as_secs_f64).collect();
    let Some(sample) = Sample::new(&delays) else { return Vec::new() };
    let row = |statistic, share| {
        let interval = sample.quantile_interval(share, LEVEL);
        Row {
            statistic,
            value: Some(sample.nearest_rank(share)),
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
            ..Row::new(WHAT, "ours", delays.len())
        }
    };
    let target = SOON.as_secs_f64();
    let p99 = row("p99", 0.99);
    let verdict = match sample.quantile_interval(0.99, LEVEL) {
        Some(interval) => Verdict::of(interval, target).name(),
        None => "unresolved",
    };
    vec![row("median", 0.5), Row { target: Some(target), verdict, ..p99 }]
}

/// Draws the table.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "what",
        "of",
        "runs",
        "statistic",
        "value",
        "99 % interval",
        "target",
        "verdict",
        "note",
    ]);
    for row in rows {
        let value = |value: Option<f64>| {
            value.map_or("-".to_owned(), |value| figure(value, row.unit))
        };
        let interval = if row.low.is_some() || row.high.is_some() {
            format!("{} to {}", value(row.low), value(row.high))
        } else {
            "-".to_owned()
        };
        table.add_row([
            row.what.to_owned(),
            row.of.to_owned(),
            row.n_runs.to_string(),
            row.statistic.to_owned(),
            row.value.map_or("never".to_owned(), |value| figure(value, row.unit)),
            interval,
            row.target.map_or("-".to_owned(), |_| format!("<= {}", value(row.target))),
            row.verdict.to_owned(),
            row.note.clone().unwrap_or_default(),
        ]);
    }
    for idx in [2, 4, 5, 6] {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

fn figure(value: f64, unit: &str) -> String {
    if unit == "s" {
        format!("{:.2} ms", value * 1e3)
    } else {
        format!("{value:.0} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Row, Shown, burst_row};

    #[test]
    fn the_worst_run_decides() {
        let verdict = |worst: Option<f64>| {
            Row::new("a", "ours", 3).judged(worst, Duration::from_millis(10)).verdict
        };
        assert_eq!(verdict(Some(0.010)), "met");
        assert_eq!(verdict(Some(0.011)), "missed");
        assert_eq!(verdict(None), "missed");
    }

    #[test]
    fn what_is_never_shown_has_no_time_and_a_note() {
        let shown = |after: Option<u64>| Shown {
            after: after.map(Duration::from_millis),
            n_shown: 95_648,
            n_done: 200_800,
            interval: Duration::from_millis(100),
        };
        let row = burst_row("a burst", "ours", &[shown(Some(20)), shown(Some(80))]);
        assert_eq!((row.value, row.note), (Some(0.08), None));
        let row = burst_row("a burst", "a peer", &[shown(Some(20)), shown(None)]);
        assert_eq!(row.value, None);
        assert_eq!(row.note.as_deref(), Some("95648 of 200800 shown after 3 s"));
    }
}
