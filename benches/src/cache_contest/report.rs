//! Plays as the program `contest` prints them: a line of JSON each.

use std::{io, time::Duration};

use safelight_core::ByteSize;
use serde::{Deserialize, Serialize};

use super::{Entrant, Score};
use crate::cache_trace::Setting;

/// What a contestant made of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// Name of the setting.
    pub setting: String,
    /// Limit of the setting, in bytes.
    pub limit_bytes: u64,
    /// Limit of the setting, in entries.
    pub limit_entries: u64,
    /// Name of the contestant.
    pub contestant: String,
    /// Who the contestant is.
    pub kind: Kind,
    /// How it ended.
    pub outcome: Outcome,
}

/// Who a contestant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A policy of our cache.
    Ours,
    /// A published cache that keeps the limits.
    Peer,
    /// A published cache that exceeds them: shown, not compared.
    Loose,
    /// A textbook policy.
    Textbook,
    /// What knows the future.
    Bound,
}

/// How a play ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was played to the end.
    Score(Figures),
    /// Why it was not.
    Failure(String),
}

/// The figures of a [`Score`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    n_requests: u64,
    n_hits: u64,
    bytes: u64,
    hit_bytes: u64,
    cost_ns: u64,
    saved_ns: u64,
    peak_bytes: u64,
    peak_entries: u64,
}

impl Play {
    /// Reports a play; `played` is what it gave, or why it gave nothing.
    pub fn new(
        setting: &Setting,
        entrant: &Entrant,
        played: Result<Score, String>,
    ) -> Self {
        Self {
            setting: setting.name.clone(),
            limit_bytes: setting.limits.bytes.bytes(),
            limit_entries: setting.limits.entries.get() as u64,
            contestant: entrant.name.to_owned(),
            kind: entrant.kind.into(),
            outcome: match played {
                Ok(score) => Outcome::Score(score.into()),
                Err(reason) => Outcome::Failure(reason),
            },
        }
    }

    /// Writes the line.
    ///
    /// # Errors
    ///
    /// When the output fails.
    pub fn write(&self, mut output: impl io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut output, self)?;
        output.write_all(b"\n")?;
        output.flush()
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// When it is not that of a play.
    pub fn read(line: &str) -> io::Result<Self> {
        Ok(serde_json::from_str(line)?)
    }

    /// Returns the score of one that was played to the end.
    pub fn score(&self) -> Option<Score> {
        match self.outcome {
            Outcome::Score(figures) => Some(figures.into()),
            Outcome::Failure(_) => None,
        }
    }
}

impl From<super::Kind> for Kind {
    fn from(kind: super::Kind) -> Self {
        match kind {
            super::Kind::Ours => Self::Ours,
            super::Kind::Peer => Self::Peer,
            super::Kind::Loose => Self::Loose,
            super::Kind::Textbook => Self::Textbook,
            super::Kind::Bound => Self::Bound,
        }
    }
}

impl From<Score> for Figures {
    fn from(score: Score) -> Self {
        // A sum of over five centuries is cut.
        let ns = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self {
            n_requests: score.requests,
            n_hits: score.hits,
            bytes: score.bytes.bytes(),
            hit_bytes: score.hit_bytes.bytes(),
            cost_ns: ns(score.cost),
            saved_ns: ns(score.saved),
            peak_bytes: score.peak_bytes.bytes(),
            peak_entries: score.peak_entries as u64,
        }
    }
}

impl From<Figures> for Score {
    fn from(figures: Figures) -> Self {
        Self {
            requests: figures.n_requests,
            hits: figures.n_hits,
            bytes: ByteSize::from_bytes(figures.bytes),
            hit_bytes: ByteSize::from_bytes(figures.hit_bytes),
            cost: Duration::from_nanos(figures.cost_ns),
            saved: Duration::from_nanos(figures.saved_ns),
            peak_bytes: ByteSize::from_bytes(figures.peak_bytes),
            peak_entries: figures.peak_entries as usize,
        }
    }
}

#[cfg(test)]
mod tests;
