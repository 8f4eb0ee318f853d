use safelight_core::ByteSize;

use crate::{
    Error, Format, Info, Light, Limits, Pixels, Source,
    contained::contained,
    error::Kind,
    fit::Plan,
    header::{Header, recognize},
    resize::resize,
    source::Input,
};

mod ink;
mod jpeg;
#[cfg(feature = "native")]
mod native;
mod png;
mod sequential;
mod webp;

#[cfg(feature = "native")]
pub(crate) use self::native::thumbnail_bytes as native_thumbnail_bytes;
pub(crate) use self::{
    png::unpack as unpack_png,
    sequential::{Sampling, max_bytes as sequential_bytes},
};

/// Decodes an image under limits, upright, with its ICC profile.
///
/// PNG keeps its 16 bits; palettes become RGB or RGBA; CMYK becomes RGB, through its
/// profile where there is one; of an animation the first frame is taken.
///
/// A truncated or corrupt image is an error, never a partly gray picture.
/// (A JPEG that ends early but with a proper end marker is found by
/// [`validate`](crate::validate) in full depth, and here with the feature `native`.)
///
/// ```
/// use safelight_imaging::{Layout, Limits, Pixels, Source, Target, decode, encode};
///
/// let pixels = Pixels::new(2, 1, Layout::Gray8, vec![0, 255])?;
/// let mut bytes = Vec::new();
/// encode(&pixels, Target::Png, &mut bytes)?;
/// assert_eq!(decode(Source::from_slice(&bytes), &Limits::default())?, pixels);
///
/// let tight = Limits { max_pixels: 1, ..Limits::default() };
/// assert!(decode(Source::from_slice(&bytes), &tight).unwrap_err().is_over_limit());
/// # Ok::<(), safelight_imaging::Error>(())
/// ```
///
/// # Errors
///
/// When the source cannot be read, is not a supported image, is over a limit, or is
/// truncated or corrupt; a panic of a decoder counts as corrupt.
pub fn decode(mut source: Source<'_>, limits: &Limits) -> Result<Pixels, Error> {
    let header = checked_header(&mut source.input, limits)?;
    let pixels = stored_pixels(&mut source.input, &header, limits)?;
    Ok(pixels.turn(header.info.orientation))
}

/// Reads the header and compares it with the limits.
pub(crate) fn checked_header(
    input: &mut Input<'_>,
    limits: &Limits,
) -> Result<Header, Error> {
    let header = sized_header(input, limits)?;
    limits.check(&header)?;
    Ok(header)
}

/// Reads the header of a source that is not too long; all else is for the caller.
pub(crate) fn sized_header(
    input: &mut Input<'_>,
    limits: &Limits,
) -> Result<Header, Error> {
    let (_, len) = recognize(input)?;
    match limits.exceeded_input(len).into_iter().next() {
        Some(excess) => Err(excess.into()),
        None => Header::read(input),
    }
}

/// How the small pixels of a thumbnail come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// All pixels are decoded, then resized.
    Full,
    /// Rows are made small as they come.
    Rows,
}

impl Way {
    /// Chooses what is cheaper.
    ///
    /// Rows of a PNG always are.
    /// Blocks of a JPEG are once they can be reduced. Below that a decoder of whole images
    /// is faster, and rows are for those that would take more than a little memory, if
    /// they save a quarter of it.
    pub(crate) fn new(info: &Info, plan: &Plan, light: Light) -> Self {
        const LITTLE: ByteSize = ByteSize::mib(4);
        let in_rows = match info.format {
            _ if plan.is_identity(info.size()) => false,
            Format::Png => !info.is_progressive,
            Format::Jpeg => {
                let needed = |way| info.needed_bytes(way, plan, light);
                let saves = || {
                    let full = needed(Self::Full);
                    let rows = needed(Self::Rows);
                    LITTLE < full && rows.saturating_mul(4) <= full.saturating_mul(3)
                };
                info.sampling.is_some() && (2.0 <= plan.scale() || saves())
            }
            _ => false,
        };
        if in_rows { Self::Rows } else { Self::Full }
    }
}

/// Makes a part of the pixels as they are stored a picture of 8 bits a sample.
pub(crate) fn small_pixels(
    input: &mut Input<'_>,
    header: &Header,
    limits: &Limits,
    plan: &Plan,
    light: Light,
) -> Result<Pixels, Error> {
    let format = header.info.format;
    #[cfg(feature = "native")]
    if let Some(small) =
        guarded(format, || native::small_pixels(input, header, limits, plan, light))?
    {
        return Ok(small);
    }
    match (Way::new(&header.info, plan, light), format) {
        (Way::Rows, Format::Png) => {
            guarded(format, || png::shrink(input, header, limits, plan, light))
        }
        (Way::Rows, _) => {
            guarded(format, || sequential::shrink(input, header, plan, light))
        }
        (Way::Full, _) => {
            let pixels = stored_pixels(input, header, limits)?;
            guarded(format, || Ok(resize(pixels, plan, light)?.into_8_bit()))
        }
    }
}

/// Decodes the pixels as they are stored; the one place that knows the decoders.
pub(crate) fn stored_pixels(
    input: &mut Input<'_>,
    header: &Header,
    limits: &Limits,
) -> Result<Pixels, Error> {
    let format = header.info.format;
    #[cfg(feature = "native")]
    if let Some(pixels) = guarded(format, || native::stored_pixels(input, header))? {
        return Ok(pixels);
    }
    guarded(format, || match format {
        Format::Jpeg => jpeg::decode(input, header),
        Format::Png => png::decode(input, header, limits),
        Format::WebP => webp::decode(input, header, limits),
        _ => Err(Kind::UnsupportedFormat(format, None).into()),
    })
}

/// Runs a decoder; a panic in it becomes an error.
pub(crate) fn guarded<T>(
    format: Format,
    run: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    contained(run).unwrap_or_else(|message| Err(Kind::Panicked(format, message).into()))
}

/// Refuses a decoder whose own idea of the size is not that of the header.
fn same_size(header: &Header, width: u32, height: u32) -> Result<(), Error> {
    let size = header.info.size();
    if (width, height) == (size.width, size.height) {
        return Ok(());
    }
    let what = format!("its header says {size} pixels, its data {width} x {height}");
    Err(Error::corrupt(header.info.format, what))
}
