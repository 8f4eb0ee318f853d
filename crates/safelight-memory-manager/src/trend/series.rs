use safelight_stats::Sample;

/// Values over time, in seconds; at least a dozen.
pub(super) struct Series {
    times: Vec<f64>,
    values: Vec<f64>,
}

/// A change from one sample to the next that lasts.
pub(super) struct Jump {
    /// The first sample at the new height.
    at_idx: usize,
    pub(super) from: f64,
    pub(super) by: f64,
}

/// How many samples on each side tell the height before and after a jump.
const N_BESIDE: usize = 5;

/// From which correlation with itself on a series is periodic.
const MIN_CORRELATION: f64 = 0.5;

/// Makes the median of absolute deviations comparable with a standard deviation.
const MAD_TO_DEVIATION: f64 = 1.4826;

impl Series {
    pub(super) fn new(times: Vec<f64>, values: Vec<f64>) -> Self {
        Self { times, values }
    }

    pub(super) fn span(&self) -> f64 {
        self.times[self.times.len() - 1] - self.times[0]
    }

    /// The median slope of all pairs.
    pub(super) fn slope(&self) -> f64 {
        self.slope_within(0, self.times.len())
    }

    /// The median of the slopes of the thirds.
    pub(super) fn slope_of_thirds(&self) -> f64 {
        let n = self.times.len();
        let thirds = [(0, n / 3), (n / 3, 2 * n / 3), (2 * n / 3, n)];
        median(&thirds.map(|(from, to)| self.slope_within(from, to)))
    }

    fn slope_within(&self, from: usize, to: usize) -> f64 {
        let mut slopes = Vec::with_capacity((to - from) * (to - from) / 2);
        for second in from..to {
            for first in from..second {
                let elapsed = self.times[second] - self.times[first];
                slopes.push((self.values[second] - self.values[first]) / elapsed);
            }
        }
        median(&slopes)
    }

    /// The noise from one sample to the next, which neither slopes nor jumps change.
    pub(super) fn noise_between(&self) -> f64 {
        // The difference of two has the noise of both.
        deviation(&self.differences()) / 2f64.sqrt()
    }

    /// The noise that is left once a slope is taken out.
    pub(super) fn noise_around(&self, slope: f64) -> f64 {
        deviation(&self.around(slope))
    }

    /// The largest change that lasts, beyond what the samples beside it change anyway.
    pub(super) fn jump(&self) -> Option<Jump> {
        let steady = median(&self.differences()) * N_BESIDE as f64;
        let at = N_BESIDE..=self.values.len() - N_BESIDE;
        let jumps = at.map(|at_idx| {
            let from = median(&self.values[at_idx - N_BESIDE..at_idx]);
            let to = median(&self.values[at_idx..at_idx + N_BESIDE]);
            Jump { at_idx, from, by: to - from - steady }
        });
        // A median moves three samples too late and three too early: of those that see the
        // same change, the one with the largest difference between neighbors is the place.
        let step = |at_idx: usize| (self.values[at_idx] - self.values[at_idx - 1]).abs();
        let jumps: Vec<Jump> = jumps.collect();
        let largest = jumps.iter().map(|jump| jump.by.abs()).fold(0.0, f64::max);
        jumps
            .into_iter()
            .filter(|jump| 0.5 * largest <= jump.by.abs())
            .max_by(|a, b| step(a.at_idx).total_cmp(&step(b.at_idx)))
    }

    /// Lowers what comes after a jump by it.
    pub(super) fn take_out(&mut self, jump: &Jump) {
        for value in &mut self.values[jump.at_idx..] {
            *value -= jump.by;
        }
    }

    /// The time after which the series is like itself again, if it is.
    pub(super) fn period(&self) -> Option<f64> {
        let around = self.around(self.slope());
        let mean = around.iter().sum::<f64>() / around.len() as f64;
        let around: Vec<f64> = around.iter().map(|value| value - mean).collect();
        let power: f64 = around.iter().map(|value| value * value).sum();
        if power <= 0.0 {
            return None;
        }
        let correlation = |lag: usize| {
            let pairs = around.iter().zip(&around[lag..]);
            pairs.map(|(a, b)| a * b).sum::<f64>() / power
        };
        // Three periods at least, and not before it was once unlike itself.
        let n_lags = around.len() / 3;
        let unlike = (1..=n_lags).find(|lag| correlation(*lag) <= 0.0)?;
        let best = (unlike..=n_lags)
            .max_by(|a, b| correlation(*a).total_cmp(&correlation(*b)))?;
        let between = self.span() / (self.times.len() - 1) as f64;
        (MIN_CORRELATION <= correlation(best)).then_some(best as f64 * between)
    }

    fn around(&self, slope: f64) -> Vec<f64> {
        let pairs = self.times.iter().zip(&self.values);
        pairs.map(|(time, value)| value - slope * time).collect()
    }

    fn differences(&self) -> Vec<f64> {
        self.values.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

fn deviation(values: &[f64]) -> f64 {
    let middle = median(values);
    let deviations: Vec<f64> =
        values.iter().map(|value| (value - middle).abs()).collect();
    median(&deviations) * MAD_TO_DEVIATION
}

fn median(values: &[f64]) -> f64 {
    Sample::new(values).map_or(0.0, |sample| sample.median())
}
