//! Reads headers with a few small reads, and never a pixel.

use safelight_core::ByteSize;

use crate::{
    Color, Error, Format, Info, Orientation, error::Kind, exif, format::Size,
    source::Input,
};

mod bytes;
mod jpeg;
mod png;
mod webp;

pub(crate) use self::bytes::Bytes;

/// A stretch of the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) at: u64,
    pub(crate) len: u64,
}

/// How much of a file a header is read from: heads of chunks and of 64 KiB of EXIF. Files
/// made of ever more heads are not read to their end.
const MAX_HEADER: u64 = 2 << 20;

/// What is known of an image before its pixels are touched.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) info: Info,
    pub(crate) source_len: u64,
    /// The length that the container declares, where it does.
    pub(crate) declared_len: Option<u64>,
    /// The largest of the canvas and the frames in it: what a decoder would allocate for.
    pub(crate) largest: Size,
    /// The EXIF block, from its TIFF header on.
    pub(crate) exif: Option<Extent>,
    /// Whether a JPEG has Adobe's segment, which means that inks are stored inverted.
    pub(crate) is_adobe: bool,
    /// The color transform that it declares.
    pub(crate) adobe_transform: Option<u8>,
    /// Whether the color components of a JPEG that is not progressive differ in height and
    /// come in scans of their own.
    pub(crate) is_split: bool,
    /// Where the first scan of a JPEG begins.
    pub(crate) scan_at: u64,
    /// The length of the longest text chunk.
    pub(crate) longest_text: u64,
}

impl Header {
    /// Reads the header of `input` and leaves it at its first byte.
    pub(crate) fn read(input: &mut Input<'_>) -> Result<Self, Error> {
        let (format, len) = recognize(input)?;
        let mut bytes = Bytes::new(input, format, len).at_most(MAX_HEADER);
        let mut header = match format {
            Format::Jpeg => jpeg::read(&mut bytes)?,
            Format::Png => png::read(&mut bytes)?,
            Format::WebP => webp::read(&mut bytes)?,
            _ => return Err(unsupported(format, input)?),
        };
        header.read_orientation(&mut bytes)?;
        bytes.seek(0)?;
        Ok(header)
    }

    /// Reads the EXIF block, which the limits have found short enough.
    pub(crate) fn read_exif(
        &self,
        input: &mut Input<'_>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some(extent) = self.exif else { return Ok(None) };
        let mut bytes = Bytes::new(input, self.info.format, self.source_len);
        bytes.seek(extent.at)?;
        let block = bytes.vec(extent.len, "the EXIF block")?;
        bytes.seek(0)?;
        Ok(Some(block))
    }

    fn read_orientation(&mut self, bytes: &mut Bytes<'_, '_>) -> Result<(), Error> {
        let Some(extent) = self.exif else { return Ok(()) };
        bytes.seek(extent.at)?;
        let searched = extent.len.min(exif::SEARCHED_BYTES as u64);
        self.info.orientation =
            exif::orientation(&bytes.vec(searched, "the EXIF block")?);
        if self.info.orientation.swaps_sides() {
            // Turning by a quarter needs a second buffer.
            self.info.decoding_bytes += self.info.pixel_bytes;
        }
        Ok(())
    }
}

/// Tells format and length, and leaves the input at its first byte.
pub(crate) fn recognize(input: &mut Input<'_>) -> Result<(Format, u64), Error> {
    let len = input.measure()?;
    if len == 0 {
        return Err(Kind::Empty.into());
    }
    let format = Format::sniff(&sniffed(input)?).ok_or(Kind::NotAnImage)?;
    Ok((format, len))
}

fn unsupported(format: Format, input: &mut Input<'_>) -> Result<Error, Error> {
    let size = format.sniff_size(&sniffed(input)?);
    Ok(Kind::UnsupportedFormat(format, size).into())
}

/// Reads the first bytes of an input that stands there, and leaves it there.
fn sniffed(input: &mut Input<'_>) -> Result<Vec<u8>, Error> {
    use std::io::{Read, Seek};
    let mut head = Vec::with_capacity(Format::N_SNIFFED);
    let most = Format::N_SNIFFED as u64;
    input.by_ref().take(most).read_to_end(&mut head).map_err(Kind::Read)?;
    // Not by a seek from the start: what is buffered is read next.
    let back = head.len().cast_signed() as i64;
    input.seek_relative(-back).map_err(Kind::Read)?;
    Ok(head)
}

/// The part of [`Info`] that all formats fill in alike.
struct Frame {
    format: Format,
    size: Size,
    color: Color,
    bit_depth: u8,
    has_alpha: bool,
    /// Bytes of one decoded pixel.
    pixel_len: u64,
    /// What the decoder holds beside the pixels.
    working_bytes: u64,
}

impl Frame {
    fn into_header(self, source_len: u64) -> Header {
        let pixel_bytes = self.size.pixels().saturating_mul(self.pixel_len);
        let info = Info {
            format: self.format,
            width: self.size.width,
            height: self.size.height,
            color: self.color,
            bit_depth: self.bit_depth,
            has_alpha: self.has_alpha,
            is_progressive: false,
            orientation: Orientation::Upright,
            icc: None,
            n_frames: None,
            sampling: None,
            pixel_bytes: ByteSize::from_bytes(pixel_bytes),
            decoding_bytes: ByteSize::from_bytes(
                pixel_bytes.saturating_add(self.working_bytes),
            ),
        };
        Header {
            info,
            source_len,
            declared_len: None,
            largest: self.size,
            exif: None,
            is_adobe: false,
            adobe_transform: None,
            is_split: false,
            scan_at: 0,
            longest_text: 0,
        }
    }
}
