use safelight_core::ByteSize;

use super::{Bytes, Extent, Frame, Header};
use crate::{Color, Error, Format, format::Size};

const ANIMATION: u8 = 0x02;
const ALPHA: u8 = 0x10;

/// Walks over all chunks, reading only the heads of those that matter.
pub(super) fn read(bytes: &mut Bytes<'_, '_>) -> Result<Header, Error> {
    bytes.skip(4, "the signature")?;
    let declared_len = u64::from(bytes.u32_le("the RIFF header")?) + 8;
    bytes.skip(4, "the signature")?;
    let mut chunks = Chunks::default();
    // What lies behind the declared end is not part of the image.
    let end = declared_len.min(bytes.len());
    while 8 <= end.saturating_sub(bytes.at()) {
        let name = bytes.array::<4>("a chunk")?;
        let len = u64::from(bytes.u32_le("a chunk")?);
        let next = bytes.at() + len + len % 2;
        chunks.read(bytes, name, len)?;
        if end <= next {
            break;
        }
        let rest = next.checked_sub(bytes.at());
        let rest = rest.ok_or_else(|| bytes.corrupt("a chunk is too short"))?;
        bytes.skip(rest, "a chunk")?;
    }
    let mut header = chunks.into_header(bytes)?;
    header.declared_len = Some(declared_len);
    Ok(header)
}

/// What the chunks have said so far.
#[derive(Default)]
struct Chunks {
    extended: Option<Canvas>,
    image: Option<Bitstream>,
    icc_bytes: Option<u64>,
    exif: Option<Extent>,
    n_frames: u32,
}

/// What the whole image is, which may have several frames.
struct Canvas {
    size: Size,
    has_alpha: bool,
    is_animated: bool,
}

/// The head of a chunk of pixels.
struct Bitstream {
    size: Size,
    is_lossy: bool,
    has_alpha: bool,
}

impl Chunks {
    fn read(
        &mut self,
        bytes: &mut Bytes<'_, '_>,
        name: [u8; 4],
        len: u64,
    ) -> Result<(), Error> {
        match &name {
            b"VP8X" if self.extended.is_none() => {
                let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = bytes.array("VP8X")?;
                let side = |a, b, c| u32::from_le_bytes([a, b, c, 0]) + 1;
                self.extended = Some(Canvas {
                    size: Size::new(side(w0, w1, w2), side(h0, h1, h2)),
                    has_alpha: flags & ALPHA != 0,
                    is_animated: flags & ANIMATION != 0,
                });
            }
            // The pixels of an animation are in its frames; any beside them are not shown.
            b"VP8 " | b"VP8L" if self.image.is_none() && !self.is_animated() => {
                self.image = Some(Bitstream::read(bytes, name)?);
            }
            b"ANMF" if !self.is_animated() => {
                return Err(bytes.corrupt("it has frames, and is no animation"));
            }
            b"ANMF" => {
                self.n_frames += 1;
                if self.image.is_none() && 16 <= len {
                    self.image = Some(read_first_frame(bytes)?);
                }
            }
            // The first one counts, as for decoders.
            b"ICCP" if self.icc_bytes.is_none() => self.icc_bytes = Some(len),
            b"EXIF" if len <= bytes.remaining() => {
                self.exif = Some(exif_extent(bytes, len)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn is_animated(&self) -> bool {
        self.extended.as_ref().is_some_and(|canvas| canvas.is_animated)
    }

    fn into_header(self, bytes: &Bytes<'_, '_>) -> Result<Header, Error> {
        let Some(image) = self.image else {
            return Err(bytes.truncated("the chunks before the pixels"));
        };
        let canvas = self.extended.unwrap_or(Canvas {
            size: image.size,
            has_alpha: image.has_alpha,
            is_animated: false,
        });
        let frame = Frame {
            format: Format::WebP,
            size: canvas.size,
            color: if canvas.has_alpha { Color::Rgba } else { Color::Rgb },
            bit_depth: 8,
            has_alpha: canvas.has_alpha,
            pixel_len: if canvas.has_alpha { 4 } else { 3 },
            // The decoder copies pixel data and metadata out of the file.
            working_bytes: canvas.working_bytes(&image) + 2 * bytes.len(),
        };
        let mut header = frame.into_header(bytes.len());
        header.info.icc = self.icc_bytes.map(ByteSize::from_bytes);
        header.info.n_frames = canvas.is_animated.then_some(self.n_frames);
        header.exif = self.exif;
        if header.largest.pixels() < image.size.pixels() {
            header.largest = image.size;
        }
        Ok(header)
    }
}

impl Canvas {
    /// Estimates what the decoder holds beside the pixels it returns.
    fn working_bytes(&self, image: &Bitstream) -> u64 {
        let n_pixels = image.size.pixels();
        let planes = if image.is_lossy {
            // Luma and chroma are kept in whole blocks of 16 x 16 samples.
            let side = |side: u32| u64::from(side).next_multiple_of(16);
            let planes = side(image.size.width) * side(image.size.height) * 3 / 2;
            // An opacity may be stored as a lossless image of its own.
            planes + if self.has_alpha || image.has_alpha { n_pixels * 5 } else { 0 }
        } else if self.has_alpha && (self.is_animated || !cfg!(feature = "native")) {
            // They are unpacked in place; libwebp, which takes stills, does not do so.
            0
        } else {
            n_pixels * 4
        };
        let frames =
            if self.is_animated { self.size.pixels() * 4 + n_pixels * 4 } else { 0 };
        1024 * 1024 + planes + frames
    }
}

impl Bitstream {
    fn read(bytes: &mut Bytes<'_, '_>, name: [u8; 4]) -> Result<Self, Error> {
        const HEAD: &str = "the head of the pixel data";
        if &name == b"VP8L" {
            let [signature, packed @ ..] = bytes.array::<5>(HEAD)?;
            if signature != 0x2f {
                return Err(bytes.corrupt("its lossless data lacks the signature 0x2f"));
            }
            let packed = u32::from_le_bytes(packed);
            let size = Size::new((packed & 0x3fff) + 1, (packed >> 14 & 0x3fff) + 1);
            let has_alpha = packed >> 28 & 1 == 1;
            return Ok(Self { size, is_lossy: false, has_alpha });
        }
        let [_, _, _, signature @ .., w0, w1, h0, h1] = bytes.array::<10>(HEAD)?;
        if signature != [0x9d, 0x01, 0x2a] {
            return Err(bytes.corrupt("its lossy data lacks the signature 9d 01 2a"));
        }
        let bits_14 = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
        let size = Size::new(bits_14(w0, w1), bits_14(h0, h1));
        if size.pixels() == 0 {
            return Err(bytes.corrupt(format!("it declares {size} pixels")));
        }
        Ok(Self { size, is_lossy: true, has_alpha: false })
    }
}

/// Reads the head of the pixels of the first frame of an animation.
///
/// They stand in the first chunk of it, or behind their opacity. The decoder looks nowhere
/// else, so that to search on would be to check other pixels than are decoded.
fn read_first_frame(bytes: &mut Bytes<'_, '_>) -> Result<Bitstream, Error> {
    const FRAME: &str = "the first frame";
    bytes.skip(16, FRAME)?;
    let name = bytes.array::<4>(FRAME)?;
    let len = u64::from(bytes.u32_le(FRAME)?);
    match &name {
        b"VP8 " | b"VP8L" => Bitstream::read(bytes, name),
        b"ALPH" => {
            bytes.skip(len + len % 2, FRAME)?;
            let name = bytes.array::<4>(FRAME)?;
            bytes.skip(4, FRAME)?;
            if &name != b"VP8 " {
                return Err(bytes.corrupt("opacity in a frame is not before lossy data"));
            }
            let image = Bitstream::read(bytes, name)?;
            Ok(Bitstream { has_alpha: true, ..image })
        }
        _ => Err(bytes.corrupt("its first frame does not begin with pixels")),
    }
}

/// Some writers put the JPEG prefix before the TIFF header.
fn exif_extent(bytes: &mut Bytes<'_, '_>, len: u64) -> Result<Extent, Error> {
    let at = bytes.at();
    if 6 <= len && bytes.array("the EXIF block")? == *b"Exif\0\0" {
        return Ok(Extent { at: at + 6, len: len - 6 });
    }
    Ok(Extent { at, len })
}
