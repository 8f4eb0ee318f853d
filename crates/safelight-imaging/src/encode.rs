use std::io::{self, Write};

use crate::{Error, Format, Layout, Pixels, decode::guarded, error::Kind, profile};

mod jpeg;
#[cfg(feature = "native")]
mod native;
mod png;
mod webp;

/// What to encode to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// Baseline JPEG; gray stays gray.
    ///
    /// Below a quality of 90 colors have half the resolution each way, as with libjpeg's
    /// users, libvips and Pillow.
    Jpeg {
        /// From 1, the smallest file, to 100, the best picture; clamped.
        quality: u8,
    },
    /// PNG, of 8 or 16 bits as the pixels are, made fast.
    Png,
    /// The same picture in a file that is never longer than that of [`Png`](Self::Png).
    ///
    /// A photo gets somewhat shorter, a drawing far; it takes many times as long.
    /// Up to two files are held in memory on the way.
    PngSmall,
    /// Lossless WebP, of 8 bits.
    WebPLossless,
    /// Lossy WebP, of 8 bits; opacity is lossless, colors have half the resolution.
    ///
    /// What is fully transparent may change its color, which nobody sees.
    #[cfg(feature = "native")]
    WebPLossy {
        /// From 0, the smallest file, to 100, the best picture; clamped.
        quality: u8,
    },
}

impl Target {
    /// Returns the format written.
    pub const fn format(self) -> Format {
        match self {
            Self::Jpeg { .. } => Format::Jpeg,
            Self::Png | Self::PngSmall => Format::Png,
            Self::WebPLossless => Format::WebP,
            #[cfg(feature = "native")]
            Self::WebPLossy { .. } => Format::WebP,
        }
    }

    /// Returns the longest side that the format can express.
    const fn max_side(self) -> u32 {
        match self {
            Self::Jpeg { .. } => 65_535,
            Self::Png | Self::PngSmall => i32::MAX.unsigned_abs(),
            Self::WebPLossless => 16_384,
            #[cfg(feature = "native")]
            Self::WebPLossy { .. } => 16_383,
        }
    }
}

/// Encodes pixels with their ICC profile; returns the number of bytes written.
///
/// ```
/// use safelight_imaging::{Layout, Pixels, Target, encode};
///
/// let pixels = Pixels::new(1, 1, Layout::Rgb8, vec![1, 2, 3])?;
/// let mut file = Vec::new();
/// let n_bytes = encode(&pixels, Target::WebPLossless, &mut file)?;
/// assert_eq!(n_bytes, file.len() as u64);
/// # Ok::<(), safelight_imaging::Error>(())
/// ```
///
/// # Errors
///
/// When the sink fails, or the target cannot hold the pixels: JPEG has no opacity and no
/// 16 bits, WebP no 16 bits and at most 16 384 pixels a side (lossy: 16 383).
/// [`convert`](crate::convert) makes the pixels fit first.
pub fn encode(pixels: &Pixels, target: Target, sink: impl Write) -> Result<u64, Error> {
    encode_with_exif(pixels, target, None, sink)
}

pub(crate) fn encode_with_exif(
    pixels: &Pixels,
    target: Target,
    exif: Option<Vec<u8>>,
    sink: impl Write,
) -> Result<u64, Error> {
    let format = target.format();
    let layout = pixels.layout();
    let is_too_rich = match target {
        Target::Jpeg { .. } => layout.has_alpha() || layout.is_deep(),
        Target::Png | Target::PngSmall => false,
        Target::WebPLossless => layout.is_deep(),
        #[cfg(feature = "native")]
        Target::WebPLossy { .. } => layout.is_deep(),
    };
    if is_too_rich {
        return Err(Error::unsupported(format, format!("pixels of {layout:?}")));
    }
    let side = pixels.width().max(pixels.height());
    if target.max_side() < side {
        return Err(Error::unsupported(format, format!("a side of {side} pixels")));
    }
    let mut counted = Counted { sink, n_bytes: 0 };
    guarded(format, || match target {
        Target::Jpeg { quality } => jpeg::encode(pixels, quality, exif, &mut counted),
        Target::Png => png::encode_fast(pixels, exif.as_deref(), &mut counted),
        Target::PngSmall => png::encode_small(pixels, exif.as_deref(), &mut counted),
        Target::WebPLossless => webp::encode(pixels, exif, &mut counted),
        #[cfg(feature = "native")]
        Target::WebPLossy { quality } => {
            native::encode_webp(pixels, quality, exif.as_deref(), &mut counted)
        }
    })?;
    counted.flush().map_err(|error| Kind::Write(format, error))?;
    Ok(counted.n_bytes)
}

/// Counts what goes through.
struct Counted<W> {
    sink: W,
    n_bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.sink.write(buf)?;
        self.n_bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Makes pixels fit the target; says what had to go.
pub(crate) fn adapt(
    pixels: Pixels,
    target: Target,
    background: [u8; 3],
) -> Result<Adapted, Error> {
    let layout = pixels.layout();
    let reduced_depth = layout.is_deep() && target.format() != Format::Png;
    let flattened = layout.has_alpha() && matches!(target, Target::Jpeg { .. });
    let mut pixels = if reduced_depth { pixels.into_8_bit() } else { pixels };
    // WebP stores gray as RGB, and so does a gray image on a colored background: a gray
    // profile would no longer be that of the pixels.
    let [red, green, blue] = background;
    let leaves_gray = target.format() == Format::WebP
        || (flattened && !(red == green && green == blue));
    if layout.is_gray() && leaves_gray && pixels.icc().is_some() {
        pixels = guarded(target.format(), || profile::to_srgb(pixels))?;
    }
    if flattened {
        pixels = pixels.flatten(background);
    }
    Ok(Adapted { pixels, reduced_depth, flattened })
}

/// Pixels that fit, and the price.
pub(crate) struct Adapted {
    pub(crate) pixels: Pixels,
    pub(crate) reduced_depth: bool,
    pub(crate) flattened: bool,
}

/// Refuses a layout that [`encode_with_exif`] has let pass by mistake.
fn unexpected(format: Format, layout: Layout) -> Error {
    Error::unsupported(format, format!("pixels of {layout:?}"))
}
