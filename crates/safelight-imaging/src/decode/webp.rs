use image_webp::{DecodingError, WebPDecoder};

use super::same_size;
use crate::{
    Error, Format, Layout, Limits, Pixels, error::Kind, header::Header, source::Input,
};

pub(super) fn decode(
    input: &mut Input<'_>,
    header: &Header,
    limits: &Limits,
) -> Result<Pixels, Error> {
    if Some(header.source_len) < header.declared_len {
        return Err(Kind::Truncated(Format::WebP, "the RIFF container").into());
    }
    let mut decoder = WebPDecoder::new(input).map_err(error)?;
    let max_metadata = limits.max_metadata.bytes();
    decoder.set_memory_limit(usize::try_from(max_metadata).unwrap_or(usize::MAX));
    let (width, height) = decoder.dimensions();
    same_size(header, width, height)?;
    if decoder.has_alpha() != header.info.has_alpha {
        let what = "its header and its data differ about transparency";
        return Err(Error::corrupt(Format::WebP, what));
    }
    let layout = if decoder.has_alpha() { Layout::Rgba8 } else { Layout::Rgb8 };
    let len = decoder.output_buffer_size();
    let len = len.ok_or_else(|| error(DecodingError::ImageTooLarge))?;
    let mut data = vec![0; len];
    decoder.read_image(&mut data).map_err(error)?;
    let icc = decoder.icc_profile().map_err(error)?;
    if header.info.icc.is_some() && icc.is_none() {
        return Err(Kind::Profile("its chunk cannot be read".to_owned()).into());
    }
    Ok(Pixels::new(width, height, layout, data)?.with_icc(icc))
}

fn error(error: DecodingError) -> Error {
    match error {
        DecodingError::IoError(error) => Error::from_decoder_io(Format::WebP, error),
        other => Kind::Decoder(Format::WebP, Box::new(other)).into(),
    }
}
