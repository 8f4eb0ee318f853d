use std::sync::Arc;

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout as Channels, TransformExecutor,
    TransformOptions,
};

use crate::{Error, Layout, Pixels, error::Kind};

/// What becomes of the ICC profile of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Icc {
    /// The profile stays with the pixels, which stay as they are.
    #[default]
    Keep,
    /// The pixels are converted to sRGB, and the profile goes.
    ToSrgb,
}

impl Icc {
    pub(crate) fn apply(self, pixels: Pixels) -> Result<Pixels, Error> {
        match self {
            Self::Keep => Ok(pixels),
            Self::ToSrgb => to_srgb(pixels),
        }
    }
}

/// Converts pixels with a profile to sRGB; those without are taken to be in it.
///
/// Gray stays gray.
pub(crate) fn to_srgb(pixels: Pixels) -> Result<Pixels, Error> {
    let Some(icc) = pixels.icc() else { return Ok(pixels) };
    let profile = ColorProfile::new_from_slice(icc).map_err(error)?;
    let layout = pixels.layout();
    let wanted =
        if layout.is_gray() { DataColorSpace::Gray } else { DataColorSpace::Rgb };
    // Gray pixels may also be in an RGB profile, of which they are the diagonal.
    if profile.color_space != wanted && profile.color_space != DataColorSpace::Rgb {
        let what =
            format!("it is for {:?}, the image is {layout:?}", profile.color_space);
        return Err(Kind::Profile(what).into());
    }
    let route = Route::new(layout, profile.color_space);
    let (from, to) = (route.from, route.to);
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let data = if layout.is_deep() {
        let transform = profile.create_transform_16bit(from, &srgb, to, options);
        convert::<u16>(&pixels, &route, &transform.map_err(error)?)
    } else {
        let transform = profile.create_transform_8bit(from, &srgb, to, options);
        convert::<u8>(&pixels, &route, &transform.map_err(error)?)
    };
    Pixels::new(pixels.width(), pixels.height(), layout, data?)
}

/// The channels that go into the transform and come out of it.
struct Route {
    from: Channels,
    to: Channels,
    n_pixel: usize,
    n_from: usize,
    n_to: usize,
    has_alpha: bool,
}

impl Route {
    fn new(layout: Layout, space: DataColorSpace) -> Self {
        let has_alpha = layout.has_alpha();
        let (from, to) = match (space, has_alpha) {
            (DataColorSpace::Gray, false) => (Channels::Gray, Channels::Rgb),
            (DataColorSpace::Gray, true) => (Channels::GrayAlpha, Channels::Rgba),
            (_, false) => (Channels::Rgb, Channels::Rgb),
            (_, true) => (Channels::Rgba, Channels::Rgba),
        };
        let n_pixel = layout.n_channels();
        Self {
            from,
            to,
            n_pixel,
            n_from: from.channels(),
            n_to: to.channels(),
            has_alpha,
        }
    }
}

/// A sample of 8 or 16 bits in the bytes of pixels.
trait Sample: Copy + Default {
    fn read(bytes: &[u8], idx: usize) -> Self;
    fn write(self, bytes: &mut [u8], idx: usize);
}

impl Sample for u8 {
    fn read(bytes: &[u8], idx: usize) -> Self {
        bytes[idx]
    }

    fn write(self, bytes: &mut [u8], idx: usize) {
        bytes[idx] = self;
    }
}

impl Sample for u16 {
    fn read(bytes: &[u8], idx: usize) -> Self {
        Self::from_ne_bytes([bytes[2 * idx], bytes[2 * idx + 1]])
    }

    fn write(self, bytes: &mut [u8], idx: usize) {
        bytes[2 * idx..2 * idx + 2].copy_from_slice(&self.to_ne_bytes());
    }
}

/// Sends row after row through the transform.
fn convert<T: Sample>(
    pixels: &Pixels,
    route: &Route,
    transform: &Arc<dyn TransformExecutor<T> + Send + Sync>,
) -> Result<Vec<u8>, Error> {
    let width = pixels.width() as usize;
    let row_len = width * pixels.layout().pixel_len();
    let mut from = vec![T::default(); width * route.n_from];
    let mut to = vec![T::default(); width * route.n_to];
    let mut data = vec![0; pixels.data().len()];
    let rows = pixels.data().chunks_exact(row_len);
    for (row, converted) in rows.zip(data.chunks_exact_mut(row_len)) {
        for x in 0..width {
            let pixel = |channel: usize| T::read(row, x * route.n_pixel + channel);
            let into = &mut from[x * route.n_from..(x + 1) * route.n_from];
            spread(route, into, pixel);
        }
        transform.transform(&from, &mut to).map_err(error)?;
        for x in 0..width {
            let result = &to[x * route.n_to..(x + 1) * route.n_to];
            for channel in 0..route.n_pixel {
                // Of a gray pixel, the colors that came out are all the same.
                let is_alpha = route.has_alpha && channel + 1 == route.n_pixel;
                let sample =
                    if is_alpha { result[route.n_to - 1] } else { result[channel] };
                sample.write(converted, x * route.n_pixel + channel);
            }
        }
    }
    Ok(data)
}

/// Copies one pixel; a gray one for an RGB profile is spread over the three colors.
fn spread<T: Sample>(route: &Route, into: &mut [T], pixel: impl Fn(usize) -> T) {
    let n = into.len();
    for (idx, sample) in into.iter_mut().enumerate() {
        *sample = if route.n_pixel == n {
            pixel(idx)
        } else if route.has_alpha && idx + 1 == n {
            pixel(route.n_pixel - 1)
        } else {
            pixel(0)
        };
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn error(error: CmsError) -> Error {
    Kind::Profile(error.to_string()).into()
}
