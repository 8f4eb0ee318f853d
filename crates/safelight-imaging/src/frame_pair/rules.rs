use safelight_core::Share;

use crate::{Frame, Resolution};

/// What a model that makes video of one or two images takes.
///
/// ```
/// use safelight_imaging::{PairRules, Presence, Resolution};
///
/// let one_image_only = PairRules {
///     end: Presence::Refused,
///     resolutions: vec![Resolution::HD, Resolution::HD.transposed()],
///     ..PairRules::default()
/// };
/// assert_eq!(one_image_only.nearest(900, 1600), Some(Resolution::new(720, 1280)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PairRules {
    /// Whether there is a start frame; it is required by default.
    pub start: Presence,
    /// Whether there is an end frame; it is optional by default.
    pub end: Presence,
    /// The sizes that a video may have; [`Resolution::PRESETS`] by default.
    ///
    /// With none, the end frame has to be like the start frame.
    pub resolutions: Vec<Resolution>,
    /// How far a frame may be stretched to get the aspect wanted; 1 % by default.
    ///
    /// Frames further off are to be cropped or padded.
    pub tolerance: Share,
    /// Whether pixels may be transparent; they may not by default.
    pub opacity: Opacity,
    /// What is proposed first for another aspect; cropping by default.
    pub reshape: Reshape,
    /// Red, green and blue behind transparent pixels; white by default.
    pub background: [u8; 3],
    /// Red, green and blue of the bars beside a padded frame; black by default.
    pub bars: [u8; 3],
}

impl Default for PairRules {
    fn default() -> Self {
        Self {
            start: Presence::Required,
            end: Presence::Optional,
            resolutions: Resolution::PRESETS.to_vec(),
            tolerance: Share::new(0.01),
            opacity: Opacity::Refused,
            reshape: Reshape::Crop,
            background: [255; 3],
            bars: [0; 3],
        }
    }
}

impl PairRules {
    /// Returns the allowed resolution that is nearest to this size, if any is stated.
    pub fn nearest(&self, width: u32, height: u32) -> Option<Resolution> {
        Resolution::new(width, height).nearest(&self.resolutions)
    }

    pub(super) fn presence(&self, frame: Frame) -> Presence {
        match frame {
            Frame::Start => self.start,
            Frame::End => self.end,
        }
    }
}

/// Whether a frame is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// There has to be one.
    Required,
    /// There may be one.
    Optional,
    /// There must be none.
    Refused,
}

/// Whether the pixels of frames may be transparent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Opacity {
    /// No frame may have transparency.
    Refused,
    /// Both frames have it, or none.
    Same,
}

/// How a frame gets another aspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reshape {
    /// What stands over is cut off, on both sides alike.
    Crop,
    /// Bars are put beside it, on both sides alike.
    Pad,
}
