use safelight_core::ByteSize;

/// What labels really used, as a factor of what they declared.
///
/// The factor is the largest of the last [`N_RECENT`] records of the label, between 1 and
/// [`MAX_RATIO`]. The largest, because a job that is charged too little is what kills the
/// program; of the last ones, so that one freak is forgotten; never below 1, because a
/// declaration is a promise that the next job may need in full.
#[derive(Debug)]
pub(super) struct Learned {
    labels: Vec<Label>,
}

#[derive(Debug)]
struct Label {
    name: &'static str,
    recent: [f64; N_RECENT],
    next_idx: usize,
    ratio: f64,
}

/// How many records of a label are kept.
pub(super) const N_RECENT: usize = 32;

/// What one declared byte is charged at most.
pub(super) const MAX_RATIO: f64 = 16.0;

/// The labels after these share the records of the last one, so that memory is bounded.
const MAX_LABELS: usize = 64;

impl Learned {
    pub(super) fn new() -> Self {
        Self { labels: Vec::new() }
    }

    /// Returns the place of a label; a new one gets a place.
    pub(super) fn place(&mut self, name: &'static str) -> usize {
        // A label is mostly the same literal each time, so its address finds it.
        let by_address = self.labels.iter().position(|label| {
            std::ptr::eq(label.name.as_ptr(), name.as_ptr())
                && label.name.len() == name.len()
        });
        if let Some(place) = by_address.or_else(|| self.find(name)) {
            return place;
        }
        if self.labels.len() < MAX_LABELS {
            let recent = [1.0; N_RECENT];
            self.labels.push(Label { name, recent, next_idx: 0, ratio: 1.0 });
        }
        self.labels.len() - 1
    }

    /// Returns the factor of a label.
    pub(super) fn ratio(&self, name: &str) -> f64 {
        let is_full = self.labels.len() == MAX_LABELS;
        let shared = is_full.then_some(MAX_LABELS - 1);
        let place = self.find(name).or(shared);
        place.map_or(1.0, |place| self.labels[place].ratio)
    }

    /// Returns all labels with their factors.
    pub(super) fn ratios(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        self.labels.iter().map(|label| (label.name, label.ratio))
    }

    /// Returns what is charged for a declaration.
    pub(super) fn charge(&self, place: usize, declared: ByteSize) -> ByteSize {
        let ratio = self.labels[place].ratio;
        if ratio <= 1.0 {
            return declared;
        }
        ByteSize::from_bytes((declared.bytes() as f64 * ratio).ceil() as u64)
    }

    /// Takes note of what was really used.
    pub(super) fn record(&mut self, place: usize, declared: ByteSize, actual: ByteSize) {
        if declared == ByteSize::ZERO {
            return;
        }
        let ratio = actual.bytes() as f64 / declared.bytes() as f64;
        let label = &mut self.labels[place];
        label.recent[label.next_idx] = ratio.clamp(1.0, MAX_RATIO);
        label.next_idx = (label.next_idx + 1) % N_RECENT;
        label.ratio = label.recent.iter().copied().fold(1.0, f64::max);
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.labels.iter().position(|label| label.name == name)
    }
}
