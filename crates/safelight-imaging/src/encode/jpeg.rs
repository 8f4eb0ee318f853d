use std::io::{BufWriter, Write};

use image::{ExtendedColorType, ImageEncoder, ImageError, codecs::jpeg::JpegEncoder};

use super::unexpected;
use crate::{Error, Format, Layout, Pixels, error::Kind};

pub(super) fn encode(
    pixels: &Pixels,
    quality: u8,
    exif: Option<Vec<u8>>,
    sink: impl Write,
) -> Result<(), Error> {
    let color = match pixels.layout() {
        Layout::Gray8 => ExtendedColorType::L8,
        Layout::Rgb8 => ExtendedColorType::Rgb8,
        layout => return Err(unexpected(Format::Jpeg, layout)),
    };
    let mut sink = BufWriter::new(sink);
    let mut encoder = JpegEncoder::new_with_quality(&mut sink, quality.clamp(1, 100));
    let unsupported = |error: image::error::UnsupportedError| {
        Kind::Encoder(Format::Jpeg, Box::new(error))
    };
    if let Some(icc) = pixels.icc() {
        encoder.set_icc_profile(icc.to_vec()).map_err(unsupported)?;
    }
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).map_err(unsupported)?;
    }
    let (width, height) = (pixels.width(), pixels.height());
    encoder.write_image(pixels.data(), width, height, color).map_err(error)?;
    sink.flush().map_err(|error| Kind::Write(Format::Jpeg, error).into())
}

fn error(error: ImageError) -> Error {
    match error {
        ImageError::IoError(error) => Kind::Write(Format::Jpeg, error).into(),
        other => Kind::Encoder(Format::Jpeg, Box::new(other)).into(),
    }
}
