/// A mean of the rate with a memory, and how far it is trusted.
#[derive(Clone, Debug)]
pub(crate) struct Expert {
    n: f64,
    seconds: f64,
    foretold: f64,
    pub(crate) trust: f64,
}

impl Default for Expert {
    fn default() -> Self {
        Self { n: 0.0, seconds: 0.0, foretold: 0.0, trust: 1.0 }
    }
}

impl Expert {
    /// Takes in what came, and keeps that part of the rest, by a memory in seconds.
    pub(crate) fn learn(&mut self, n: f64, took: f64, memory: f64, kept: f64) {
        // What came is spread over the time, so that a long look weighs as many short ones.
        let weight = if kept < 1.0 { (1.0 - kept) * memory / took } else { 1.0 };
        self.n = self.n * kept + n * weight;
        self.seconds = self.seconds * kept + took * weight;
    }

    pub(crate) fn rate(&self) -> f64 {
        if 0.0 < self.seconds { self.n / self.seconds } else { 0.0 }
    }

    /// Remembers what it says now.
    pub(crate) fn foretell(&mut self) {
        self.foretold = self.rate();
    }

    /// Takes trust away by how wrong the forecast was; returns what is left of it.
    ///
    /// A forecast that is twice too high is as wrong as one that is twice too low.
    pub(crate) fn judge(&mut self, came: f64, seconds: f64, learning_rate: f64) -> f64 {
        let foretold = self.foretold * seconds;
        let error = ((foretold + 0.5) / (came + 0.5)).ln().abs().min(3.0);
        self.trust *= (-learning_rate * error).exp();
        self.trust
    }
}
