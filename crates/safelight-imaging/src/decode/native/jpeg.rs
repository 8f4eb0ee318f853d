use safelight_core::ByteSize;
use safelight_native::{
    Samples,
    jpeg::{Color as Stored, Decoder, Scale},
};

use super::{layout, same_size, taken};
use crate::{
    Color, Error, Format, Info, Light, Limits, Pixels,
    decode::{Way, sequential::profile::Profile},
    fit::Plan,
    format::Size,
    header::Header,
};

/// More than this is not held where rows can be made small as they come.
const MOST: ByteSize = ByteSize::mib(64);

/// How many times larger than wanted a reduced image is at least: twice, but for the
/// rounding of sides.
const MARGIN: f64 = 1.95;

/// Decodes to a part of the size; inks are not for here.
pub(super) fn decode(
    bytes: &[u8],
    header: &Header,
    scale: Scale,
) -> Result<Option<Pixels>, Error> {
    let Ok(mut decoder) = Decoder::new(bytes) else { return Ok(None) };
    let found = decoder.header();
    let is_rgb = header.adobe_transform == Some(0);
    let samples = match (header.info.color, found.color) {
        (Color::Gray, Stored::Gray) => Samples::Gray,
        (Color::Rgb, Stored::Ycc) if !is_rgb => Samples::Rgb,
        (Color::Rgb, Stored::Rgb) if is_rgb => Samples::Rgb,
        // The library guesses by other signs what the components are.
        _ => return Ok(None),
    };
    if found.is_coarse && scale != Scale::Whole {
        return Ok(None);
    }
    same_size(header, found.width, found.height)?;
    let Some(image) = taken(Format::Jpeg, decoder.decode(samples, scale))? else {
        return Ok(None);
    };
    let icc = icc(bytes, header)?;
    let pixels = Pixels::new(image.width, image.height, layout(samples), image.data)?;
    Ok(Some(pixels.with_icc(icc)))
}

/// Returns the smallest scale that leaves the filter enough to do.
///
/// Light cannot be mixed before samples are colors.
pub(super) fn scale(plan: &Plan, light: Light) -> Scale {
    let reduced = [Scale::Eighth, Scale::Quarter, Scale::ThreeEighths, Scale::Half];
    let is_enough = |scale: &Scale| {
        let least = MARGIN * 8.0 / f64::from(scale.eighths());
        light == Light::Encoded && least <= plan.scale()
    };
    reduced.into_iter().find(is_enough).unwrap_or(Scale::Whole)
}

/// Returns the most memory that a thumbnail takes, if it is to be made here: within the
/// limit, and where rows could be made small as they come within a bound of its own.
///
/// Where an eighth is enough there is little but entropy decoding to do, and rows are as
/// fast, in less memory.
pub(super) fn needed_bytes(
    info: &Info,
    plan: &Plan,
    light: Light,
    limits: &Limits,
) -> Option<ByteSize> {
    if info.color.is_ink() {
        return None;
    }
    let scale = scale(plan, light);
    let size = Size::new(scale.apply(info.width), scale.apply(info.height));
    let pixel_len = info.layout().pixel_len() as u64;
    let reduced = ByteSize::from_bytes(size.pixels().saturating_mul(pixel_len));
    // The file, its coefficients if it has several scans, rows and tables.
    let turned = if info.orientation.swaps_sides() { 2 } else { 1 };
    let working = info.decoding_bytes - info.pixel_bytes.saturating_mul(turned);
    let rows = u64::from(plan.to.width).saturating_mul(pixel_len);
    let rows = ByteSize::from_bytes(rows).saturating_mul(u64::from(size.height));
    let resize = info.resize_bytes(Way::Full, plan, light);
    let needed = working + reduced + reduced.min(rows) + resize + resize;
    let most = match Way::new(info, plan, light) {
        Way::Rows if scale == Scale::Eighth => return None,
        Way::Rows => MOST.min(limits.max_decoded),
        Way::Full => limits.max_decoded,
    };
    (needed <= most).then_some(needed)
}

/// Collects the ICC profile from the segments before the first scan.
fn icc(bytes: &[u8], header: &Header) -> Result<Option<Vec<u8>>, Error> {
    let mut profile = Profile::default();
    let mut rest = bytes.get(2..header.scan_at as usize).unwrap_or_default();
    loop {
        match rest {
            // Fill bytes, and markers without a segment.
            [0xff, tail @ ..] if tail.first() == Some(&0xff) => rest = tail,
            [0xff, 0x01 | 0xd0..=0xd7, tail @ ..] => rest = tail,
            [0xff, marker, high, low, tail @ ..] => {
                let len = usize::from(u16::from_be_bytes([*high, *low]));
                let Some((segment, tail)) = tail.split_at_checked(len.max(2) - 2) else {
                    break;
                };
                if *marker == 0xe2 {
                    profile.add(segment);
                }
                rest = tail;
            }
            _ => break,
        }
    }
    profile.finish(header.info.icc.is_some())
}
