//! The time left on synthetic traces, beside three simpler ways to tell it.
//!
//! `cargo test -p safelight-progress-monitor --test eta -- --nocapture` prints the table.
//!
//! indicatif asks the system for the time inside of its estimator, so it cannot be driven
//! by a virtual clock. What stands here is the formula of its version 0.18, written anew: a
//! double exponential mean that keeps a tenth after 15 s. A run of indicatif itself belongs
//! into a bench.

use std::time::Duration;

use safelight_core::{Clock, ManualClock};
use safelight_progress_monitor::{Collector, Config, Monitor, Reading};

/// Time between two looks, in seconds.
const LOOK: f64 = 0.5;
const N_ITEMS: usize = 600;
const N_SEEDS: u64 = 20;

/// Numbers from 0 to 1, by Marsaglia's xorshift64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// How long each item takes, in seconds.
fn trace(name: &str, seed: u64) -> Vec<f64> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (seed + 1));
    (0..50).for_each(|_| {
        random.next();
    });
    let mut is_slow = false;
    let item = |idx: usize| {
        let noise = 0.8 + 0.4 * random.next();
        match name {
            "warm-up" => 0.2 * noise * (1.0 + 4.0 * (-(idx as f64) / 60.0).exp()),
            "stall" if idx == N_ITEMS / 2 => 30.0,
            "constant" | "stall" => 0.2 * noise,
            "bimodal" => {
                if idx.is_multiple_of(30) {
                    is_slow = random.next() < 0.5;
                }
                noise * if is_slow { 0.5 } else { 0.05 }
            }
            "heavy tail" => 0.07 / (1.0 - random.next()).powf(1.0 / 1.5),
            _ => unreachable!("one of the five"),
        }
    };
    (0..N_ITEMS).map(item).collect()
}

/// Says how long it takes still, from looks at the count.
trait Estimator {
    fn look(&mut self, n_done: u64, elapsed: f64) -> Option<f64>;
}

struct Ours {
    clock: ManualClock,
    tracker: safelight_progress_monitor::Tracker,
    collector: Collector,
}

impl Ours {
    fn new() -> Self {
        let clock = ManualClock::new();
        let monitor = Monitor::with_clock(clock.clone());
        let tracker = monitor.tracker("job");
        tracker.set_total(N_ITEMS as u64);
        let mut collector = Collector::new(&monitor, Config::default())
            .expect("the defaults can be meant");
        collector.step(clock.now(), &Reading::default());
        Self { clock, tracker, collector }
    }
}

impl Estimator for Ours {
    fn look(&mut self, n_done: u64, _: f64) -> Option<f64> {
        self.clock.advance(Duration::from_secs_f64(LOOK));
        self.tracker.add(n_done - self.tracker.n_done());
        let frame = self.collector.step(self.clock.now(), &Reading::default());
        frame.trackers[0].eta.map(|eta| eta.as_secs_f64())
    }
}

/// The mean since the beginning.
struct Mean;

impl Estimator for Mean {
    fn look(&mut self, n_done: u64, elapsed: f64) -> Option<f64> {
        let n_left = N_ITEMS as f64 - n_done as f64;
        (0 < n_done).then(|| elapsed / n_done as f64 * n_left)
    }
}

/// What was done in the last ten seconds.
#[derive(Default)]
struct Recent(Vec<u64>);

impl Estimator for Recent {
    fn look(&mut self, n_done: u64, _: f64) -> Option<f64> {
        self.0.push(n_done);
        let n_looks = self.0.len().min(21);
        let before = self.0[self.0.len() - n_looks];
        let rate = (n_done - before) as f64 / ((n_looks - 1) as f64 * LOOK);
        (0.0 < rate).then(|| (N_ITEMS as f64 - n_done as f64) / rate)
    }
}

/// The formula of indicatif 0.18.
#[derive(Default)]
struct DoubleMean {
    once: f64,
    twice: f64,
    n_before: u64,
    before: f64,
}

impl Estimator for DoubleMean {
    fn look(&mut self, n_done: u64, elapsed: f64) -> Option<f64> {
        let weight = |age: f64| 0.1_f64.powf(age / 15.0);
        let total = 1.0 - weight(elapsed);
        if self.n_before < n_done {
            let took = elapsed - self.before;
            let rate = (n_done - self.n_before) as f64 / took;
            let kept = weight(took);
            self.once = self.once * kept + rate * (1.0 - kept);
            self.twice = self.twice * kept + self.once / total * (1.0 - kept);
            (self.n_before, self.before) = (n_done, elapsed);
        }
        let kept = weight(elapsed - self.before);
        let once = self.once * kept / total;
        let rate = (self.twice * kept + once * (1.0 - kept)) / total;
        (0.0 < rate).then(|| (N_ITEMS as f64 - n_done as f64) / rate)
    }
}

/// Error and jitter of one way on one trace, both as parts.
#[derive(Clone, Copy)]
struct Score {
    /// The median of what the end was off, of the time that the job takes.
    error: f64,
    /// How much the end moves in a second, in the mean, in seconds.
    jitter: f64,
}

fn score(trace: &[f64], estimator: &mut dyn Estimator) -> Score {
    let ends: Vec<f64> = trace
        .iter()
        .scan(0.0, |sum, took| {
            *sum += took;
            Some(*sum)
        })
        .collect();
    let length = ends[N_ITEMS - 1];
    let (mut errors, mut moves) = (Vec::new(), Vec::new());
    let mut foretold: Option<f64> = None;
    let n_looks = (0.95 * length / LOOK) as usize;
    for look_idx in 1..=n_looks {
        let elapsed = look_idx as f64 * LOOK;
        let n_done = ends.partition_point(|end| *end <= elapsed) as u64;
        let end = estimator.look(n_done, elapsed).map(|left| elapsed + left);
        if 0.05 * length <= elapsed {
            errors.push(end.map_or(1.0, |end| (end - length).abs() / length));
            let shift = end.zip(foretold).map(|(end, before)| (end - before).abs());
            moves.extend(shift.map(|shift| shift / LOOK));
        }
        foretold = end;
    }
    errors.sort_by(f64::total_cmp);
    let jitter = moves.iter().sum::<f64>() / moves.len() as f64;
    Score { error: errors[errors.len() / 2], jitter }
}

/// Returns the mean score over some traces of a kind.
fn mean_score(name: &str, make: impl Fn() -> Box<dyn Estimator>) -> Score {
    let scores = (0..N_SEEDS).map(|seed| score(&trace(name, seed), &mut *make()));
    let sum = scores.fold(Score { error: 0.0, jitter: 0.0 }, |sum, score| Score {
        error: sum.error + score.error,
        jitter: sum.jitter + score.jitter,
    });
    let n = N_SEEDS as f64;
    Score { error: sum.error / n, jitter: sum.jitter / n }
}

#[test]
fn the_time_left_is_right_and_steady() {
    type Make = fn() -> Box<dyn Estimator>;
    let ways: [(&str, Make); 4] = [
        ("ours", || Box::new(Ours::new())),
        ("formula of indicatif", || Box::new(DoubleMean::default())),
        ("mean of all", || Box::new(Mean)),
        ("last 10 s", || Box::new(Recent::default())),
    ];
    let kinds = ["constant", "warm-up", "stall", "bimodal", "heavy tail"];
    println!("error in % of the job's time, jitter in s the end moves each second");
    println!("{:12}{}", "", ways.map(|(name, _)| format!("{name:>24}")).concat());
    let mut means = [Score { error: 0.0, jitter: 0.0 }; 4];
    for kind in kinds {
        let scores = ways.map(|(_, make)| mean_score(kind, make));
        let cells =
            scores.map(|s| format!("{:15.1} % {:5.2} s", s.error * 100.0, s.jitter));
        println!("{kind:12}{}", cells.concat());
        for (mean, score) in means.iter_mut().zip(scores) {
            mean.error += score.error / kinds.len() as f64;
            mean.jitter += score.jitter / kinds.len() as f64;
        }
        let [ours, theirs, ..] = scores;
        if kind == "warm-up" {
            // Here the shorter memory of the formula is better; ours trades that for calm.
            assert!(ours.error < 0.35, "{}", ours.error);
        } else {
            assert!(ours.error < 1.15 * theirs.error, "{kind}: {}", ours.error);
            assert!(ours.jitter < theirs.jitter, "{kind}: {}", ours.jitter);
        }
    }
    let cells = means.map(|s| format!("{:15.1} % {:5.2} s", s.error * 100.0, s.jitter));
    println!("{:12}{}", "all", cells.concat());
    let [ours, theirs, ..] = means;
    assert!(ours.error < 0.4 * theirs.error);
    assert!(ours.jitter < 4.0);
}
