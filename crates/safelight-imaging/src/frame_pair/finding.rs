use std::fmt;

use crate::{Outline, Repair, Severity};

/// One thing that is wrong with a frame of a pair, or worth to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PairFinding {
    /// What kind of thing it is.
    pub code: PairCode,
    /// How bad it is.
    pub severity: Severity,
    /// Which frame has to be changed.
    pub frame: Frame,
    /// What the frame has.
    pub found: String,
    /// What was wanted instead.
    pub wanted: String,
    /// What mends it: each of them does, the one to prefer first.
    ///
    /// Nothing does where a frame is missing or unwanted.
    pub repairs: Vec<Repair>,
}

impl PairFinding {
    pub(super) fn missing(frame: Frame) -> Self {
        Self {
            code: PairCode::Missing,
            severity: Severity::Error,
            frame,
            found: "nothing".to_owned(),
            wanted: format!(
                "a{} {frame} frame",
                if frame == Frame::End { "n" } else { "" }
            ),
            repairs: Vec::new(),
        }
    }

    pub(super) fn unwanted(frame: Frame, outline: Outline) -> Self {
        Self {
            code: PairCode::Unwanted,
            severity: Severity::Error,
            frame,
            found: format!("{} x {} pixels", outline.width, outline.height),
            wanted: "none".to_owned(),
            repairs: Vec::new(),
        }
    }
}

impl fmt::Display for PairFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, severity, frame, found, wanted, repairs } = self;
        write!(f, "{severity} {code}, {frame} frame: found {found}, wanted {wanted}; ")?;
        match code {
            PairCode::Missing => return write!(f, "give one"),
            PairCode::Unwanted => return write!(f, "leave it out"),
            _ => {}
        }
        for (idx, repair) in repairs.iter().enumerate() {
            let separator = if idx == 0 { "" } else { ", or " };
            write!(f, "{separator}{repair}")?;
        }
        Ok(())
    }
}

/// The place of a frame in its pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Frame {
    /// The image that the video begins with.
    Start,
    /// The image that the video ends with.
    End,
}

impl Frame {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Start => Self::End,
            Self::End => Self::Start,
        }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Start => "start",
            Self::End => "end",
        })
    }
}

/// The kinds of findings about a pair of frames; their names never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PairCode {
    /// A frame is required and not there.
    Missing,
    /// A frame is there and refused.
    Unwanted,
    /// The colors are those of a profile that a video does not carry.
    Profile,
    /// There is transparency where it is not taken, or not in the other frame.
    Alpha,
    /// The frame is gray, the other one is not.
    Color,
    /// The width divided by the height is not that of the target.
    Aspect,
    /// The aspect is right, the size is not that of the target.
    Size,
}

impl PairCode {
    /// Returns the stable name, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unwanted => "unwanted",
            Self::Profile => "profile",
            Self::Alpha => "alpha",
            Self::Color => "color",
            Self::Aspect => "aspect",
            Self::Size => "size",
        }
    }
}

impl fmt::Display for PairCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
