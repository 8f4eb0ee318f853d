use std::collections::HashMap;

/// Different contents that are told apart for one operation.
pub(crate) const MAX_KEYS: usize = 4096;

/// How often an operation was done again on content that it had seen.
///
/// At most 4 096 contents are remembered; runs on further ones are counted as new, so a
/// repeat may be missed but is never made up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repeats {
    /// Runs seen for each key.
    runs: HashMap<u64, u64>,
    pub(crate) n_keyed: u64,
    pub(crate) n_again: u64,
    pub(crate) again_wall_ns: u64,
}

impl Repeats {
    pub(crate) fn add(&mut self, key: u64, wall_ns: u64) {
        if key == 0 {
            return;
        }
        self.n_keyed += 1;
        if let Some(n) = self.runs.get_mut(&key) {
            *n += 1;
            self.n_again += 1;
            self.again_wall_ns += wall_ns;
        } else if self.runs.len() < MAX_KEYS {
            self.runs.insert(key, 1);
        }
    }

    /// Adds another part, whose first run of a shared key was a repeat after all.
    pub(crate) fn merge(&mut self, other: &Self) {
        let mean_ns = other.again_wall_ns.checked_div(other.n_again);
        for (&key, &n) in &other.runs {
            if let Some(own) = self.runs.get_mut(&key) {
                *own += n;
                self.n_again += 1;
                // What that one run took is not known apart; the mean of its like stands in.
                self.again_wall_ns += mean_ns.unwrap_or(0);
            } else if self.runs.len() < MAX_KEYS {
                self.runs.insert(key, n);
            }
        }
        self.n_keyed += other.n_keyed;
        self.n_again += other.n_again;
        self.again_wall_ns += other.again_wall_ns;
    }
}
