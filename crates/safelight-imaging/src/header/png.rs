use safelight_core::ByteSize;

use super::{Bytes, Extent, Frame, Header};
use crate::{Color, Error, Format, format::Size};

const CHUNK: &str = "a chunk before the pixels";

/// Reads the chunks up to the first one of pixels.
pub(super) fn read(bytes: &mut Bytes<'_, '_>) -> Result<Header, Error> {
    bytes.skip(8, "the signature")?;
    let mut header = read_ihdr(bytes)?;
    loop {
        let len = u64::from(bytes.u32_be(CHUNK)?);
        let name = bytes.array::<4>(CHUNK)?;
        let end = bytes.at() + len + 4;
        match &name {
            b"IDAT" => break,
            b"IEND" => return Err(bytes.corrupt("it ends without pixels")),
            b"IHDR" => return Err(bytes.corrupt("it has a second IHDR chunk")),
            b"iCCP" => header.info.icc = Some(ByteSize::from_bytes(len)),
            b"tRNS" => has_transparency(&mut header),
            b"tEXt" | b"zTXt" | b"iTXt" => {
                header.longest_text = header.longest_text.max(len);
            }
            b"eXIf" => header.exif = Some(Extent { at: bytes.at(), len }),
            b"acTL" if len == 8 => header.info.n_frames = Some(bytes.u32_be(CHUNK)?),
            _ => {}
        }
        bytes.skip(end - bytes.at(), CHUNK)?;
    }
    Ok(header)
}

fn read_ihdr(bytes: &mut Bytes<'_, '_>) -> Result<Header, Error> {
    const IHDR: &str = "the IHDR chunk";
    let len = bytes.u32_be(IHDR)?;
    match &bytes.array(IHDR)? {
        b"IHDR" if len == 13 => {}
        b"CgBI" => {
            return Err(Error::unsupported(
                Format::Png,
                "files of Apple's own kind (CgBI)",
            ));
        }
        _ => return Err(bytes.corrupt("its first chunk is not IHDR of 13 bytes")),
    }
    let (width, height) = (bytes.u32_be(IHDR)?, bytes.u32_be(IHDR)?);
    let [bit_depth, color, _compression, _filter, interlace] = bytes.array(IHDR)?;
    bytes.skip(4, IHDR)?;
    let max_side = i32::MAX.unsigned_abs();
    if !(1..=max_side).contains(&width) || !(1..=max_side).contains(&height) {
        return Err(bytes.corrupt(format!("it declares {width} x {height} pixels")));
    }
    let (color, n_samples) = match (color, bit_depth) {
        (0, 1 | 2 | 4 | 8 | 16) => (Color::Gray, 1),
        (2, 8 | 16) => (Color::Rgb, 3),
        (3, 1 | 2 | 4 | 8) => (Color::Palette, 3),
        (4, 8 | 16) => (Color::GrayAlpha, 2),
        (6, 8 | 16) => (Color::Rgba, 4),
        _ => {
            let what = format!("color type {color} with {bit_depth} bits does not exist");
            return Err(bytes.corrupt(what));
        }
    };
    let pixel_len = n_samples * if bit_depth == 16 { 2 } else { 1 };
    let frame = Frame {
        format: Format::Png,
        size: Size::new(width, height),
        color,
        bit_depth,
        has_alpha: matches!(color, Color::GrayAlpha | Color::Rgba),
        pixel_len,
        // The inflater's window and a handful of rows.
        working_bytes: 512 * 1024 + 4 * 8 * u64::from(width),
    };
    let mut header = frame.into_header(bytes.len());
    header.info.is_progressive = interlace != 0;
    Ok(header)
}

/// Adds the channel that a transparent color or palette entry asks for.
fn has_transparency(header: &mut Header) {
    let info = &mut header.info;
    if info.has_alpha {
        return;
    }
    info.has_alpha = true;
    let sample_len = if info.bit_depth == 16 { 2 } else { 1 };
    let alpha = ByteSize::from_bytes(info.n_pixels()).saturating_mul(sample_len);
    info.pixel_bytes += alpha;
    info.decoding_bytes += alpha;
}
