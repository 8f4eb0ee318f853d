use std::time::Duration;

use crate::Config;

#[cfg(test)]
mod tests;

/// How often to look: soon while there is news, seldom while there is none.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    shortest: Duration,
    longest: Duration,
    stressed: Duration,
    /// What the news alone ask for.
    wanted: Duration,
    interval: Duration,
}

/// What a look found, as far as it matters for the next one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) has_news: bool,
    pub(crate) is_stressed: bool,
    /// What looks and frames cost asks for at least this.
    pub(crate) floor: Duration,
}

impl Pace {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            shortest: config.shortest,
            longest: config.longest,
            stressed: config.stressed,
            wanted: config.start,
            interval: config.start,
        }
    }

    /// Changes the bounds; the interval after the next look is within them.
    pub(crate) fn set_bounds(&mut self, config: &Config) {
        self.shortest = config.shortest;
        self.longest = config.longest;
        self.stressed = config.stressed;
        self.wanted = self.wanted.clamp(self.shortest, self.longest);
    }

    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    pub(crate) fn step(&mut self, load: Load) {
        let wanted = if load.has_news { self.wanted / 2 } else { self.wanted * 3 / 2 };
        self.wanted = wanted.clamp(self.shortest, self.longest);
        let stressed = if load.is_stressed { self.stressed } else { Duration::ZERO };
        self.interval = self.wanted.max(stressed).max(load.floor).min(self.longest);
    }
}
