use std::time::Duration;

mod expert;
mod passed;
#[cfg(test)]
mod tests;

use self::expert::Expert;
pub(crate) use self::passed::Passed;

/// Memories of the experts as parts of the time so far; the last one forgets nothing.
const MEMORIES: [f64; 5] = [0.08, 0.15, 0.3, 0.6, f64::INFINITY];
/// No memory is shorter, in seconds.
const SHORTEST_MEMORY: f64 = 15.0;
/// Memory of the rate that is shown.
const SHOWN_MEMORY: f64 = 2.0;
/// How fast an expert loses trust with its error.
const LEARNING_RATE: f64 = 3.0;
/// The part of all trust that is shared anew at each judgment, so that none is lost.
const FIXED_SHARE: f64 = 0.03;
/// Time between two judgments, as a part of the time so far.
const JUDGE_AFTER: f64 = 0.3;
/// Memory of the low pass for the end, as a part of the time left, and of that so far.
const INERTIA: f64 = 0.15;
const INERTIA_SO_FAR: f64 = 0.05;
/// Looks are taken together for so long, as a part of the time so far, and in seconds: it is
/// much shorter than any memory, and looks at many trackers cost less.
const GRAIN: f64 = 0.05;
const LONGEST_GRAIN: f64 = 1.0;

/// Estimates rate and end of one job from looks at its count.
///
/// Five means say how fast it goes, whose memories grow with the job: what was long ago for
/// a job of a minute is recent for one of a day. Each is judged now and then by what it
/// foretold at the judgment before, and they are mixed by trust: the exponentially weighted
/// forecaster (Cesa-Bianchi and Lugosi, "Prediction, Learning, and Games", 2006, chapter 2)
/// with the fixed share of Herbster and Warmuth ("Tracking the Best Expert", 1998), which
/// lets a distrusted expert come back when the job changes.
/// The end that results goes through a low pass, so that it does not jump about.
/// The constants were chosen on the traces of `tests/eta.rs`; the bench scores others.
#[derive(Clone, Debug)]
pub(crate) struct Estimate {
    experts: [Expert; MEMORIES.len()],
    shown: Expert,
    /// The time so far, as far as the experts know it.
    elapsed: f64,
    n_done: f64,
    /// What came since then, and for how long.
    n_new: u64,
    new_secs: f64,
    judged_at: f64,
    n_at_judgment: f64,
    /// When it ends, in seconds of `elapsed`, after the low pass.
    end: Option<f64>,
    /// How many were left when the experts learned, and at the latest look.
    n_left: f64,
    n_left_now: Option<u64>,
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            experts: MEMORIES.map(|_| Expert::default()),
            shown: Expert::default(),
            elapsed: 0.0,
            n_done: 0.0,
            n_new: 0,
            new_secs: 0.0,
            judged_at: 0.0,
            n_at_judgment: 0.0,
            end: None,
            n_left: f64::INFINITY,
            n_left_now: None,
        }
    }
}

impl Estimate {
    /// Takes one look: so many more in so much time, and so many that are left.
    pub(crate) fn step(&mut self, n: u64, passed: &Passed, n_left: Option<u64>) {
        let expected = self.n_left_now.map(|n_left| n_left.saturating_sub(n));
        self.n_left_now = n_left;
        let took = passed.secs();
        // How long that took is not known: it is what was there at the first look.
        if took <= 0.0 {
            return;
        }
        self.n_new += n;
        self.shown.learn(n as f64, took, SHOWN_MEMORY, passed.kept_of_shown());
        self.new_secs += took;
        // The first ones, and a total that changed, show at once.
        let is_news = expected != n_left || self.end.is_none() && n_left.is_some();
        if is_news || (GRAIN * self.elapsed).min(LONGEST_GRAIN) <= self.new_secs {
            self.learn();
        }
    }

    /// Lets the experts know what came since they learned.
    fn learn(&mut self) {
        let n = std::mem::take(&mut self.n_new) as f64;
        let took = std::mem::take(&mut self.new_secs);
        self.elapsed += took;
        self.n_done += n;
        for (expert, part) in self.experts.iter_mut().zip(MEMORIES) {
            let memory = (part * self.elapsed).max(SHORTEST_MEMORY);
            expert.learn(n, took, memory, (-took / memory).exp());
        }
        self.judge();
        self.foretell(n, took);
    }

    /// Returns how much was done in a second lately.
    pub(crate) fn rate(&self) -> f64 {
        self.shown.rate()
    }

    /// Returns the time that is left, once anything can be said.
    pub(crate) fn left(&self) -> Option<Duration> {
        if self.n_left_now == Some(0) {
            return Some(Duration::ZERO);
        }
        let so_far = self.elapsed + self.new_secs;
        Duration::try_from_secs_f64((self.end? - so_far).max(0.0)).ok()
    }

    /// Compares what was foretold with what came, and moves trust to who was right.
    fn judge(&mut self) {
        let since = self.elapsed - self.judged_at;
        if since < (self.elapsed * JUDGE_AFTER).max(1.0) {
            return;
        }
        let came = self.n_done - self.n_at_judgment;
        let mut sum = 0.0;
        for expert in &mut self.experts {
            sum += expert.judge(came, since, LEARNING_RATE);
        }
        let share = FIXED_SHARE / MEMORIES.len() as f64;
        for expert in &mut self.experts {
            expert.trust = expert.trust / sum * (1.0 - FIXED_SHARE) + share;
            expert.foretell();
        }
        self.judged_at = self.elapsed;
        self.n_at_judgment = self.n_done;
    }

    /// Returns the mixture of the experts' rates, as seconds for each item.
    fn mixed_pace(&self) -> f64 {
        let sum: f64 = self.experts.iter().map(|expert| expert.trust).sum();
        let rates = self.experts.iter().map(|expert| expert.trust * expert.rate());
        sum / rates.sum::<f64>()
    }

    fn foretell(&mut self, n: f64, took: f64) {
        // A total that grew or shrank moves the end at once.
        let expected_left = self.n_left - n;
        self.n_left = self.n_left_now.map_or(f64::INFINITY, |n_left| n_left as f64);
        if self.n_done <= 0.0 || !self.n_left.is_finite() {
            self.end = None;
            return;
        }
        let pace = self.mixed_pace();
        let fresh = self.elapsed + self.n_left * pace;
        let jump =
            if expected_left.is_finite() { self.n_left - expected_left } else { 0.0 };
        self.end = Some(match self.end {
            None => fresh,
            Some(end) => {
                let end = end + jump * pace;
                let inertia =
                    (INERTIA * (fresh - self.elapsed)).min(INERTIA_SO_FAR * self.elapsed);
                let weight = 1.0 - (-took / inertia.max(1e-9)).exp();
                end + (fresh - end) * weight
            }
        });
    }
}
