use std::ffi::c_int;

use libwebp_sys::{
    VP8StatusCode, WEBP_CSP_MODE, WebPBitstreamFeatures, WebPDecode, WebPDecoderConfig,
    WebPGetFeatures, WebPRGBABuffer,
};

use crate::{Error, Image, Samples, image::sides};

/// What the header of a WebP says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Whether there is opacity.
    pub has_alpha: bool,
    /// Whether there are several frames, which are not decoded here.
    pub is_animated: bool,
}

/// Reads the header; no pixel is decoded.
///
/// # Errors
///
/// When the header is cut, or is not one of a WebP.
pub fn header(bytes: &[u8]) -> Result<Header, Error> {
    let features = features(bytes)?;
    let side = |side: c_int| {
        let side = u32::try_from(side).ok().filter(|&side| 0 < side);
        side.ok_or_else(|| Error::refused("the header declares no pixels"))
    };
    Ok(Header {
        width: side(features.width)?,
        height: side(features.height)?,
        has_alpha: features.has_alpha != 0,
        is_animated: features.has_animation != 0,
    })
}

/// Decodes all pixels to RGB or RGBA; RGB leaves opacity out.
///
/// # Errors
///
/// When the data is cut or damaged; when it is animated; and for gray, which WebP has not.
pub fn decode(bytes: &[u8], samples: Samples) -> Result<Image, Error> {
    let header = header(bytes)?;
    colorspace(samples)?;
    is_still(&header)?;
    let image = samples.image(header.width, header.height)?;
    decode_into(bytes, header, samples, image)
}

/// Decodes an opaque image to RGB of another size, averaging pixels as rows come.
///
/// What it takes is the buffer of that size and a few rows. It is no fine filter: decode to
/// more than is needed, and filter from there.
///
/// ```
/// use safelight_native::{Picture, Samples, webp};
///
/// let picture = Picture { pixels: &[90; 3 * 40 * 20], width: 40, height: 20 };
/// let file = webp::encode_lossy(&picture, Samples::Rgb, 80, 4)?;
/// let small = webp::decode_scaled(&file, 10, 5)?;
/// assert!(small.data.iter().all(|sample| sample.abs_diff(90) < 3));
/// # Ok::<(), safelight_native::Error>(())
/// ```
///
/// # Errors
///
/// As those of [`decode`]; when a side is zero; and where there is opacity: the library
/// mixes colors of a lossy image without it, and edges would get the color of what is
/// transparent.
pub fn decode_scaled(bytes: &[u8], width: u32, height: u32) -> Result<Image, Error> {
    let header = header(bytes)?;
    if header.has_alpha {
        return Err(Error::refused("it has opacity"));
    }
    sides(width, height)?;
    is_still(&header)?;
    let image = Samples::Rgb.image(width, height)?;
    decode_into(bytes, header, Samples::Rgb, image)
}

/// Looked at before pixels are allocated: an animation may declare any size.
fn is_still(header: &Header) -> Result<(), Error> {
    if header.is_animated {
        return Err(Error::refused("it is animated"));
    }
    Ok(())
}

fn colorspace(samples: Samples) -> Result<WEBP_CSP_MODE, Error> {
    match samples {
        Samples::Rgb => Ok(WEBP_CSP_MODE::MODE_RGB),
        Samples::Rgba => Ok(WEBP_CSP_MODE::MODE_RGBA),
        Samples::Gray => Err(Error::refused("WebP has no gray")),
    }
}

#[expect(unsafe_code, reason = "the functions are of C")]
fn decode_into(
    bytes: &[u8],
    header: Header,
    samples: Samples,
    mut image: Image,
) -> Result<Image, Error> {
    let colorspace = colorspace(samples)?;
    let [width, height] = sides(image.width, image.height)?;
    let stride = c_int::try_from(samples.pixel_len() * image.width as usize);
    let stride = stride.map_err(|_| Error::refused("rows of that length"))?;
    let Ok(mut config) = WebPDecoderConfig::new() else {
        return Err(Error::refused("libwebp is of another version"));
    };
    if (image.width, image.height) != (header.width, header.height) {
        config.options.use_scaling = 1;
        config.options.scaled_width = width;
        config.options.scaled_height = height;
    }
    config.output.colorspace = colorspace;
    config.output.is_external_memory = 1;
    config.output.u.RGBA =
        WebPRGBABuffer { rgba: image.data.as_mut_ptr(), stride, size: image.data.len() };
    // SAFETY: the configuration was set up by the library. It reads as many bytes as it is
    // told, all of which are in the slice, and writes to the buffer alone, whose length and
    // stride it compares with the sides and the color space before it does. Memory that is
    // external is not freed by it, and what it makes itself it frees before it returns.
    let status = unsafe { WebPDecode(bytes.as_ptr(), bytes.len(), &raw mut config) };
    check(status)?;
    Ok(image)
}

#[expect(unsafe_code, reason = "the function is of C")]
fn features(bytes: &[u8]) -> Result<WebPBitstreamFeatures, Error> {
    let mut features = WebPBitstreamFeatures {
        width: 0,
        height: 0,
        has_alpha: 0,
        has_animation: 0,
        format: 0,
        pad: [0; 5],
    };
    // SAFETY: it reads as many bytes as it is told, all of which are in the slice, and
    // writes to the features, which live.
    let status =
        unsafe { WebPGetFeatures(bytes.as_ptr(), bytes.len(), &raw mut features) };
    check(status).map(|()| features)
}

fn check(status: VP8StatusCode) -> Result<(), Error> {
    match status {
        VP8StatusCode::VP8_STATUS_OK => Ok(()),
        VP8StatusCode::VP8_STATUS_NOT_ENOUGH_DATA
        | VP8StatusCode::VP8_STATUS_SUSPENDED => Err(Error::truncated()),
        VP8StatusCode::VP8_STATUS_BITSTREAM_ERROR => {
            Err(Error::damaged("libwebp cannot follow it"))
        }
        other => Err(Error::refused(format!("libwebp says {other:?}"))),
    }
}
