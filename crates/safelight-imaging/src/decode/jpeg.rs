use std::io::{Read, Seek};

use zune_core::{
    bytestream::{ZByteIoError, ZCursor},
    colorspace::ColorSpace,
    options::DecoderOptions,
};
use zune_jpeg::{JpegDecoder, errors::DecodeErrors};

use super::{ink, same_size};
use crate::{
    Color, Error, Format, Layout, Pixels, error::Kind, header::Header, source::Input,
};

pub(super) fn decode(input: &mut Input<'_>, header: &Header) -> Result<Pixels, Error> {
    if let Input::Slice(cursor) = input {
        return decode_slice(cursor.get_ref(), header);
    }
    // The decoder reads byte by byte and steps back often: it wants all bytes in memory.
    // The limits have found their number small enough, and the header has counted them.
    let mut bytes = Vec::with_capacity(header.source_len as usize);
    input.rewind().map_err(Kind::Read)?;
    input.take(header.source_len).read_to_end(&mut bytes).map_err(Kind::Read)?;
    decode_slice(&bytes, header)
}

fn decode_slice(bytes: &[u8], header: &Header) -> Result<Pixels, Error> {
    let info = &header.info;
    // The decoder fills what is missing of the last rows with zeros. Within pixel data an
    // end marker cannot appear by chance, so that the lack of one tells a cut file.
    let scans = bytes.get(header.scan_at as usize..).unwrap_or_default();
    if !scans.windows(2).rev().any(|pair| pair == [0xff, 0xd9]) {
        return Err(Kind::Truncated(Format::Jpeg, "the pixel data").into());
    }
    if header.is_split {
        // The decoder puts such colors in the wrong places, and says nothing.
        let what = "colors of lower height in scans of their own, not progressive";
        return Err(Error::unsupported(Format::Jpeg, what));
    }
    let (layout, color) = match info.color {
        Color::Gray => (Layout::Gray8, ColorSpace::Luma),
        // Inks are converted here, where their polarity and profile are known.
        Color::Cmyk => (Layout::Rgb8, ColorSpace::CMYK),
        Color::Ycck => (Layout::Rgb8, ColorSpace::YCCK),
        _ => (Layout::Rgb8, ColorSpace::RGB),
    };
    let options = DecoderOptions::new_safe()
        .set_strict_mode(true)
        .set_max_width(info.width as usize)
        .set_max_height(info.height as usize)
        .jpeg_set_out_colorspace(color);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(error)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    same_size(header, width as u32, height as u32)?;
    let is_ink = info.color.is_ink();
    let n_channels = if is_ink { 4 } else { layout.n_channels() };
    let wanted = width * height * n_channels;
    if decoder.output_buffer_size() != Some(wanted) {
        let what = "its color components are not those of its header";
        return Err(Error::corrupt(Format::Jpeg, what));
    }
    let mut data = vec![0; wanted];
    decoder.decode_into(&mut data).map_err(error)?;
    let icc = decoder.icc_profile();
    if info.icc.is_some() && icc.is_none() {
        return Err(Kind::Profile("its segments do not fit together".to_owned()).into());
    }
    if is_ink {
        let inks =
            ink::Inks { is_ycck: info.color == Color::Ycck, is_adobe: header.is_adobe };
        inks.to_rgb(&mut data, icc.as_deref())?;
        return Pixels::new(info.width, info.height, layout, data);
    }
    Ok(Pixels::new(info.width, info.height, layout, data)?.with_icc(icc))
}

fn error(error: DecodeErrors) -> Error {
    const FORMAT: Format = Format::Jpeg;
    match error {
        DecodeErrors::IoErrors(ZByteIoError::StdIoError(error)) => {
            Error::from_decoder_io(FORMAT, error)
        }
        DecodeErrors::IoErrors(_)
        | DecodeErrors::ExhaustedData
        | DecodeErrors::FormatStatic("Premature end of buffer") => {
            Kind::Truncated(FORMAT, "the pixel data").into()
        }
        DecodeErrors::Unsupported(scheme) => {
            Error::unsupported(FORMAT, format!("{scheme:?}"))
        }
        other => Kind::Decoder(FORMAT, Box::new(other)).into(),
    }
}
