use fast_image_resize::{
    FilterType, ImageBufferError, MulDiv, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::Image,
};

use crate::{Error, Layout, Pixels, error::Kind, fit::Plan, format::Size};

#[cfg(test)]
mod tests;

/// Resizes a part of the pixels with a Lanczos filter of three lobes.
///
/// Colors are weighted by their opacity, so that what is transparent does not bleed into
/// the edges of what is not.
pub(crate) fn resize(pixels: Pixels, plan: &Plan) -> Result<Pixels, Error> {
    let (from, layout) = (Size::new(pixels.width(), pixels.height()), pixels.layout());
    if plan.is_identity(from) {
        return Ok(pixels);
    }
    let icc = pixels.icc().map(<[u8]>::to_vec);
    let resized = resize_samples(&mut pixels.into_data(), from, layout, plan)?;
    Ok(Pixels::new(plan.to.width, plan.to.height, layout, resized)?.with_icc(icc))
}

/// Resizes samples at any address; those of a layout with opacity are changed.
fn resize_samples(
    data: &mut [u8],
    from: Size,
    layout: Layout,
    plan: &Plan,
) -> Result<Vec<u8>, Error> {
    let kind = pixel_type(layout);
    let mut image = match Image::from_slice_u8(from.width, from.height, data, kind) {
        Ok(image) => image,
        // Samples of 16 bits at an odd address: rare enough for a copy.
        Err(ImageBufferError::InvalidBufferAlignment) => {
            let mut aligned = Image::new(from.width, from.height, kind);
            aligned.buffer_mut().copy_from_slice(data);
            aligned
        }
        Err(other) => return Err(error(other)),
    };
    if layout.has_alpha() {
        MulDiv::new().multiply_alpha_inplace(&mut image).map_err(error)?;
    }
    let mut resized = Image::new(plan.to.width, plan.to.height, kind);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(plan.left, plan.top, plan.width, plan.height)
        .use_alpha(false);
    Resizer::new().resize(&image, &mut resized, &options).map_err(error)?;
    if layout.has_alpha() {
        MulDiv::new().divide_alpha_inplace(&mut resized).map_err(error)?;
    }
    Ok(resized.into_vec())
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
