//! Conversions from and to the buffers of the `image` crate.

use image::{DynamicImage, ImageBuffer};

use crate::{Error, Layout, Pixels, error::Kind};

#[cfg(test)]
mod tests;

impl From<Pixels> for DynamicImage {
    /// Moves 8-bit pixels over, copies 16-bit ones; the profile is left behind.
    fn from(pixels: Pixels) -> Self {
        let (width, height, layout) = (pixels.width(), pixels.height(), pixels.layout());
        let data = pixels.into_data();
        let image = match layout {
            Layout::Gray8 => {
                ImageBuffer::from_raw(width, height, data).map(Self::ImageLuma8)
            }
            Layout::GrayAlpha8 => {
                ImageBuffer::from_raw(width, height, data).map(Self::ImageLumaA8)
            }
            Layout::Rgb8 => {
                ImageBuffer::from_raw(width, height, data).map(Self::ImageRgb8)
            }
            Layout::Rgba8 => {
                ImageBuffer::from_raw(width, height, data).map(Self::ImageRgba8)
            }
            Layout::Gray16 => ImageBuffer::from_raw(width, height, samples(&data))
                .map(Self::ImageLuma16),
            Layout::GrayAlpha16 => ImageBuffer::from_raw(width, height, samples(&data))
                .map(Self::ImageLumaA16),
            Layout::Rgb16 => {
                ImageBuffer::from_raw(width, height, samples(&data)).map(Self::ImageRgb16)
            }
            Layout::Rgba16 => ImageBuffer::from_raw(width, height, samples(&data))
                .map(Self::ImageRgba16),
        };
        image.expect("pixels have the length that their size and layout need")
    }
}

impl TryFrom<DynamicImage> for Pixels {
    type Error = Error;

    /// Takes the pixels of an image, without a profile.
    ///
    /// # Errors
    ///
    /// When the image is empty, or has samples other than 8 or 16 bits.
    fn try_from(image: DynamicImage) -> Result<Self, Error> {
        let (width, height) = (image.width(), image.height());
        let (layout, data) = match image {
            DynamicImage::ImageLuma8(image) => (Layout::Gray8, image.into_raw()),
            DynamicImage::ImageLumaA8(image) => (Layout::GrayAlpha8, image.into_raw()),
            DynamicImage::ImageRgb8(image) => (Layout::Rgb8, image.into_raw()),
            DynamicImage::ImageRgba8(image) => (Layout::Rgba8, image.into_raw()),
            DynamicImage::ImageLuma16(image) => (Layout::Gray16, bytes(&image)),
            DynamicImage::ImageLumaA16(image) => (Layout::GrayAlpha16, bytes(&image)),
            DynamicImage::ImageRgb16(image) => (Layout::Rgb16, bytes(&image)),
            DynamicImage::ImageRgba16(image) => (Layout::Rgba16, bytes(&image)),
            other => {
                let what = format!("samples of {:?} have no layout", other.color());
                return Err(Kind::Pixels(what).into());
            }
        };
        Self::new(width, height, layout, data)
    }
}

fn samples(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|&bytes| u16::from_ne_bytes(bytes)).collect()
}

fn bytes(samples: &[u16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_ne_bytes()).collect()
}
