use std::io::{self, Write};

use safelight_native::{Picture, Samples, jpeg};

use crate::{
    Error, Format, Layout, Pixels, encode::jpeg::FULL_COLOR_QUALITY, error::Kind,
};

/// The most bytes of a segment, and those of a profile in it.
const SEGMENT: usize = 65_533;
const PROFILE_PART: usize = SEGMENT - ICC.len() - 2;

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";

/// Writes a JPEG; `false` is for another encoder to try, and nothing was written then.
pub(in crate::encode) fn encode(
    pixels: &Pixels,
    quality: u8,
    exif: Option<&[u8]>,
    mut sink: impl Write,
) -> Result<bool, Error> {
    let samples = match pixels.layout() {
        Layout::Gray8 => Samples::Gray,
        Layout::Rgb8 => Samples::Rgb,
        _ => return Ok(false),
    };
    let metadata = segments(exif, pixels.icc())?;
    let picture =
        Picture { pixels: pixels.data(), width: pixels.width(), height: pixels.height() };
    let chroma = if FULL_COLOR_QUALITY <= quality {
        jpeg::Chroma::Whole
    } else {
        jpeg::Chroma::Halved
    };
    // The longest sides of the format are more than the library takes.
    let Ok(file) = jpeg::encode(&picture, samples, quality, chroma) else {
        return Ok(false);
    };
    let (head, rest) = file.split_at(head_len(&file));
    let written = [head, &metadata, rest]
        .into_iter()
        .try_for_each(|part| sink.write_all(part))
        .and_then(|()| sink.flush());
    written.map(|()| true).map_err(write_error)
}

/// Returns the length of the signature and the JFIF segment, behind which metadata stands.
fn head_len(file: &[u8]) -> usize {
    match file {
        [0xff, 0xd8, 0xff, 0xe0, high, low, ..] => {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            (4 + len).min(file.len())
        }
        _ => 2.min(file.len()),
    }
}

/// Makes the segments of the metadata, which must have room in them.
fn segments(exif: Option<&[u8]>, icc: Option<&[u8]>) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    if let Some(exif) = exif {
        let len = EXIF.len() + exif.len();
        if SEGMENT < len {
            let what = format!("an EXIF block of {len} bytes");
            return Err(Error::unsupported(Format::Jpeg, what));
        }
        add_segment(&mut bytes, 0xe1, &[EXIF, exif]);
    }
    if let Some(icc) = icc {
        let n_parts = icc.len().div_ceil(PROFILE_PART);
        let Ok(n_parts) = u8::try_from(n_parts) else {
            let what = format!("an ICC profile of {} bytes", icc.len());
            return Err(Error::unsupported(Format::Jpeg, what));
        };
        for (number, part) in (1..=n_parts).zip(icc.chunks(PROFILE_PART)) {
            add_segment(&mut bytes, 0xe2, &[ICC, &[number, n_parts], part]);
        }
    }
    Ok(bytes)
}

/// Adds a segment, whose length was compared with the most.
fn add_segment(bytes: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let len = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
    bytes.extend([0xff, marker]);
    bytes.extend((len as u16).to_be_bytes());
    bytes.extend(parts.iter().copied().flatten());
}

fn write_error(error: io::Error) -> Error {
    Kind::Write(Format::Jpeg, error).into()
}
