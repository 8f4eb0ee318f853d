use std::{ffi::c_int, fmt};

use crate::Error;

/// What the bytes of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Samples {
    /// One gray sample.
    Gray,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue and opacity, which is not multiplied in.
    Rgba,
}

impl Samples {
    /// Returns the bytes of one pixel.
    pub const fn pixel_len(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Returns the bytes of an image, if they can be counted.
    pub(crate) fn image_len(self, width: u32, height: u32) -> Option<usize> {
        let row_len = self.pixel_len().checked_mul(usize::try_from(width).ok()?)?;
        let len = row_len.checked_mul(usize::try_from(height).ok()?)?;
        isize::try_from(len).is_ok().then_some(len)
    }

    /// Makes an image of zeros.
    pub(crate) fn image(self, width: u32, height: u32) -> Result<Image, Error> {
        let len = self.image_len(width, height);
        let len = len.ok_or_else(|| Error::refused("more pixels than can be counted"))?;
        Ok(Image { width, height, data: vec![0; len] })
    }
}

/// Pixels that were decoded, row by row without gaps.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The samples.
    pub data: Vec<u8>,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

/// Pixels to encode, row by row without gaps.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// The samples.
    pub pixels: &'a [u8],
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Picture<'_> {
    /// Returns both sides as C has them; the samples must be as many as the sides say.
    pub(crate) fn sides(&self, samples: Samples) -> Result<[c_int; 2], Error> {
        if samples.image_len(self.width, self.height) != Some(self.pixels.len()) {
            let what = format!(
                "{} x {} pixels of {samples:?} do not make {} bytes",
                self.width,
                self.height,
                self.pixels.len()
            );
            return Err(Error::refused(what));
        }
        sides(self.width, self.height)
    }
}

impl fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

/// Returns both sides as C has them; none may be zero.
pub(crate) fn sides(width: u32, height: u32) -> Result<[c_int; 2], Error> {
    match (c_int::try_from(width), c_int::try_from(height)) {
        (Ok(width @ 1..), Ok(height @ 1..)) => Ok([width, height]),
        _ => Err(Error::refused(format!("{width} x {height} pixels"))),
    }
}
