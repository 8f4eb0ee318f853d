use std::io::{BufWriter, Write};

use image_webp::{ColorType, EncodingError, WebPEncoder};

use super::unexpected;
use crate::{Error, Format, Layout, Pixels, error::Kind};

pub(super) fn encode(
    pixels: &Pixels,
    exif: Option<Vec<u8>>,
    sink: impl Write,
) -> Result<(), Error> {
    let color = match pixels.layout() {
        Layout::Gray8 => ColorType::L8,
        Layout::GrayAlpha8 => ColorType::La8,
        Layout::Rgb8 => ColorType::Rgb8,
        Layout::Rgba8 => ColorType::Rgba8,
        layout => return Err(unexpected(Format::WebP, layout)),
    };
    let mut sink = BufWriter::new(sink);
    let mut encoder = WebPEncoder::new(&mut sink);
    if let Some(icc) = pixels.icc() {
        encoder.set_icc_profile(icc.to_vec());
    }
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif);
    }
    encoder
        .encode(pixels.data(), pixels.width(), pixels.height(), color)
        .map_err(error)?;
    sink.flush().map_err(|error| Kind::Write(Format::WebP, error).into())
}

fn error(error: EncodingError) -> Error {
    match error {
        EncodingError::IoError(error) => Kind::Write(Format::WebP, error).into(),
        other => Kind::Encoder(Format::WebP, Box::new(other)).into(),
    }
}
