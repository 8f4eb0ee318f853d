use std::fmt;

use safelight_core::ByteSize;

#[cfg(feature = "native")]
use crate::decode::native_thumbnail_bytes;
use crate::{
    Fit, Format, Layout, Light, Orientation, ThumbnailOptions,
    decode::{Sampling, Way, sequential_bytes},
    fit::Plan,
    format::Size,
    shrink::Shrink,
};

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
    /// How a JPEG that can be decoded row by row samples its components.
    pub(crate) sampling: Option<Sampling>,
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

    /// Returns the most memory that a thumbnail takes, the picture itself included.
    ///
    /// It is a bound, above what will be measured: small where rows are made small as
    /// they come, and above [`decoding_bytes`](Self::decoding_bytes) where all pixels
    /// are needed at once.
    /// Of a PNG's profile only the packed length is known, and counted.
    ///
    /// ```
    /// use safelight_core::ByteSize;
    /// use safelight_imaging::{
    ///     Fit, Layout, Pixels, Source, Target, ThumbnailOptions, encode, inspect,
    /// };
    ///
    /// let mut png = Vec::new();
    /// let pixels = Pixels::new(3000, 2000, Layout::Gray8, vec![128; 3000 * 2000])?;
    /// encode(&pixels, Target::Png, &mut png)?;
    ///
    /// let info = inspect(Source::from_slice(&png))?;
    /// let options = ThumbnailOptions::default();
    /// assert!(info.thumbnail_bytes(Fit::inside(256, 256), &options) < ByteSize::mib(2));
    /// # Ok::<(), safelight_imaging::Error>(())
    /// ```
    pub fn thumbnail_bytes(&self, fit: Fit, options: &ThumbnailOptions) -> ByteSize {
        let (plan, light) = (options.plan(self, fit), options.light);
        let needed = self.needed_bytes(Way::new(self, &plan, light), &plan, light);
        // What the native way leaves to the other takes what that takes.
        #[cfg(feature = "native")]
        let needed = native_thumbnail_bytes(self, &plan, light, &options.limits)
            .map_or(needed, |native| native.max(needed));
        needed
    }

    /// Returns the most memory that a thumbnail takes if it is made in a way.
    pub(crate) fn needed_bytes(&self, way: Way, plan: &Plan, light: Light) -> ByteSize {
        if plan.is_identity(self.size()) {
            // Turned and reduced to 8 bits it is there twice.
            return self.decoding_bytes + self.pixel_bytes;
        }
        let resize = self.resize_bytes(way, plan, light);
        if way == Way::Rows {
            return resize;
        }
        // Rows filtered one way are no more than the larger of the two pictures.
        let row_len = u64::from(plan.to.width) * self.layout().pixel_len() as u64;
        let rows =
            ByteSize::from_bytes(row_len).saturating_mul(plan.height.ceil() as u64);
        self.decoding_bytes + self.pixel_bytes.min(rows) + resize + resize
    }

    /// Returns what making pixels small takes: beside the pixels if they are all there.
    pub(crate) fn resize_bytes(&self, way: Way, plan: &Plan, light: Light) -> ByteSize {
        let layout = self.layout();
        let small = || Shrink::max_bytes(self.size(), layout, plan, light);
        let icc = self.icc.unwrap_or_default().bytes();
        ByteSize::from_bytes(match (way, self.sampling) {
            (Way::Rows, Some(sampling)) => {
                sequential_bytes(self.size(), sampling, plan, light)
                    .saturating_add(3 * icc)
            }
            (Way::Rows, None) => {
                let row_len = u64::from(self.width) * layout.pixel_len() as u64;
                // The turned picture, and that in another profile; the inflater and its
                // rows.
                let pixel_len = layout.to_8_bit().pixel_len() as u64;
                let made = plan.to.pixels().saturating_mul(pixel_len);
                (512 * 1024 + 10 * row_len + 3 * icc)
                    .saturating_add(small())
                    .saturating_add(made)
            }
            (Way::Full, _) if light == Light::Linear => small(),
            (Way::Full, _) => plan.resize_bytes(layout.pixel_len() as u64),
        })
    }

    /// Returns the layout of the pixels that decoding gives.
    pub(crate) fn layout(&self) -> Layout {
        let is_gray = matches!(self.color, Color::Gray | Color::GrayAlpha);
        match (is_gray, self.has_alpha, self.bit_depth == 16) {
            (true, false, false) => Layout::Gray8,
            (true, true, false) => Layout::GrayAlpha8,
            (false, false, false) => Layout::Rgb8,
            (false, true, false) => Layout::Rgba8,
            (true, false, true) => Layout::Gray16,
            (true, true, true) => Layout::GrayAlpha16,
            (false, false, true) => Layout::Rgb16,
            (false, true, true) => Layout::Rgba16,
        }
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
