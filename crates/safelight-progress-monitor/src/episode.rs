use std::time::{Duration, Instant};

#[cfg(test)]
mod tests;

/// One condition over time: from many values, one beginning and one end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Episode {
    #[default]
    Calm,
    /// Over the threshold, but not for long enough yet.
    Pending(Instant),
    /// It was told, and has not ended.
    Open(Instant),
}

/// Where a value is in relation to a threshold and to where its alert ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    Below,
    /// Not over the threshold, and not far enough below it.
    Between,
    Above,
}

/// What became of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Begun,
    Ended,
}

impl Zone {
    pub(crate) fn of(value: f64, threshold: f64, hysteresis: f64) -> Self {
        if threshold < value {
            Self::Above
        } else if value <= threshold * (1.0 - hysteresis) {
            Self::Below
        } else {
            Self::Between
        }
    }
}

impl Episode {
    /// Takes in one value; `hold` is how long it must be above.
    pub(crate) fn step(
        &mut self,
        zone: Zone,
        hold: Duration,
        now: Instant,
    ) -> Option<Turn> {
        let since = match (*self, zone) {
            (Self::Calm, Zone::Above) => now,
            (Self::Pending(since), Zone::Above) => since,
            (Self::Open(_), Zone::Below) => {
                *self = Self::Calm;
                return Some(Turn::Ended);
            }
            (Self::Pending(_), Zone::Between | Zone::Below) => {
                *self = Self::Calm;
                return None;
            }
            (Self::Calm | Self::Open(_), _) => return None,
        };
        if now.saturating_duration_since(since) < hold {
            *self = Self::Pending(since);
            return None;
        }
        *self = Self::Open(since);
        Some(Turn::Begun)
    }

    /// Begins to wait anew, as nobody looked for a while; what is open stays so.
    pub(crate) fn resume(&mut self) {
        if let Self::Pending(_) = self {
            *self = Self::Calm;
        }
    }

    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Returns since when the value is above.
    pub(crate) fn since(self) -> Option<Instant> {
        match self {
            Self::Calm => None,
            Self::Pending(since) | Self::Open(since) => Some(since),
        }
    }
}
