use std::fmt;

use safelight_core::ByteSize;

use crate::{Error, Layout, Orientation, error::Kind};

#[cfg(test)]
mod tests;

/// Decoded pixels, row after row without padding, and the ICC profile they are in.
///
/// ```
/// use safelight_imaging::{Layout, Pixels};
///
/// let pixels = Pixels::new(2, 1, Layout::Rgb8, vec![255, 0, 0, 0, 0, 255])?;
/// assert_eq!(pixels.byte_size().bytes(), 6);
/// assert!(Pixels::new(2, 2, Layout::Rgb8, vec![0; 6]).is_err());
/// # Ok::<(), safelight_imaging::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    width: u32,
    height: u32,
    layout: Layout,
    data: Vec<u8>,
    icc: Option<Vec<u8>>,
}

impl Pixels {
    /// Wraps `data`, which holds `width * height` pixels of `layout`.
    ///
    /// # Errors
    ///
    /// When a side is zero, or the length of `data` is not what they need.
    pub fn new(
        width: u32,
        height: u32,
        layout: Layout,
        data: Vec<u8>,
    ) -> Result<Self, Error> {
        let wanted = Some(width as usize * layout.pixel_len())
            .and_then(|row_len| row_len.checked_mul(height as usize));
        if width == 0 || height == 0 || wanted != Some(data.len()) {
            let what = format!(
                "{width} x {height} pixels of {layout:?} do not make {} bytes",
                data.len()
            );
            return Err(Kind::Pixels(what).into());
        }
        Ok(Self { width, height, layout, data, icc: None })
    }

    /// Attaches the ICC profile that the pixels are in.
    #[must_use]
    pub fn with_icc(self, icc: Option<Vec<u8>>) -> Self {
        Self { icc, ..self }
    }

    /// Returns the width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Returns what the bytes mean.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Returns the bytes of all rows.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Takes the bytes of all rows out.
    pub fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// Returns the ICC profile; none stands for sRGB.
    pub fn icc(&self) -> Option<&[u8]> {
        self.icc.as_deref()
    }

    /// Returns the memory held, profile included.
    pub fn byte_size(&self) -> ByteSize {
        let icc = self.icc.as_ref().map_or(0, Vec::capacity);
        ByteSize::from_len(self.data.capacity()) + ByteSize::from_len(icc)
    }

    /// Reduces samples of 16 bits to 8, to the nearest value; does nothing to others.
    #[must_use]
    pub fn into_8_bit(self) -> Self {
        if !self.layout.is_deep() {
            return self;
        }
        // 65535 / 255 = 257: rounds to the nearest without a division.
        let reduce = |sample: u16| ((u32::from(sample) * 255 + 32_895) >> 16) as u8;
        let (samples, _) = self.data.as_chunks::<2>();
        let data =
            samples.iter().map(|&bytes| reduce(u16::from_ne_bytes(bytes))).collect();
        Self { layout: self.layout.to_8_bit(), data, ..self }
    }

    /// Turns the pixels upright.
    pub(crate) fn turn(self, orientation: Orientation) -> Self {
        if orientation == Orientation::Upright {
            return self;
        }
        let width = self.width as usize;
        let data = match self.layout.pixel_len() {
            1 => orientation.apply::<1>(self.data, width),
            2 => orientation.apply::<2>(self.data, width),
            3 => orientation.apply::<3>(self.data, width),
            4 => orientation.apply::<4>(self.data, width),
            6 => orientation.apply::<6>(self.data, width),
            _ => orientation.apply::<8>(self.data, width),
        };
        if orientation.swaps_sides() {
            Self { width: self.height, height: self.width, data, ..self }
        } else {
            Self { data, ..self }
        }
    }

    /// Lays pixels of 8 bits over an opaque background and drops the opacity.
    ///
    /// Gray pixels stay gray on a gray background, and become RGB on another. Pixels that are
    /// opaque, or of 16 bits, stay what they are.
    ///
    /// ```
    /// use safelight_imaging::{Layout, Pixels};
    ///
    /// let pixels = Pixels::new(2, 1, Layout::GrayAlpha8, vec![0, 255, 0, 0])?;
    /// let flat = pixels.flatten([255; 3]);
    /// assert_eq!((flat.layout(), flat.data()), (Layout::Gray8, &[0, 255][..]));
    /// # Ok::<(), safelight_imaging::Error>(())
    /// ```
    #[must_use]
    pub fn flatten(self, background: [u8; 3]) -> Self {
        let blend = |sample: u8, alpha: u8, behind: u8| {
            let (sample, alpha, behind) =
                (u32::from(sample), u32::from(alpha), u32::from(behind));
            ((sample * alpha + behind * (255 - alpha) + 127) / 255) as u8
        };
        let [red, green, blue] = background;
        let is_gray_background = red == green && green == blue;
        let (layout, data) = match self.layout {
            Layout::GrayAlpha8 if is_gray_background => {
                let (pixels, _) = self.data.as_chunks::<2>();
                let data = pixels.iter().map(|&[gray, a]| blend(gray, a, red)).collect();
                (Layout::Gray8, data)
            }
            Layout::GrayAlpha8 => {
                let (pixels, _) = self.data.as_chunks::<2>();
                let data = pixels
                    .iter()
                    .flat_map(|&[gray, a]| {
                        background.map(|behind| blend(gray, a, behind))
                    })
                    .collect();
                (Layout::Rgb8, data)
            }
            Layout::Rgba8 => {
                let (pixels, _) = self.data.as_chunks::<4>();
                let data = pixels
                    .iter()
                    .flat_map(|&[r, g, b, a]| {
                        [blend(r, a, red), blend(g, a, green), blend(b, a, blue)]
                    })
                    .collect();
                (Layout::Rgb8, data)
            }
            _ => return self,
        };
        Self { layout, data, ..self }
    }
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pixels")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("layout", &self.layout)
            .field("icc_bytes", &self.icc.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}
