use std::io::{BufWriter, Write};

use jpeg_encoder::{
    ChromaSubsamplingMethod, ColorType, Encoder, EncodingError, SamplingFactor,
};

use super::unexpected;
use crate::{Error, Format, Layout, Pixels, error::Kind};

/// From here on colors are stored at full resolution, as libjpeg's users do.
pub(super) const FULL_COLOR_QUALITY: u8 = 90;

pub(super) fn encode(
    pixels: &Pixels,
    quality: u8,
    exif: Option<Vec<u8>>,
    mut sink: impl Write,
) -> Result<(), Error> {
    #[cfg(feature = "native")]
    if super::native::encode_jpeg(pixels, quality, exif.as_deref(), &mut sink)? {
        return Ok(());
    }
    let color = match pixels.layout() {
        Layout::Gray8 => ColorType::Luma,
        Layout::Rgb8 => ColorType::Rgb,
        layout => return Err(unexpected(Format::Jpeg, layout)),
    };
    let mut sink = BufWriter::new(&mut sink);
    let quality = quality.clamp(1, 100);
    let mut encoder = Encoder::new(&mut sink, quality);
    let has_full_color = FULL_COLOR_QUALITY <= quality;
    encoder.set_sampling_factor(if has_full_color {
        SamplingFactor::F_1_1
    } else {
        SamplingFactor::F_2_2
    });
    // The default takes one pixel of four, and fine patterns become another color.
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if let Some(exif) = exif {
        encoder.add_exif_metadata(&exif).map_err(error)?;
    }
    if let Some(icc) = pixels.icc() {
        encoder.add_icc_profile(icc).map_err(error)?;
    }
    let [width, height] = [pixels.width(), pixels.height()]
        .map(|side| u16::try_from(side).expect("the sides were compared with the most"));
    encoder.encode(pixels.data(), width, height, color).map_err(error)?;
    sink.flush().map_err(|error| Kind::Write(Format::Jpeg, error).into())
}

fn error(error: EncodingError) -> Error {
    match error {
        EncodingError::IoError(error) => Kind::Write(Format::Jpeg, error).into(),
        EncodingError::AppSegmentTooLarge(len) => {
            Error::unsupported(Format::Jpeg, format!("an EXIF block of {len} bytes"))
        }
        EncodingError::IccTooLarge(len) => {
            Error::unsupported(Format::Jpeg, format!("an ICC profile of {len} bytes"))
        }
        other => Kind::Encoder(Format::Jpeg, Box::new(other)).into(),
    }
}
