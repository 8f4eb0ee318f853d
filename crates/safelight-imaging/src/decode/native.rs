//! Decodes by libjpeg-turbo and libwebp what they take; all else is left to the decoders
//! in Rust, whose verdict is then the one that counts.

use std::{
    borrow::Cow,
    io::{Read, Seek},
};

use safelight_core::ByteSize;
use safelight_native::{self as native, Image, Samples};

use super::same_size;
use crate::{
    Error, Format, Info, Layout, Light, Limits, Pixels, error::Kind, fit::Plan,
    format::Size, header::Header, resize::resize, source::Input,
};

mod jpeg;
mod webp;

/// Decodes the pixels as they are stored; `None` is for another decoder to try.
pub(super) fn stored_pixels(
    input: &mut Input<'_>,
    header: &Header,
) -> Result<Option<Pixels>, Error> {
    if !takes(header) {
        return Ok(None);
    }
    let bytes = whole(input, header.source_len)?;
    if header.info.format == Format::Jpeg {
        jpeg::decode(&bytes, header, native::jpeg::Scale::Whole)
    } else {
        webp::decode(&bytes, header, header.info.size())
    }
}

/// Makes small pixels of 8 bits a sample, of a reduced image where that shows no difference;
/// `None` is for another way to try.
pub(super) fn small_pixels(
    input: &mut Input<'_>,
    header: &Header,
    limits: &Limits,
    plan: &Plan,
    light: Light,
) -> Result<Option<Pixels>, Error> {
    if !takes(header) {
        return Ok(None);
    }
    let info = &header.info;
    let (reduced, plan) = if info.format == Format::Jpeg {
        if jpeg::needed_bytes(info, plan, light, limits).is_none() {
            return Ok(None);
        }
        let scale = jpeg::scale(plan, light);
        let size = Size::new(scale.apply(info.width), scale.apply(info.height));
        let times = 8.0 / f64::from(scale.eighths());
        let bytes = whole(input, header.source_len)?;
        (jpeg::decode(&bytes, header, scale)?, plan.of_reduced((times, times), size))
    } else {
        let block = webp::block(info, plan, light);
        let size = Size::new(info.width.div_ceil(block), info.height.div_ceil(block));
        // All pixels are spread over the blocks, also over the last one.
        let across = f64::from(info.width) / f64::from(size.width);
        let down = f64::from(info.height) / f64::from(size.height);
        let bytes = whole(input, header.source_len)?;
        (webp::decode(&bytes, header, size)?, plan.of_reduced((across, down), size))
    };
    reduced.map(|reduced| resize(reduced, &plan, light)).transpose()
}

/// Returns the most memory that a thumbnail takes here, if it is made here.
pub(crate) fn thumbnail_bytes(
    info: &Info,
    plan: &Plan,
    light: Light,
    limits: &Limits,
) -> Option<ByteSize> {
    // Of a WebP it is less than in full.
    let is_jpeg = info.format == Format::Jpeg;
    is_jpeg.then(|| jpeg::needed_bytes(info, plan, light, limits))?
}

/// Whether the libraries are asked at all.
fn takes(header: &Header) -> bool {
    let info = &header.info;
    match info.format {
        Format::Jpeg => !info.color.is_ink(),
        Format::WebP => info.n_frames.is_none(),
        _ => false,
    }
}

/// Returns all bytes; the limits have found their number small enough.
fn whole<'a>(input: &'a mut Input<'_>, len: u64) -> Result<Cow<'a, [u8]>, Error> {
    if let Input::Slice(cursor) = input {
        return Ok(Cow::Borrowed(cursor.get_ref()));
    }
    let mut bytes = Vec::with_capacity(len as usize);
    input.rewind().map_err(Kind::Read)?;
    input.take(len).read_to_end(&mut bytes).map_err(Kind::Read)?;
    Ok(Cow::Owned(bytes))
}

/// Takes what a library has made; what it refuses is not an error yet.
fn taken(
    format: Format,
    made: Result<Image, native::Error>,
) -> Result<Option<Image>, Error> {
    match made {
        Ok(image) => Ok(Some(image)),
        Err(error) if error.is_truncated() => {
            Err(Kind::Truncated(format, "the pixel data").into())
        }
        Err(error) if error.is_damaged() => {
            Err(Kind::Decoder(format, Box::new(error)).into())
        }
        Err(_) => Ok(None),
    }
}

fn layout(samples: Samples) -> Layout {
    match samples {
        Samples::Gray => Layout::Gray8,
        Samples::Rgb => Layout::Rgb8,
        Samples::Rgba => Layout::Rgba8,
    }
}
