use std::fmt;

use safelight_core::ByteSize;

use crate::{Format, Orientation, format::Size};

/// What the header of an image says.
///
/// It comes from [`inspect`](crate::inspect).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// The format, by content.
    pub format: Format,
    /// The stored width in pixels, before the orientation is applied.
    pub width: u32,
    /// The stored height in pixels, before the orientation is applied.
    pub height: u32,
    /// How colors are stored.
    pub color: Color,
    /// Bits of one sample, or of one index of a palette: 1, 2, 4, 8, 12 or 16.
    pub bit_depth: u8,
    /// Whether the format carries transparency for this image.
    pub has_alpha: bool,
    /// Whether rows come in several passes: progressive JPEG, interlaced PNG.
    pub is_progressive: bool,
    /// The EXIF orientation.
    pub orientation: Orientation,
    /// The stored length of the ICC profile (compressed in a PNG), if there is one.
    pub icc: Option<ByteSize>,
    /// The number of frames if the image is animated.
    pub n_frames: Option<u32>,
    /// The size of the pixels that [`decode`](crate::decode) would return.
    pub pixel_bytes: ByteSize,
    /// The estimated peak of memory while decoding, pixels included.
    pub decoding_bytes: ByteSize,
}

impl Info {
    /// Returns width and height in pixels as they are shown, after the orientation.
    pub fn upright_size(&self) -> (u32, u32) {
        if self.orientation.swaps_sides() {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        }
    }

    /// Returns the number of pixels.
    pub fn n_pixels(&self) -> u64 {
        self.size().pixels()
    }

    pub(crate) fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }
}

/// How an image stores its colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Color {
    /// Gray levels.
    Gray,
    /// Gray levels and opacity.
    GrayAlpha,
    /// Red, green, blue; a JPEG's YCbCr counts as this.
    Rgb,
    /// Red, green, blue and opacity.
    Rgba,
    /// Indices into a palette of RGB colors.
    Palette,
    /// Ink amounts, for print.
    Cmyk,
    /// Ink amounts, for print, stored as luma, chroma and black.
    Ycck,
}

impl Color {
    /// Whether the colors are inks, which a screen cannot show as they are.
    pub const fn is_ink(self) -> bool {
        matches!(self, Self::Cmyk | Self::Ycck)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gray => "gray",
            Self::GrayAlpha => "gray + alpha",
            Self::Rgb => "RGB",
            Self::Rgba => "RGBA",
            Self::Palette => "palette",
            Self::Cmyk => "CMYK",
            Self::Ycck => "YCCK",
        })
    }
}
