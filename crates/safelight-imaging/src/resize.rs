use std::f64::consts::PI;

use fast_image_resize::{
    Filter as FilterSpec, FilterType, MulDiv, PixelTrait, PixelType, ResizeAlg,
    ResizeOptions, Resizer,
    images::Image,
    pixels::{U8, U8x2, U8x3, U8x4, U16, U16x2, U16x3, U16x4},
};

use crate::{
    Error, Layout, Light, Pixels,
    error::Kind,
    fit::{FILTER_REACH, Plan},
    format::Size,
    shrink::Shrink,
};

#[cfg(test)]
mod tests;

/// Resizes a part of the pixels with a Lanczos filter of three lobes.
///
/// Colors are weighted by their opacity, so that what is transparent does not bleed into
/// the edges of what is not.
///
/// In linear light the result has 8 bits a sample.
pub(crate) fn resize(pixels: Pixels, plan: &Plan, light: Light) -> Result<Pixels, Error> {
    let (from, layout) = (Size::new(pixels.width(), pixels.height()), pixels.layout());
    if plan.is_identity(from) {
        return Ok(pixels);
    }
    let icc = pixels.icc().map(<[u8]>::to_vec);
    let mut data = pixels.into_data();
    if light == Light::Linear {
        let mut small = Shrink::new(from, layout, plan, light);
        let row_len = from.width as usize * layout.pixel_len();
        data.chunks_exact_mut(row_len).try_for_each(|row| small.push(row))?;
        let (Size { width, height }, layout) = (plan.to, layout.to_8_bit());
        return Ok(Pixels::new(width, height, layout, small.finish()?)?.with_icc(icc));
    }
    Opacity::new(layout).multiply(&mut data, from)?;
    let mut resized = Filter::new(layout).apply(&mut data, from, plan)?;
    drop(data);
    Opacity::new(layout).divide(&mut resized, plan.to)?;
    Ok(Pixels::new(plan.to.width, plan.to.height, layout, resized)?.with_icc(icc))
}

/// The filter, with the buffers that it keeps from one call to the next.
pub(crate) struct Filter {
    resizer: Resizer,
    layout: Layout,
    lanczos: ResizeAlg,
}

impl Filter {
    pub(crate) fn new(layout: Layout) -> Self {
        let filter = FilterSpec::new("Lanczos3", lanczos, FILTER_REACH);
        let filter = FilterType::Custom(filter.expect("the reach is more than zero"));
        let lanczos = ResizeAlg::Convolution(filter);
        Self { resizer: Resizer::new(), layout, lanczos }
    }

    /// Resizes samples at any address; opacity is a sample like any other.
    ///
    /// The samples stay as they are.
    pub(crate) fn apply(
        &mut self,
        data: &mut [u8],
        from: Size,
        plan: &Plan,
    ) -> Result<Vec<u8>, Error> {
        let Size { width, height } = plan.to;
        let mut resized = Image::new(width, height, pixel_type(self.layout));
        let options = ResizeOptions::new()
            .resize_alg(self.lanczos)
            .crop(plan.left, plan.top, plan.width, plan.height)
            .use_alpha(false);
        let layout = self.layout;
        on_image(data, from, layout, |image| match layout {
            Layout::Gray8 => self.typed::<U8>(image, &mut resized, &options),
            Layout::GrayAlpha8 => self.typed::<U8x2>(image, &mut resized, &options),
            Layout::Rgb8 => self.typed::<U8x3>(image, &mut resized, &options),
            Layout::Rgba8 => self.typed::<U8x4>(image, &mut resized, &options),
            Layout::Gray16 => self.typed::<U16>(image, &mut resized, &options),
            Layout::GrayAlpha16 => self.typed::<U16x2>(image, &mut resized, &options),
            Layout::Rgb16 => self.typed::<U16x3>(image, &mut resized, &options),
            Layout::Rgba16 => self.typed::<U16x4>(image, &mut resized, &options),
        })?;
        Ok(resized.into_vec())
    }

    /// Resizes between images of one type, the only one for which the filter is compiled:
    /// of images whose pixels are known later it is for twice as many, half of them unused.
    fn typed<P: PixelTrait>(
        &mut self,
        from: &mut Image<'_>,
        to: &mut Image<'_>,
        options: &ResizeOptions,
    ) -> Result<(), Error> {
        let expected = "images are made for the pixels of the layout";
        let from = from.typed_image_mut::<P>().expect(expected);
        let mut to = to.typed_image_mut::<P>().expect(expected);
        self.resizer.resize_typed(&from, &mut to, options).map_err(error)
    }
}

/// Returns the weight at a distance of up to three pixels.
///
/// With `sin 3a = 3 sin a - 4 sin^3 a` and a short series, the weights of a small picture
/// take a tenth of the time; they differ from the exact ones by less than 1e-8.
fn lanczos(distance: f64) -> f64 {
    let angle = distance.abs() * (PI / FILTER_REACH);
    if angle < 1e-6 {
        return 1.0;
    }
    if PI <= angle {
        return 0.0;
    }
    let sine = sine(angle);
    let thrice = sine * (3.0 - 4.0 * sine * sine);
    thrice * sine / (3.0 * angle * angle)
}

/// Returns the sine of an angle from 0 to pi, by its series.
fn sine(angle: f64) -> f64 {
    let angle = angle.min(PI - angle);
    let square = angle * angle;
    let factors = [210.0, 156.0, 110.0, 72.0, 42.0, 20.0, 6.0];
    angle * factors.iter().fold(1.0, |sum, factor| 1.0 - square / factor * sum)
}

/// Weights colors by their opacity, and back; does nothing where there is none.
pub(crate) struct Opacity {
    mul_div: MulDiv,
    layout: Layout,
}

impl Opacity {
    pub(crate) fn new(layout: Layout) -> Self {
        Self { mul_div: MulDiv::new(), layout }
    }

    pub(crate) fn multiply(&self, data: &mut [u8], size: Size) -> Result<(), Error> {
        self.change(data, size, |image| {
            self.mul_div.multiply_alpha_inplace(image).map_err(error)
        })
    }

    pub(crate) fn divide(&self, data: &mut [u8], size: Size) -> Result<(), Error> {
        self.change(data, size, |image| {
            self.mul_div.divide_alpha_inplace(image).map_err(error)
        })
    }

    fn change(
        &self,
        data: &mut [u8],
        size: Size,
        change: impl FnOnce(&mut Image<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if !self.layout.has_alpha() {
            return Ok(());
        }
        on_image(data, size, self.layout, change)
    }
}

/// Calls with samples, at any address, as an image.
fn on_image(
    data: &mut [u8],
    size: Size,
    layout: Layout,
    call: impl FnOnce(&mut Image<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let kind = pixel_type(layout);
    if let Ok(mut image) = Image::from_slice_u8(size.width, size.height, data, kind) {
        return call(&mut image);
    }
    // Samples of 16 bits at an odd address: rare enough for copies.
    let mut aligned = Image::new(size.width, size.height, kind);
    aligned.buffer_mut().copy_from_slice(data);
    call(&mut aligned)?;
    data.copy_from_slice(aligned.buffer());
    Ok(())
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
