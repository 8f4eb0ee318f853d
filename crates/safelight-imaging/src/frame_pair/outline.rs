use crate::{Color, Info, Pixels};

/// What matters of a frame: its size as it is shown, its colors and its opacity.
///
/// It comes from an [`Info`], which needs no pixels, or from [`Pixels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline {
    /// The width in pixels, upright.
    pub width: u32,
    /// The height in pixels, upright.
    pub height: u32,
    /// Whether there are gray levels only.
    pub is_gray: bool,
    /// Whether pixels may be transparent.
    pub has_alpha: bool,
    /// Whether the colors are those of an ICC profile.
    pub has_profile: bool,
}

impl From<&Info> for Outline {
    fn from(info: &Info) -> Self {
        let (width, height) = info.upright_size();
        Self {
            width,
            height,
            is_gray: matches!(info.color, Color::Gray | Color::GrayAlpha),
            has_alpha: info.has_alpha,
            // The profile of inks is used up when they are decoded to RGB.
            has_profile: info.icc.is_some() && !info.color.is_ink(),
        }
    }
}

impl From<&Pixels> for Outline {
    fn from(pixels: &Pixels) -> Self {
        Self {
            width: pixels.width(),
            height: pixels.height(),
            is_gray: pixels.layout().is_gray(),
            has_alpha: pixels.layout().has_alpha(),
            has_profile: pixels.icc().is_some(),
        }
    }
}
