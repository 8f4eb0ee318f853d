use crate::{
    Error, Fit, Icc, Limits, Pixels, Source,
    decode::{checked_header, guarded, stored_pixels},
    format::Size,
    resize::resize,
};

/// How a thumbnail is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThumbnailOptions {
    /// What the image may cost.
    pub limits: Limits,
    /// Whether an image smaller than the box is enlarged; it is not by default.
    pub enlarge: bool,
    /// What becomes of the ICC profile; it is kept by default.
    pub icc: Icc,
}

/// Makes a small, upright picture of 8 bits a sample.
///
/// The image is decoded in full and resized with a Lanczos filter of three lobes;
/// transparency is weighted in, so that edges have no fringe.
///
/// ```
/// use safelight_imaging::{
///     Fit, Layout, Pixels, Source, Target, ThumbnailOptions, encode, thumbnail,
/// };
///
/// let mut png = Vec::new();
/// let pixels = Pixels::new(300, 200, Layout::Gray8, vec![128; 300 * 200])?;
/// encode(&pixels, Target::Png, &mut png)?;
///
/// let options = ThumbnailOptions::default();
/// let small = thumbnail(Source::from_slice(&png), Fit::inside(64, 64), &options)?;
/// assert_eq!((small.width(), small.height()), (64, 43));
/// # Ok::<(), safelight_imaging::Error>(())
/// ```
///
/// # Errors
///
/// As those of [`decode`](crate::decode); and when the profile is to be converted and is
/// not a valid one.
pub fn thumbnail(
    mut source: Source<'_>,
    fit: Fit,
    options: &ThumbnailOptions,
) -> Result<Pixels, Error> {
    let header = checked_header(&mut source.input, &options.limits)?;
    let pixels = stored_pixels(&mut source.input, &header, &options.limits)?;
    let orientation = header.info.orientation;
    let (width, height) = header.info.upright_size();
    let plan = fit.plan(Size::new(width, height), options.enlarge);
    let plan = if orientation.swaps_sides() { plan.swapped() } else { plan };
    let small = resize(pixels, &plan)?.into_8_bit().turn(orientation);
    guarded(header.info.format, || options.icc.apply(small))
}
