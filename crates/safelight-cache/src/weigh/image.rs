use image::{DynamicImage, ImageBuffer, Pixel};
use safelight_core::ByteSize;

use crate::Weigh;

impl<P: Pixel> Weigh for ImageBuffer<P, Vec<P::Subpixel>> {
    fn heap(&self) -> ByteSize {
        ByteSize::from_len(self.as_raw().capacity() * size_of::<P::Subpixel>())
    }
}

impl Weigh for DynamicImage {
    fn heap(&self) -> ByteSize {
        match self {
            Self::ImageLuma8(buffer) => buffer.heap(),
            Self::ImageLumaA8(buffer) => buffer.heap(),
            Self::ImageRgb8(buffer) => buffer.heap(),
            Self::ImageRgba8(buffer) => buffer.heap(),
            Self::ImageLuma16(buffer) => buffer.heap(),
            Self::ImageLumaA16(buffer) => buffer.heap(),
            Self::ImageRgb16(buffer) => buffer.heap(),
            Self::ImageRgba16(buffer) => buffer.heap(),
            Self::ImageRgb32F(buffer) => buffer.heap(),
            Self::ImageRgba32F(buffer) => buffer.heap(),
            // A kind that a later version adds; its capacity is out of reach.
            other => ByteSize::from_len(other.as_bytes().len()),
        }
    }
}
