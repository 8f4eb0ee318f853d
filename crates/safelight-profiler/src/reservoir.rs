#[cfg(all(test, not(loom)))]
mod tests;

/// Samples that a reservoir keeps.
pub(crate) const CAPACITY: usize = 1024;

/// A fair choice of at most 1 024 of all the values that were added.
///
/// Li's algorithm L (ACM TOMS 20, 1994): it draws how many values to pass over, so that a
/// value that is not chosen costs one comparison.
/// The generator is its own, so the same values give the same choice.
#[derive(Clone, Debug)]
pub(crate) struct Reservoir<T> {
    kept: Vec<T>,
    n_added: u64,
    /// The number of the next value to keep, once the reservoir is full.
    next: u64,
    /// The algorithm's W: the largest of as many uniform numbers as values are kept.
    weight: f64,
    random: u64,
}

impl<T: Copy> Reservoir<T> {
    pub(crate) fn new() -> Self {
        Self { kept: Vec::new(), n_added: 0, next: 0, weight: 1.0, random: 0 }
    }

    #[inline]
    pub(crate) fn add(&mut self, value: T) {
        self.n_added += 1;
        if self.kept.len() < CAPACITY {
            self.kept.push(value);
            if self.kept.len() == CAPACITY {
                self.skip();
            }
        } else if self.next <= self.n_added {
            let idx = self.below(CAPACITY as u64) as usize;
            self.kept[idx] = value;
            self.skip();
        }
    }

    /// Draws which value is kept next.
    fn skip(&mut self) {
        self.weight *= (self.uniform().ln() / CAPACITY as f64).exp();
        let passed_over = (self.uniform().ln() / (1.0 - self.weight).ln()).floor();
        self.next = self.n_added.saturating_add(passed_over as u64).saturating_add(1);
    }

    /// Takes from both in proportion to what each has seen.
    pub(crate) fn merge(&mut self, other: &Self) {
        if self.kept.len() + other.kept.len() <= CAPACITY {
            self.kept.extend(&other.kept);
            self.n_added += other.n_added;
            self.restart();
            return;
        }
        let n_added = self.n_added + other.n_added;
        let (mut ours, mut theirs) = (self.kept.clone(), other.kept.clone());
        self.kept.clear();
        while self.kept.len() < CAPACITY {
            let from_ours = self.below(n_added) < self.n_added;
            let from = if theirs.is_empty() || (from_ours && !ours.is_empty()) {
                &mut ours
            } else {
                &mut theirs
            };
            let idx = self.below(from.len() as u64) as usize;
            self.kept.push(from.swap_remove(idx));
        }
        self.n_added = n_added;
        self.restart();
    }

    /// Goes on after a merge as if every value had been added one by one.
    fn restart(&mut self) {
        if self.kept.len() == CAPACITY {
            // The mean of W after n values.
            self.weight = CAPACITY as f64 / self.n_added as f64;
            self.weight = self.weight.min(1.0 - f64::EPSILON);
            self.skip();
        }
    }

    /// Returns the choice, in no order.
    pub(crate) fn kept(&self) -> &[T] {
        &self.kept
    }

    /// Returns a number from 0 to 1, without both ends.
    fn uniform(&mut self) -> f64 {
        (self.below(1 << 53) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Returns a number below `bound`, by splitmix64.
    fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((u128::from(z) * u128::from(bound)) >> 64) as u64
    }
}
