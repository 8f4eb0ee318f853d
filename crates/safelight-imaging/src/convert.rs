use std::io::Write;

use safelight_core::ByteSize;

use crate::{
    Animation, Error, Format, Icc, Limits, Source, Target,
    decode::{checked_header, guarded, stored_pixels},
    encode::{adapt, encode_with_exif},
    exif,
};

/// How an image is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvertOptions {
    /// What the image may cost.
    pub limits: Limits,
    /// Red, green and blue behind transparent pixels, for targets without opacity.
    ///
    /// White by default; blended in the color space of the pixels.
    pub background: [u8; 3],
    /// What becomes of the ICC profile; it is kept by default.
    ///
    /// Where the target could not carry it (a gray profile in WebP, which has RGB only)
    /// the pixels are converted to sRGB all the same.
    pub icc: Icc,
    /// What becomes of other metadata; it is left behind by default.
    pub metadata: Metadata,
    /// What becomes of an animation; its first frame is converted by default.
    pub animation: Animation,
}

impl Default for ConvertOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            background: [255; 3],
            icc: Icc::default(),
            metadata: Metadata::default(),
            animation: Animation::default(),
        }
    }
}

/// What becomes of metadata other than the ICC profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Metadata {
    /// Nothing is kept: no place, no camera, no preview.
    #[default]
    Strip,
    /// The EXIF block is kept, saying "upright" as the pixels now are.
    KeepExif,
}

/// What a conversion wrote, and what the target could not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Converted {
    /// The format that was read.
    pub from: Format,
    /// The frames of what was read, if it was animated; only the first is in the file.
    pub n_frames: Option<u32>,
    /// The width written, in pixels.
    pub width: u32,
    /// The height written, in pixels.
    pub height: u32,
    /// The length of the file written.
    pub written: ByteSize,
    /// Whether transparent pixels were laid over the background.
    pub flattened: bool,
    /// Whether 16 bits became 8.
    pub reduced_depth: bool,
    /// Whether the file written carries an ICC profile.
    pub has_icc: bool,
}

/// Converts an image to another format, upright.
///
/// PNG to PNG keeps every pixel as it is, 16 bits included (palettes are written as RGB).
/// Nothing is written before the image is decoded in full.
///
/// ```
/// use safelight_imaging::{
///     ConvertOptions, Layout, Pixels, Source, Target, convert, encode,
/// };
///
/// let mut png = Vec::new();
/// encode(&Pixels::new(1, 1, Layout::Rgba8, vec![0; 4])?, Target::Png, &mut png)?;
///
/// let mut jpeg = Vec::new();
/// let target = Target::Jpeg { quality: 85 };
/// let options = ConvertOptions { background: [0, 0, 255], ..ConvertOptions::default() };
/// let converted = convert(Source::from_slice(&png), target, &options, &mut jpeg)?;
/// assert!(converted.flattened);
/// # Ok::<(), safelight_imaging::Error>(())
/// ```
///
/// # Errors
///
/// As those of [`decode`](crate::decode) and [`encode`](crate::encode); and when the
/// profile has to be converted and is not a valid one; and when the image is animated and
/// that is refused.
pub fn convert(
    mut source: Source<'_>,
    target: Target,
    options: &ConvertOptions,
    sink: impl Write,
) -> Result<Converted, Error> {
    let header = checked_header(&mut source.input, &options.limits)?;
    options.animation.check(&header.info)?;
    let exif = match options.metadata {
        Metadata::Strip => None,
        Metadata::KeepExif => header.read_exif(&mut source.input)?.map(|mut block| {
            exif::set_upright(&mut block);
            block
        }),
    };
    let from = header.info.format;
    let pixels = stored_pixels(&mut source.input, &header, &options.limits)?;
    let pixels = pixels.turn(header.info.orientation);
    let pixels = guarded(from, || options.icc.apply(pixels))?;
    let adapted = adapt(pixels, target, options.background)?;
    let pixels = adapted.pixels;
    let n_bytes = encode_with_exif(&pixels, target, exif, sink)?;
    Ok(Converted {
        from,
        n_frames: header.info.n_frames,
        width: pixels.width(),
        height: pixels.height(),
        written: ByteSize::from_bytes(n_bytes),
        flattened: adapted.flattened,
        reduced_depth: adapted.reduced_depth,
        has_icc: pixels.icc().is_some(),
    })
}
