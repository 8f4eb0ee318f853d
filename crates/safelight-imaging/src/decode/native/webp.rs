use safelight_native::{Samples, webp};

use super::{layout, same_size, taken};
use crate::{
    Error, Format, Info, Light, Pixels, error::Kind, fit::Plan, format::Size,
    header::Header,
};

/// How many times larger than wanted the averages of the library are at least.
///
/// They weigh every pixel alike; a bit more than elsewhere is left to the filter.
const MARGIN: f64 = 2.5;

/// Returns the side of the blocks that show no difference where they are averaged.
///
/// Opacity would not be weighted in, and light cannot be mixed there.
pub(super) fn block(info: &Info, plan: &Plan, light: Light) -> u32 {
    if info.has_alpha || light != Light::Encoded {
        return 1;
    }
    ((plan.scale() / MARGIN) as u32).max(1)
}

/// Decodes a still image, to averages if the size is not its own.
pub(super) fn decode(
    bytes: &[u8],
    header: &Header,
    size: Size,
) -> Result<Option<Pixels>, Error> {
    let info = &header.info;
    if Some(header.source_len) < header.declared_len {
        return Err(Kind::Truncated(Format::WebP, "the RIFF container").into());
    }
    let Ok(found) = webp::header(bytes) else { return Ok(None) };
    same_size(header, found.width, found.height)?;
    if found.is_animated || found.has_alpha != info.has_alpha {
        return Ok(None);
    }
    let samples = if info.has_alpha { Samples::Rgba } else { Samples::Rgb };
    let made = if size == info.size() {
        webp::decode(bytes, samples)
    } else {
        webp::decode_scaled(bytes, size.width, size.height)
    };
    let Some(image) = taken(Format::WebP, made)? else { return Ok(None) };
    let pixels = Pixels::new(image.width, image.height, layout(samples), image.data)?;
    if info.icc.is_none() {
        return Ok(Some(pixels));
    }
    let icc = icc(bytes);
    let icc = icc.ok_or_else(|| Kind::Profile("its chunk cannot be read".to_owned()))?;
    Ok(Some(pixels.with_icc(Some(icc.to_vec()))))
}

/// Returns the first ICC profile among the chunks.
fn icc(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(12..)?;
    loop {
        let (name, tail) = rest.split_first_chunk::<4>()?;
        let (len, tail) = tail.split_first_chunk::<4>()?;
        let len = u32::from_le_bytes(*len) as usize;
        let data = tail.get(..len)?;
        if name == b"ICCP" {
            return Some(data);
        }
        rest = tail.get(len + len % 2..)?;
    }
}
