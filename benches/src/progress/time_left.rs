//! What is said of the time left: how far it is off, and how much it jumps about.

use std::time::Duration;

use indicatif::ProgressBar;
use safelight_progress_monitor::{
    Clock, Collector, Config, ConfigError, ManualClock, Monitor, Reading, SystemClock,
};

use super::{
    pause,
    rich::Rich,
    trace::{Kind, Trace},
};

/// Jobs of each kind.
pub const N_SEEDS: u64 = 20;

/// The part of a job that is looked at.
const LOOKED_AT: f64 = 0.95;

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(500);

/// Time between two updates of a replay.
const UPDATE: Duration = Duration::from_millis(100);

/// What was said of jobs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// How far the end was off, as a part of the time that the job takes: the median of the
    /// looks, the mean of the jobs.
    pub error: f64,
    /// How much the end moves in a second, in seconds: the mean.
    pub jitter: f64,
}

impl Score {
    fn mean(scores: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| {
            scores.iter().map(of).sum::<f64>() / scores.len() as f64
        };
        Self { error: mean(|score| score.error), jitter: mean(|score| score.jitter) }
    }
}

/// What was said of one job, so far.
struct Said {
    length: f64,
    errors: Vec<f64>,
    moves: Vec<f64>,
    /// When it was said last, and which end.
    before: Option<(f64, f64)>,
}

impl Said {
    fn of(trace: &Trace) -> Self {
        Self {
            length: trace.length(),
            errors: Vec::new(),
            moves: Vec::new(),
            before: None,
        }
    }

    /// The first looks and the last ones do not count.
    fn add(&mut self, elapsed: f64, left: Option<f64>) {
        if LOOKED_AT * self.length < elapsed {
            return;
        }
        let end = left.map(|left| elapsed + left);
        if 0.05 * self.length <= elapsed {
            let off = end.map_or(1.0, |end| (end - self.length).abs() / self.length);
            self.errors.push(off);
            if let (Some(end), Some((at, before))) = (end, self.before) {
                self.moves.push((end - before).abs() / (elapsed - at));
            }
        }
        self.before = end.map(|end| (elapsed, end));
    }

    fn score(mut self) -> Score {
        self.errors.sort_by(f64::total_cmp);
        let error = self.errors.get(self.errors.len() / 2).copied().unwrap_or(f64::NAN);
        let jitter = self.moves.iter().sum::<f64>() / self.moves.len() as f64;
        Score { error, jitter }
    }
}

/// Lets our collector look at each job, in simulated time.
///
/// # Errors
///
/// Never, as the default configuration can be meant.
pub fn ours(kind: Kind) -> Result<Score, ConfigError> {
    let one = |seed| {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let tracker = monitor.tracker("job");
        tracker.set_total(Trace::N_ITEMS);
        let mut collector = Collector::new(&monitor, Config::default())?;
        collector.step(clock.now(), &Reading::default());
        Ok(simulate(&Trace::new(kind, seed), |n_done, _| {
            clock.advance(LOOK);
            tracker.add(n_done - tracker.n_done());
            let frame = collector.step(clock.now(), &Reading::default());
            frame.trackers[0].eta.map(|eta| eta.as_secs_f64())
        }))
    };
    let scores: Vec<Score> = (0..N_SEEDS).map(one).collect::<Result<_, _>>()?;
    Ok(Score::mean(&scores))
}

/// Does the same with the mean since the beginning.
pub fn mean_of_all(kind: Kind) -> Score {
    let one = |seed| {
        simulate(&Trace::new(kind, seed), |n_done, elapsed| {
            let n_left = (Trace::N_ITEMS - n_done) as f64;
            (0 < n_done).then(|| elapsed / n_done as f64 * n_left)
        })
    };
    Score::mean(&(0..N_SEEDS).map(one).collect::<Vec<_>>())
}

/// Does the same with the formula of rich, which is told of each item as it ends.
pub fn rich(kind: Kind) -> Score {
    let one = |seed| {
        let trace = Trace::new(kind, seed);
        let mut rich = Rich::new(Trace::N_ITEMS);
        let mut ends = trace.ends().iter().peekable();
        simulate(&trace, |_, elapsed| {
            while let Some(end) = ends.next_if(|end| **end <= elapsed) {
                rich.advance(*end, 1);
            }
            rich.left()
        })
    };
    Score::mean(&(0..N_SEEDS).map(one).collect::<Vec<_>>())
}

fn simulate(trace: &Trace, mut look: impl FnMut(u64, f64) -> Option<f64>) -> Score {
    let mut said = Said::of(trace);
    let n_looks = (LOOKED_AT * trace.length() / LOOK.as_secs_f64()) as u32;
    for look_idx in 1..=n_looks {
        let elapsed = f64::from(look_idx) * LOOK.as_secs_f64();
        said.add(elapsed, look(trace.n_done(elapsed), elapsed));
    }
    said.score()
}

/// One job that a bar of indicatif follows.
struct Replay {
    kind: Kind,
    trace: Trace,
    bar: ProgressBar,
    said: Said,
}

impl Replay {
    fn new(kind: Kind, seed: u64) -> Self {
        let trace = Trace::new(kind, seed);
        let bar = ProgressBar::hidden();
        bar.set_length(Trace::N_ITEMS);
        Self { kind, said: Said::of(&trace), trace, bar }
    }

    fn update(&self, elapsed: f64) {
        let n_done = self.trace.n_done(elapsed);
        if self.bar.position() < n_done {
            self.bar.set_position(n_done);
        }
    }

    fn look(&mut self, elapsed: f64) {
        // It says 0 as long as it knows nothing.
        let left = Some(self.bar.eta().as_secs_f64()).filter(|left| 0.0 < *left);
        self.said.add(elapsed, left);
    }
}

/// The jobs, each of a kind and with a seed.
fn jobs() -> impl Iterator<Item = (Kind, u64)> {
    let kinds = Kind::ALL.into_iter();
    kinds.flat_map(|kind| (0..N_SEEDS).map(move |seed| (kind, seed)))
}

/// Returns how long [`indicatif`](fn@indicatif) takes: nearly as long as the longest job.
pub fn indicatif_takes() -> Duration {
    let lengths = jobs().map(|(kind, seed)| Trace::new(kind, seed).length());
    Duration::from_secs_f64(LOOKED_AT * lengths.fold(0.0, f64::max))
}

/// Replays all jobs at once to bars of indicatif, in real time: it asks the system for the
/// time inside of its estimator. That takes [`indicatif_takes`].
pub fn indicatif() -> Vec<(Kind, Score)> {
    let longest = indicatif_takes().as_secs_f64();
    let mut replays: Vec<Replay> =
        jobs().map(|(kind, seed)| Replay::new(kind, seed)).collect();
    let begun = SystemClock.now();
    let n_updates_a_look = (LOOK.as_millis() / UPDATE.as_millis()) as u32;
    for update_idx in 1.. {
        pause((begun + UPDATE * update_idx).saturating_duration_since(SystemClock.now()));
        let elapsed = SystemClock.now().saturating_duration_since(begun).as_secs_f64();
        if longest < elapsed {
            break;
        }
        for replay in &replays {
            replay.update(elapsed);
        }
        if update_idx.is_multiple_of(n_updates_a_look) {
            for replay in &mut replays {
                replay.look(elapsed);
            }
        }
    }
    let mean = |kind| {
        let (of_kind, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut replays).into_iter().partition(|one| one.kind == kind);
        replays = rest;
        let scores = of_kind.into_iter().map(|replay| replay.said.score());
        (kind, Score::mean(&scores.collect::<Vec<_>>()))
    };
    Kind::ALL.into_iter().map(mean).collect()
}
