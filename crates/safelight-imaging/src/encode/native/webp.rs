use std::{
    borrow::Cow,
    io::{self, Write},
};

use safelight_native::{Picture, Samples, webp};

use crate::{Error, Format, Layout, Pixels, encode::unexpected, error::Kind};

/// The effort that libwebp itself takes by default.
const METHOD: u8 = 4;

/// Bits of the extended header: what is in the file.
const HAS_ICC: u8 = 0x20;
const HAS_ALPHA: u8 = 0x10;
const HAS_EXIF: u8 = 0x08;

/// Writes a lossy WebP.
pub(in crate::encode) fn encode(
    pixels: &Pixels,
    quality: u8,
    exif: Option<&[u8]>,
    mut sink: impl Write,
) -> Result<(), Error> {
    let (data, samples) = match pixels.layout() {
        Layout::Rgb8 => (Cow::Borrowed(pixels.data()), Samples::Rgb),
        Layout::Rgba8 => (Cow::Borrowed(pixels.data()), Samples::Rgba),
        Layout::Gray8 => (colored(pixels.data()), Samples::Rgb),
        Layout::GrayAlpha8 => (colored_with_alpha(pixels.data()), Samples::Rgba),
        layout => return Err(unexpected(Format::WebP, layout)),
    };
    let (width, height) = (pixels.width(), pixels.height());
    let picture = Picture { pixels: &data, width, height };
    let file = webp::encode_lossy(&picture, samples, quality, METHOD);
    let file = file.map_err(|error| Kind::Encoder(Format::WebP, Box::new(error)))?;
    drop(data);
    let written = match (pixels.icc(), exif) {
        (None, None) => sink.write_all(&file),
        (icc, exif) => write_with_metadata(pixels, &file, (icc, exif), &mut sink),
    };
    written
        .and_then(|()| sink.flush())
        .map_err(|error| Kind::Write(Format::WebP, error).into())
}

fn colored(gray: &[u8]) -> Cow<'_, [u8]> {
    gray.iter().flat_map(|&gray| [gray; 3]).collect()
}

fn colored_with_alpha(data: &[u8]) -> Cow<'_, [u8]> {
    let pixels = data.as_chunks::<2>().0.iter();
    pixels.flat_map(|&[gray, alpha]| [gray, gray, gray, alpha]).collect()
}

type Chunk<'a> = (&'a [u8; 4], &'a [u8]);

/// Puts the chunks of a file into one that has room for metadata.
fn write_with_metadata(
    pixels: &Pixels,
    file: &[u8],
    (icc, exif): (Option<&[u8]>, Option<&[u8]>),
    sink: &mut impl Write,
) -> io::Result<()> {
    let mut image = chunks(file);
    image.retain(|(name, _)| *name != b"VP8X");
    let has_alpha = image.iter().any(|(name, _)| *name == b"ALPH");
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    let flags = flag(icc.is_some(), HAS_ICC)
        | flag(has_alpha, HAS_ALPHA)
        | flag(exif.is_some(), HAS_EXIF);
    let mut head = vec![flags, 0, 0, 0];
    for side in [pixels.width(), pixels.height()] {
        head.extend(&(side - 1).to_le_bytes()[..3]);
    }
    let mut all: Vec<Chunk<'_>> = vec![(b"VP8X", &head)];
    all.extend(icc.map(|icc| (b"ICCP", icc)));
    all.extend(image);
    all.extend(exif.map(|exif| (b"EXIF", exif)));
    let len =
        |len: usize| u32::try_from(len).map(u32::to_le_bytes).map_err(io::Error::other);
    let padded = |(_, data): &Chunk<'_>| 8 + data.len() + data.len() % 2;
    sink.write_all(b"RIFF")?;
    sink.write_all(&len(4 + all.iter().map(padded).sum::<usize>())?)?;
    sink.write_all(b"WEBP")?;
    for (name, data) in all {
        sink.write_all(name)?;
        sink.write_all(&len(data.len())?)?;
        sink.write_all(data)?;
        sink.write_all(&[0][..data.len() % 2])?;
    }
    Ok(())
}

/// Returns the chunks of a file that the library has made.
fn chunks(file: &[u8]) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let mut rest = file.get(12..).unwrap_or_default();
    while let Some((name, tail)) = rest.split_first_chunk::<4>() {
        let Some((len, tail)) = tail.split_first_chunk::<4>() else { break };
        let len = u32::from_le_bytes(*len) as usize;
        let Some((data, tail)) = tail.split_at_checked(len) else { break };
        chunks.push((name, data));
        rest = tail.get(len % 2..).unwrap_or_default();
    }
    chunks
}
