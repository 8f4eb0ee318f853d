use fast_image_resize::{
    FilterType, ImageBufferError, MulDiv, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use crate::{Error, Layout, Pixels, error::Kind, fit::Plan, format::Size};

/// Resizes a part of the pixels with a Lanczos filter of three lobes.
///
/// Colors are weighted by their opacity, so that what is transparent does not bleed into
/// the edges of what is not.
pub(crate) fn resize(pixels: Pixels, plan: &Plan) -> Result<Pixels, Error> {
    let (width, height, layout) = (pixels.width(), pixels.height(), pixels.layout());
    let is_whole = plan.to == Size::new(width, height)
        && (plan.width, plan.height) == (f64::from(width), f64::from(height));
    if is_whole {
        return Ok(pixels);
    }
    let icc = pixels.icc().map(<[u8]>::to_vec);
    let kind = pixel_type(layout);
    let mut data = pixels.into_data();
    if layout.has_alpha() {
        let mut image =
            Image::from_slice_u8(width, height, &mut data, kind).map_err(error)?;
        MulDiv::new().multiply_alpha_inplace(&mut image).map_err(error)?;
    }
    let mut resized = Image::new(plan.to.width, plan.to.height, kind);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(plan.left, plan.top, plan.width, plan.height)
        .use_alpha(false);
    match ImageRef::new(width, height, &data, kind) {
        Ok(image) => Resizer::new().resize(&image, &mut resized, &options),
        // Samples of 16 bits at an odd address: rare enough for a copy.
        Err(ImageBufferError::InvalidBufferAlignment) => {
            let mut aligned = Image::new(width, height, kind);
            aligned.buffer_mut().copy_from_slice(&data);
            Resizer::new().resize(&aligned, &mut resized, &options)
        }
        Err(other) => return Err(error(other)),
    }
    .map_err(error)?;
    if layout.has_alpha() {
        MulDiv::new().divide_alpha_inplace(&mut resized).map_err(error)?;
    }
    let Size { width, height } = plan.to;
    Ok(Pixels::new(width, height, layout, resized.into_vec())?.with_icc(icc))
}

fn pixel_type(layout: Layout) -> PixelType {
    match layout {
        Layout::Gray8 => PixelType::U8,
        Layout::GrayAlpha8 => PixelType::U8x2,
        Layout::Rgb8 => PixelType::U8x3,
        Layout::Rgba8 => PixelType::U8x4,
        Layout::Gray16 => PixelType::U16,
        Layout::GrayAlpha16 => PixelType::U16x2,
        Layout::Rgb16 => PixelType::U16x3,
        Layout::Rgba16 => PixelType::U16x4,
    }
}

fn error(error: impl std::error::Error) -> Error {
    Kind::Pixels(error.to_string()).into()
}
