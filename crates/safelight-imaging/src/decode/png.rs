use png::{BitDepth, ColorType, DecodeOptions, Decoder, DecodingError, Transformations};

use super::same_size;
use safelight_core::ByteSize;

use crate::{
    Error, Format, Layout, Light, Limits, Pixels, error::Kind, fit::Plan, format::Size,
    header::Header, shrink::Shrink, source::Input,
};

pub(super) fn decode(
    input: &mut Input<'_>,
    header: &Header,
    limits: &Limits,
) -> Result<Pixels, Error> {
    let mut reader = open(input, header, limits, DecodeOptions::default())?;
    let (color, depth) = reader.output_color_type();
    let layout = layout(color, depth)?;
    let len = reader.output_buffer_size().ok_or_else(too_large)?;
    let mut data = vec![0; len];
    reader.next_frame(&mut data).map_err(error)?;
    let icc = icc(&reader, header, limits)?;
    reader.finish().map_err(error)?;
    to_native_order(layout, &mut data);
    Ok(Pixels::new(header.info.width, header.info.height, layout, data)?.with_icc(icc))
}

/// Makes a small picture of the rows as they are unpacked; none of them is kept.
///
/// All rows are unpacked, also those that are cut off, and the end of the file is
/// looked at, so that what is damaged is found as it is in full.
pub(super) fn shrink(
    input: &mut Input<'_>,
    header: &Header,
    limits: &Limits,
    plan: &Plan,
    light: Light,
) -> Result<Pixels, Error> {
    let mut reader = open(input, header, limits, DecodeOptions::default())?;
    let (color, depth) = reader.output_color_type();
    let layout = layout(color, depth)?;
    let size = header.info.size();
    let mut row = vec![0; reader.output_line_size(size.width).ok_or_else(too_large)?];
    let mut small = Shrink::new(size, layout, plan, light);
    while reader.read_row(&mut row).map_err(error)?.is_some() {
        to_native_order(layout, &mut row);
        small.push(&mut row)?;
    }
    let icc = icc(&reader, header, limits)?;
    reader.finish().map_err(error)?;
    let (Size { width, height }, layout) = (plan.to, layout.to_8_bit());
    Ok(Pixels::new(width, height, layout, small.finish()?)?.with_icc(icc))
}

/// Puts samples of 16 bits, which are stored high byte first, in the machine's order.
fn to_native_order(layout: Layout, data: &mut [u8]) {
    if layout.is_deep() && cfg!(target_endian = "little") {
        for [high, low] in data.as_chunks_mut::<2>().0 {
            std::mem::swap(high, low);
        }
    }
}

/// Unpacks every row, keeping none; checks the sum over the unpacked data.
///
/// The checksums of the chunks are for the caller to look at.
pub(crate) fn unpack(
    input: &mut Input<'_>,
    header: &Header,
    limits: &Limits,
) -> Result<(), Error> {
    let mut options = DecodeOptions::default();
    options.set_ignore_crc(true);
    options.set_ignore_adler32(false);
    let mut reader = open(input, header, limits, options)?;
    icc(&reader, header, limits)?;
    while reader.next_interlaced_row().map_err(error)?.is_some() {}
    reader.finish().map_err(error)
}

fn open<'r, 'a>(
    input: &'r mut Input<'a>,
    header: &Header,
    limits: &Limits,
    mut options: DecodeOptions,
) -> Result<png::Reader<&'r mut Input<'a>>, Error> {
    options.set_ignore_text_chunk(true);
    let mut decoder = Decoder::new_with_options(input, options);
    // The unpacked profile; and what the limits have found to be short enough: the stored
    // one, EXIF, and a few rows.
    let stored = header.info.icc.unwrap_or_default().bytes()
        + header.exif.map_or(0, |exif| exif.len)
        + u64::from(header.info.width) * 32
        + 128 * 1024;
    let bytes = limits.max_metadata.bytes().saturating_add(stored);
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    decoder.set_limits(png::Limits { bytes });
    decoder.set_transformations(Transformations::EXPAND);
    let reader = decoder.read_info().map_err(error)?;
    same_size(header, reader.info().width, reader.info().height)?;
    // The decoder passes over a damaged chunk of transparency.
    let (color, _) = reader.output_color_type();
    let has_alpha = matches!(color, ColorType::GrayscaleAlpha | ColorType::Rgba);
    if has_alpha != header.info.has_alpha {
        return Err(Error::corrupt(Format::Png, "its transparency is damaged"));
    }
    Ok(reader)
}

fn icc(
    reader: &png::Reader<&mut Input<'_>>,
    header: &Header,
    limits: &Limits,
) -> Result<Option<Vec<u8>>, Error> {
    let icc = reader.info().icc_profile.as_ref().map(|icc| icc.to_vec());
    let len = ByteSize::from_len(icc.as_ref().map_or(0, Vec::len));
    if limits.max_metadata < len {
        let what = "the unpacked ICC profile";
        let (found, limit) = (len.to_string(), limits.max_metadata.to_string());
        return Err(Kind::OverLimit { what, found, limit }.into());
    }
    if header.info.icc.is_some() && icc.is_none() {
        let what = "it cannot be unpacked within the limit for metadata";
        return Err(Kind::Profile(what.to_owned()).into());
    }
    Ok(icc)
}

fn layout(color: ColorType, depth: BitDepth) -> Result<Layout, Error> {
    Ok(match (color, depth) {
        (ColorType::Grayscale, BitDepth::Sixteen) => Layout::Gray16,
        (ColorType::Grayscale, _) => Layout::Gray8,
        (ColorType::GrayscaleAlpha, BitDepth::Sixteen) => Layout::GrayAlpha16,
        (ColorType::GrayscaleAlpha, _) => Layout::GrayAlpha8,
        (ColorType::Rgb, BitDepth::Sixteen) => Layout::Rgb16,
        (ColorType::Rgb, _) => Layout::Rgb8,
        (ColorType::Rgba, BitDepth::Sixteen) => Layout::Rgba16,
        (ColorType::Rgba, _) => Layout::Rgba8,
        (ColorType::Indexed, _) => {
            return Err(Error::corrupt(Format::Png, "its palette is missing"));
        }
    })
}

fn too_large() -> Error {
    Error::unsupported(Format::Png, "pixels that the address space cannot hold")
}

fn error(error: DecodingError) -> Error {
    match error {
        DecodingError::IoError(error) => Error::from_decoder_io(Format::Png, error),
        DecodingError::LimitsExceeded => Kind::OverLimit {
            what: "the memory for metadata",
            found: "more than is left".to_owned(),
            limit: "`Limits::max_metadata`".to_owned(),
        }
        .into(),
        other => Kind::Decoder(Format::Png, Box::new(other)).into(),
    }
}
