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
    /// The first ones take five times as long.
    WarmUp,
    /// One in the middle takes half a minute.
    Stall,
    /// Series of thirty are fast or slow.
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
#[derive(Clone, Debug)]
pub struct Trace {
    ends: Vec<f64>,
}

impl Trace {
    /// Items of each job.
    pub const N_ITEMS: u64 = 600;

    /// Makes the job of a seed.
    pub fn new(kind: Kind, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut is_slow = false;
        let mut end = 0.0;
        let end_of = |idx: u64| {
            let noise = 0.8 + 0.4 * random.next();
            end += match kind {
                Kind::WarmUp => 0.2 * noise * (1.0 + 4.0 * (-(idx as f64) / 60.0).exp()),
                Kind::Stall if idx == Self::N_ITEMS / 2 => 30.0,
                Kind::Constant | Kind::Stall => 0.2 * noise,
                Kind::Bimodal => {
                    if idx.is_multiple_of(30) {
                        is_slow = random.next() < 0.5;
                    }
                    noise * if is_slow { 0.5 } else { 0.05 }
                }
                Kind::HeavyTail => 0.07 / (1.0 - random.next()).powf(1.0 / 1.5),
            };
            end
        };
        Self { ends: (0..Self::N_ITEMS).map(end_of).collect() }
    }

    /// Returns how long the job takes, in seconds.
    pub fn length(&self) -> f64 {
        self.ends.last().copied().unwrap_or(0.0)
    }

    /// Returns how many items are done at a moment.
    pub fn n_done(&self, elapsed: f64) -> u64 {
        self.ends.partition_point(|end| *end <= elapsed) as u64
    }
}
