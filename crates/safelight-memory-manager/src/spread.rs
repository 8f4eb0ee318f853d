use safelight_core::{ByteSize, Cost, Traits};

/// What a consumer may hold: at least its floor, at most what it is configured for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What it was registered with.
    pub traits: Traits,
    /// The budget when there is plenty.
    pub configured: ByteSize,
}

impl Claim {
    /// Returns the floor, which is never above what is configured.
    pub fn floor(&self) -> ByteSize {
        self.traits.floor.min(self.configured)
    }

    /// Who gives first: the cheapest to get back, then the lowest priority.
    pub(crate) fn rank(&self) -> (Cost, u8) {
        (self.traits.cost, self.traits.priority)
    }
}

/// Divides a total between claims; the budgets are in the order of the claims.
///
/// Each gets its floor, even where the total is less than that.
/// The rest fills those first that should give last: the dearest [`Cost`], then the
/// highest priority; those of the same rank share in proportion to what they still miss.
/// A larger total never makes a budget smaller.
///
/// ```
/// use safelight_core::{ByteSize, Cost, Traits};
/// use safelight_memory_manager::{Claim, spread};
///
/// let claim = |priority, mib| Claim {
///     traits: Traits { priority, floor: ByteSize::mib(8), ..Traits::default() },
///     configured: ByteSize::mib(mib),
/// };
/// let budgets = spread(ByteSize::mib(100), &[claim(0, 64), claim(5, 64)]);
/// assert_eq!(budgets, [ByteSize::mib(36), ByteSize::mib(64)]);
/// ```
pub fn spread(total: ByteSize, claims: &[Claim]) -> Vec<ByteSize> {
    let mut budgets: Vec<ByteSize> = claims.iter().map(Claim::floor).collect();
    let mut rest = total - budgets.iter().copied().sum();
    let mut ranks: Vec<_> = claims.iter().map(Claim::rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    for rank in ranks.into_iter().rev() {
        let peers = claims.iter().enumerate().filter(|(_, claim)| claim.rank() == rank);
        let missing =
            |claim: &Claim| u128::from((claim.configured - claim.floor()).bytes());
        let all: u128 = peers.clone().map(|(_, claim)| missing(claim)).sum();
        let given = all.min(u128::from(rest.bytes()));
        for (idx, claim) in peers.filter(|_| 0 < all) {
            // Both factors are below 2^64, and the quotient is not above `missing`.
            let share = missing(claim) * given / all;
            budgets[idx] += ByteSize::from_bytes(share as u64);
        }
        rest -= ByteSize::from_bytes(given as u64);
    }
    budgets
}
