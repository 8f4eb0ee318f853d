use std::collections::HashMap;

/// Different contents that are told apart for one operation.
pub(crate) const MAX_KEYS: usize = 4096;

/// How often an operation was done again on content that it had seen.
///
/// At most 4 096 contents are remembered; runs on further ones are counted as new, so a
/// repeat may be missed but is never made up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repeats {
    /// Wall time of the first run on each content, in nanoseconds.
    first_ns: HashMap<u64, u64>,
    pub(crate) n_keyed: u64,
    pub(crate) n_again: u64,
    pub(crate) again_wall_ns: u64,
}

impl Repeats {
    pub(crate) fn add(&mut self, key: u64, wall_ns: u64) {
        if key != 0 {
            self.n_keyed += 1;
            self.see(key, wall_ns);
        }
    }

    /// Adds what came later, whose first run on a shared content was a repeat after all.
    pub(crate) fn merge(&mut self, later: &Self) {
        for (&key, &wall_ns) in &later.first_ns {
            self.see(key, wall_ns);
        }
        self.n_keyed += later.n_keyed;
        self.n_again += later.n_again;
        self.again_wall_ns += later.again_wall_ns;
    }

    fn see(&mut self, key: u64, wall_ns: u64) {
        if self.first_ns.contains_key(&key) {
            self.n_again += 1;
            self.again_wall_ns += wall_ns;
        } else if self.first_ns.len() < MAX_KEYS {
            self.first_ns.insert(key, wall_ns);
        }
    }
}
