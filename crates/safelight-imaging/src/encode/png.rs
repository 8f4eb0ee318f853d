use std::{
    borrow::Cow,
    io::{BufWriter, Write},
};

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Info};

use crate::{Error, Format, Layout, Pixels, error::Kind};

pub(super) fn encode_fast(
    pixels: &Pixels,
    exif: Option<&[u8]>,
    sink: impl Write,
) -> Result<(), Error> {
    encode(pixels, exif, Compression::Fast, sink)
}

/// Makes the file both ways and writes the shorter one.
///
/// The slow search finds repetitions; on a noisy photo there are none, and the codes of
/// the fast way, which were made for photos, win.
pub(super) fn encode_small(
    pixels: &Pixels,
    exif: Option<&[u8]>,
    mut sink: impl Write,
) -> Result<(), Error> {
    let [mut fast, mut searched] = [Vec::new(), Vec::new()];
    encode(pixels, exif, Compression::Fast, &mut fast)?;
    // The level above takes far longer for hardly less.
    encode(pixels, exif, Compression::Balanced, &mut searched)?;
    let file = if searched.len() < fast.len() { searched } else { fast };
    sink.write_all(&file).map_err(|error| Kind::Write(Format::Png, error).into())
}

fn encode(
    pixels: &Pixels,
    exif: Option<&[u8]>,
    compression: Compression,
    sink: impl Write,
) -> Result<(), Error> {
    let layout = pixels.layout();
    let mut info = Info::with_size(pixels.width(), pixels.height());
    info.color_type = match layout {
        Layout::Gray8 | Layout::Gray16 => ColorType::Grayscale,
        Layout::GrayAlpha8 | Layout::GrayAlpha16 => ColorType::GrayscaleAlpha,
        Layout::Rgb8 | Layout::Rgb16 => ColorType::Rgb,
        Layout::Rgba8 | Layout::Rgba16 => ColorType::Rgba,
    };
    info.bit_depth = if layout.is_deep() { BitDepth::Sixteen } else { BitDepth::Eight };
    info.icc_profile = pixels.icc().map(Cow::Borrowed);
    info.exif_metadata = exif.map(Cow::Borrowed);
    let mut sink = BufWriter::new(sink);
    let mut encoder = Encoder::with_info(&mut sink, info).map_err(error)?;
    encoder.set_compression(compression);
    let mut writer = encoder.write_header().map_err(error)?;
    if layout.is_deep() && cfg!(target_endian = "little") {
        write_swapped(pixels, &mut writer).map_err(error)?;
    } else {
        writer.write_image_data(pixels.data()).map_err(error)?;
    }
    writer.finish().map_err(error)?;
    sink.flush().map_err(|error| Kind::Write(Format::Png, error).into())
}

/// Writes samples of 16 bits, the high byte first, row by row.
fn write_swapped<W: Write>(
    pixels: &Pixels,
    writer: &mut png::Writer<W>,
) -> Result<(), EncodingError> {
    let row_len = pixels.width() as usize * pixels.layout().pixel_len();
    let mut swapped = vec![0; row_len];
    let mut stream = writer.stream_writer()?;
    for row in pixels.data().chunks_exact(row_len) {
        let samples = swapped.as_chunks_mut::<2>().0;
        for (to, &[low, high]) in samples.iter_mut().zip(row.as_chunks::<2>().0) {
            *to = [high, low];
        }
        stream.write_all(&swapped)?;
    }
    stream.finish()
}

fn error(error: EncodingError) -> Error {
    match error {
        EncodingError::IoError(error) => Kind::Write(Format::Png, error).into(),
        other => Kind::Encoder(Format::Png, Box::new(other)).into(),
    }
}
