/// What the bytes of [`Pixels`](crate::Pixels) mean.
///
/// Samples of 16 bits are in the byte order of the machine.
/// Opacity is never premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// One gray sample of 8 bits.
    Gray8,
    /// Gray and opacity, 8 bits each.
    GrayAlpha8,
    /// Red, green, blue, 8 bits each.
    Rgb8,
    /// Red, green, blue and opacity, 8 bits each.
    Rgba8,
    /// One gray sample of 16 bits.
    Gray16,
    /// Gray and opacity, 16 bits each.
    GrayAlpha16,
    /// Red, green, blue, 16 bits each.
    Rgb16,
    /// Red, green, blue and opacity, 16 bits each.
    Rgba16,
}

impl Layout {
    /// Returns the number of samples of a pixel, opacity included.
    pub const fn n_channels(self) -> usize {
        match self {
            Self::Gray8 | Self::Gray16 => 1,
            Self::GrayAlpha8 | Self::GrayAlpha16 => 2,
            Self::Rgb8 | Self::Rgb16 => 3,
            Self::Rgba8 | Self::Rgba16 => 4,
        }
    }

    /// Whether samples have 16 bits.
    pub const fn is_deep(self) -> bool {
        matches!(self, Self::Gray16 | Self::GrayAlpha16 | Self::Rgb16 | Self::Rgba16)
    }

    /// Whether there is an opacity.
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha8 | Self::Rgba8 | Self::GrayAlpha16 | Self::Rgba16)
    }

    /// Whether there is one gray sample and no color.
    pub const fn is_gray(self) -> bool {
        self.n_channels() < 3
    }

    /// Returns the bytes of one pixel.
    pub const fn pixel_len(self) -> usize {
        self.n_channels() * if self.is_deep() { 2 } else { 1 }
    }

    /// Returns the layout of the same channels with 8 bits a sample.
    pub(crate) const fn to_8_bit(self) -> Self {
        match self {
            Self::Gray8 | Self::Gray16 => Self::Gray8,
            Self::GrayAlpha8 | Self::GrayAlpha16 => Self::GrayAlpha8,
            Self::Rgb8 | Self::Rgb16 => Self::Rgb8,
            Self::Rgba8 | Self::Rgba16 => Self::Rgba8,
        }
    }

    /// Returns the layout of the same channels with 16 bits a sample.
    pub(crate) const fn to_16_bit(self) -> Self {
        match self {
            Self::Gray8 | Self::Gray16 => Self::Gray16,
            Self::GrayAlpha8 | Self::GrayAlpha16 => Self::GrayAlpha16,
            Self::Rgb8 | Self::Rgb16 => Self::Rgb16,
            Self::Rgba8 | Self::Rgba16 => Self::Rgba16,
        }
    }
}
