use crate::{
    Error, Fit, Icc, Limits, Pixels, Source,
    decode::{checked_header, guarded, stored_pixels},
    fit::Growth,
    format::Size,
    resize::resize,
};

/// How a thumbnail is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThumbnailOptions {
    /// What the image may cost, and the picture that is made of it.
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
/// As those of [`decode`](crate::decode); when the thumbnail itself would be over a limit;
/// and when the profile is to be converted and is not a valid one.
pub fn thumbnail(
    mut source: Source<'_>,
    fit: Fit,
    options: &ThumbnailOptions,
) -> Result<Pixels, Error> {
    let header = checked_header(&mut source.input, &options.limits)?;
    let info = &header.info;
    let (width, height) = info.upright_size();
    let growth = if options.enlarge { Growth::Allowed } else { Growth::Refused };
    let plan = fit.plan(Size::new(width, height), growth);
    let plan = if info.orientation.swaps_sides() { plan.swapped() } else { plan };
    if !plan.is_identity(info.size()) {
        let pixel_len = info.pixel_bytes.bytes().div_ceil(info.n_pixels().max(1));
        options.limits.check_plan(&plan, pixel_len)?;
    }
    let pixels = stored_pixels(&mut source.input, &header, &options.limits)?;
    guarded(info.format, || {
        let small = resize(pixels, &plan)?.into_8_bit().turn(info.orientation);
        options.icc.apply(small)
    })
}
