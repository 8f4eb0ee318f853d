/// Who leaves when there is no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// The entry whose last use is longest ago, exactly.
    Lru,
    /// The entry that saves the least recomputation for the room that it takes.
    ///
    /// An entry is worth `frequency · cost / share`, where the frequency of its requests
    /// decays by half every 4 000 requests, the cost is the measured time of its load, and
    /// the share is that of the scarcer limit: `max(bytes / max_bytes, 1 / max_entries)`.
    /// A newcomer that is worth less than those who would have to leave is not kept; its
    /// frequency is remembered, so that it comes in once it was asked for often enough.
    /// Costs are wall times: where more threads load than there are cores, they all grow.
    ///
    /// The decay is that of Cormode and others, "Forward Decay" (ICDE 2009), so that ranks do
    /// not change while nothing is asked for; the worth is that of Cherkasova's GDSF (1998)
    /// with the share in place of the size.
    #[default]
    CostAware,
}

/// Requests after which a request counts for half.
const HALF_LIFE: f64 = 4000.0;

/// How often a key is asked for, decayed, as a logarithm to the base of two.
///
/// A request at time `t` weighs `2^(t / half-life)`, so later ones weigh more and what was
/// added up once stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Frequency(f64);

impl Frequency {
    /// Never asked for.
    pub(crate) const ZERO: Self = Self(f64::NEG_INFINITY);

    /// Adds `n` requests at the time `tick`, counted in requests; n is at least one.
    #[must_use]
    pub(crate) fn plus(self, n: u32, tick: u64) -> Self {
        let added = tick as f64 / HALF_LIFE + f64::from(n).log2();
        let (less, more) = if self.0 < added { (self.0, added) } else { (added, self.0) };
        Self(more + (1.0 + (less - more).exp2()).log2())
    }

    /// Returns a rank that orders entries by what they save per share.
    ///
    /// `floor_bytes` is the number of bytes from which bytes are the scarcer limit.
    pub(crate) fn rank(self, cost_ns: u64, bytes: u64, floor_bytes: u64) -> u64 {
        let share = bytes.max(floor_bytes).max(1) as f64;
        ordered(self.0 + (cost_ns.max(1) as f64 / share).log2())
    }

    pub(crate) fn total_cmp(self, other: Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Maps numbers to integers of the same order.
fn ordered(number: f64) -> u64 {
    let bits = number.to_bits();
    if number.is_sign_negative() { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use super::{Frequency, ordered};

    #[test]
    fn order_is_kept() {
        let numbers = [f64::NEG_INFINITY, -1e9, -1.0, -0.1, 0.0, 1e-9, 1.0, 1e300];
        assert!(numbers.is_sorted_by(|a, b| ordered(*a) < ordered(*b)));
    }

    #[test]
    fn a_request_counts_half_after_the_half_life() {
        let two_old = Frequency::ZERO.plus(2, 1000);
        let one_new = Frequency::ZERO.plus(1, 5000);
        let gap = two_old.rank(1, 1, 0).abs_diff(one_new.rank(1, 1, 0));
        assert!(gap < 4, "the ranks are {gap} apart");
        assert!(Frequency::ZERO.plus(3, 1000).total_cmp(one_new).is_gt());
    }

    #[test]
    fn requests_add_up_in_any_parts() {
        let at_once = Frequency::ZERO.plus(8, 70);
        let apart = (0..8).fold(Frequency::ZERO, |sum, _| sum.plus(1, 70));
        assert!((at_once.0 - apart.0).abs() < 1e-9);
    }

    #[test]
    fn the_scarcer_limit_counts() {
        let frequency = Frequency::ZERO.plus(1, 0);
        // Both are under the floor: entries are scarce, and they take one each.
        assert_eq!(frequency.rank(9, 10, 100), frequency.rank(9, 90, 100));
        assert!(frequency.rank(9, 200, 100) < frequency.rank(9, 90, 100));
        assert!(frequency.rank(9, 90, 100) < frequency.rank(10, 90, 100));
    }
}
