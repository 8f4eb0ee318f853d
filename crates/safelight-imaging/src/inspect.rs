use crate::{Error, Info, Source, header::Header};

/// Reads what the header of an image says; decodes no pixel.
///
/// It reads a few kilobytes, wherever the source comes from, and skips pixels and metadata;
/// of a file that is made of heads of chunks only, 2 MiB.
/// A PNG is read up to its pixels: EXIF behind them is not seen.
///
/// ```
/// use safelight_imaging::{Format, Layout, Pixels, Source, Target, encode, inspect};
///
/// let mut bytes = Vec::new();
/// encode(&Pixels::new(2, 1, Layout::Gray8, vec![0, 255])?, Target::Png, &mut bytes)?;
///
/// let info = inspect(Source::from_slice(&bytes))?;
/// assert_eq!((info.format, info.width, info.height), (Format::Png, 2, 1));
/// # Ok::<(), safelight_imaging::Error>(())
/// ```
///
/// # Errors
///
/// When the source cannot be read, is not an image of a supported format, or its header
/// is truncated or corrupt.
pub fn inspect(mut source: Source<'_>) -> Result<Info, Error> {
    Header::read(&mut source.input).map(|header| header.info)
}
