//! Synthetic jobs, from seeds.

/// Numbers from 0 to 1, by Marsaglia's xorshift64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Makes the sequence of a seed.
    pub fn new(seed: u64) -> Self {
        let mut random = Self(0x9E37_79B9_7F4A_7C15 ^ (seed + 1));
        (0..50).for_each(|_| {
            random.next();
        });
        random
    }

    /// Returns the next number.
    #[expect(
        clippy::should_implement_trait,
        reason = "it never ends, so it is no iterator"
    )]
    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// How the items of a job come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All take about the same.
    Constant,
    /// The first ones take 2 to 10 times as long.
    WarmUp,
    /// One of them takes 10 s to a minute.
    Stall,
    /// Series of 10 to 100 are fast, or 3 to 20 times as slow.
    Bimodal,
    /// Some take very long.
    HeavyTail,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Constant, Self::WarmUp, Self::Stall, Self::Bimodal, Self::HeavyTail];

    /// Returns its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::WarmUp => "warm-up",
            Self::Stall => "stall",
            Self::Bimodal => "bimodal",
            Self::HeavyTail => "heavy tail",
        }
    }
}

/// When each item of a job ends, in seconds since its start.
///
/// The seed draws the parameters as well, and a job takes one to four minutes. The constants
/// of the estimate were chosen on the traces of the crate's `tests/eta.rs`, which have one set
/// of parameters for each kind: these are others.
#[derive(Clone, Debug)]
pub struct Trace {
    ends: Vec<f64>,
}

impl Trace {
    /// Items of each job.
    pub const N_ITEMS: u64 = 600;

    /// Makes the job of a seed.
    pub fn new(kind: Kind, seed: u64) -> Self {
        let mut random = Random::new(seed + 1000);
        let length = log_uniform(60.0, 240.0, &mut random);
        let noise = uniform(0.1, 0.6, &mut random);
        let mut weight = weights(kind, &mut random);
        let mut weights = Vec::new();
        for idx in 0..Self::N_ITEMS {
            let noise = uniform(1.0 - noise, 1.0 + noise, &mut random);
            weights.push(noise * weight(idx, &mut random));
        }
        let scale = length / weights.iter().sum::<f64>();
        let (mut end, stalls_at) = (0.0, uniform(0.2, 0.8, &mut random));
        let stall = log_uniform(10.0, 60.0, &mut random);
        let stalls_at = (stalls_at * Self::N_ITEMS as f64) as usize;
        let ends = weights.into_iter().enumerate().map(|(idx, weight)| {
            let is_stalled = kind == Kind::Stall && idx == stalls_at;
            end += if is_stalled { stall } else { weight * scale };
            end
        });
        Self { ends: ends.collect() }
    }

    /// Returns how long the job takes, in seconds.
    pub fn length(&self) -> f64 {
        self.ends.last().copied().unwrap_or(0.0)
    }

    /// Returns how many items are done at a moment.
    pub fn n_done(&self, elapsed: f64) -> u64 {
        self.ends.partition_point(|end| *end <= elapsed) as u64
    }

    /// Returns when each item ends.
    pub fn ends(&self) -> &[f64] {
        &self.ends
    }
}

/// How long the item at a place takes beside the others.
type Weight = Box<dyn FnMut(u64, &mut Random) -> f64>;

/// Draws the parameters of a job; returns how long an item takes beside the others.
fn weights(kind: Kind, random: &mut Random) -> Weight {
    match kind {
        Kind::Constant | Kind::Stall => Box::new(|_, _| 1.0),
        Kind::WarmUp => {
            let slower = log_uniform(2.0, 10.0, random);
            let warm_after = uniform(0.03, 0.4, random) * Trace::N_ITEMS as f64;
            let cold = move |idx| (-(idx as f64) / warm_after).exp();
            Box::new(move |idx: u64, _| 1.0 + (slower - 1.0) * cold(idx))
        }
        Kind::Bimodal => {
            let n_alike = log_uniform(10.0, 100.0, random) as u64;
            let slow = log_uniform(3.0, 20.0, random);
            let mut is_slow = false;
            Box::new(move |idx, random| {
                if idx.is_multiple_of(n_alike) {
                    is_slow = random.next() < 0.5;
                }
                if is_slow { slow } else { 1.0 }
            })
        }
        Kind::HeavyTail => {
            let exponent = uniform(1.2, 2.5, random);
            Box::new(move |_, random| (1.0 - random.next()).powf(-1.0 / exponent))
        }
    }
}

fn uniform(low: f64, high: f64, random: &mut Random) -> f64 {
    low + (high - low) * random.next()
}

fn log_uniform(low: f64, high: f64, random: &mut Random) -> f64 {
    uniform(low.ln(), high.ln(), random).exp()
}
