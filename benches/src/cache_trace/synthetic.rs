use std::time::Duration;

use safelight_core::ByteSize;

use super::{Request, Trace, random::Random};

/// Popularity drifts, and scans come, by the thousand requests.
const DRIFT_EVERY: usize = 1000;
const SCAN_EVERY: usize = 4000;

/// The requests that a service for images gets, drawn from a seed.
///
/// Sources are popular by Zipf's law. Of each, three objects are asked for: a thumbnail (tens
/// to hundreds of KiB, for a decode and a resize), the decoded image (up to 48 MiB, for a
/// decode) and the result of a validation (under 2 KiB, for a third of a decode).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Synthetic {
    /// Another seed gives another trace of the same kind.
    pub seed: u64,
    /// How long the trace is.
    pub n_requests: usize,
    /// How many images there are, scans apart.
    pub n_sources: usize,
    /// Exponent of Zipf's law: rank r is asked for `r^-skew` times as often as the first.
    pub skew: f64,
    /// Pairs of sources that trade their popularity within a thousand requests.
    pub drift: usize,
    /// Of 4000 requests, how many ask for decoded images that nobody asks for again.
    pub scan_len: usize,
    /// What making an object takes.
    pub costs: Costs,
}

/// What making an object takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Costs {
    /// As decoders do: 12 ns a pixel, more or less.
    Work,
    /// 4 ns a byte and 50 µs, so that no large object is worth more than another.
    PerByte,
    /// 10 ms for any, so that small objects are worth the most.
    Constant,
}

#[derive(Clone, Copy)]
enum Kind {
    Thumbnail,
    Image,
    Validation,
}

impl Default for Synthetic {
    /// The main trace.
    fn default() -> Self {
        Self {
            seed: 1,
            n_requests: 60_000,
            n_sources: 2000,
            skew: 0.85,
            drift: 20,
            scan_len: 400,
            costs: Costs::Work,
        }
    }
}

impl Synthetic {
    /// Draws the trace.
    pub fn trace(&self, name: &str) -> Trace {
        let mut random = Random::new(self.seed);
        let mut sources: Vec<usize> = (0..self.n_sources).collect();
        let ranks = Zipf::new(self.n_sources, self.skew);
        let mut n_scanned = 0;
        let mut draw = |idx: usize| {
            if idx.is_multiple_of(DRIFT_EVERY) {
                for _ in 0..self.drift {
                    let mut any = || random.index(self.n_sources);
                    sources.swap(any(), any());
                }
            }
            if SCAN_EVERY <= idx % SCAN_EVERY + self.scan_len {
                n_scanned += 1;
                return self.object(self.n_sources + n_scanned, Kind::Image);
            }
            let source = sources[ranks.draw(&mut random)];
            self.object(source, Kind::draw(&mut random))
        };
        let requests = (0..self.n_requests).map(&mut draw).collect();
        Trace { name: name.to_owned(), requests }
    }

    /// Returns the request for an object, which depends on nothing but the arguments.
    fn object(&self, source: usize, kind: Kind) -> Request {
        let source = source as u64;
        let mut random = Random::of(self.seed, source);
        // A median of 1.5 megapixels; the largest takes 48 MiB.
        let pixels = (1.5e6 * random.log_normal(0.9)).clamp(60e3, 16_777_216.0);
        let decode_ns = 12.0 * pixels * random.log_normal(0.25);
        let thumbnail = (110e3 * random.log_normal(0.5)).clamp(48e3, 768e3);
        let validation = 200 + random.index(1800) as u64;
        let (bytes, cost_ns) = match kind {
            Kind::Thumbnail => (thumbnail as u64, decode_ns + 3.0 * pixels),
            Kind::Image => (3 * pixels as u64, decode_ns),
            Kind::Validation => (validation, (decode_ns / 3.0).max(300e3)),
        };
        let cost_ns = match self.costs {
            Costs::Work => cost_ns,
            Costs::PerByte => 50e3 + 4.0 * bytes as f64,
            Costs::Constant => 10e6,
        };
        Request {
            key: 3 * source + kind as u64,
            bytes: ByteSize::from_bytes(bytes),
            cost: Duration::from_nanos(cost_ns as u64),
        }
    }
}

impl Kind {
    fn draw(random: &mut Random) -> Self {
        match random.unit() {
            at if at < 0.45 => Self::Thumbnail,
            at if at < 0.8 => Self::Image,
            _ => Self::Validation,
        }
    }
}

/// Ranks by Zipf's law, drawn through the table of their running sums.
struct Zipf {
    sums: Vec<f64>,
}

impl Zipf {
    fn new(n_ranks: usize, skew: f64) -> Self {
        let weights = (1..=n_ranks).map(|rank| (rank as f64).powf(-skew));
        let sums = weights.scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self { sums: sums.collect() }
    }

    fn draw(&self, random: &mut Random) -> usize {
        let last = self.sums.len() - 1;
        let at = random.unit() * self.sums[last];
        self.sums.partition_point(|sum| *sum <= at).min(last)
    }
}
