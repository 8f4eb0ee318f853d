use crate::{
    Animation, Error, Fit, Icc, Info, Light, Limits, Pixels, Source,
    decode::{guarded, sized_header, small_pixels},
    fit::{Growth, Plan},
    format::Size,
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
    /// In which values pixels are mixed; in those that are stored by default.
    pub light: Light,
    /// What becomes of an animation; its first frame is taken by default.
    pub animation: Animation,
}

impl ThumbnailOptions {
    /// Plans the resize of the pixels as they are stored.
    pub(crate) fn plan(&self, info: &Info, fit: Fit) -> Plan {
        let (width, height) = info.upright_size();
        let growth = if self.enlarge { Growth::Allowed } else { Growth::Refused };
        let plan = fit.plan(Size::new(width, height), growth);
        if info.orientation.swaps_sides() { plan.swapped() } else { plan }
    }
}

/// Makes a small, upright picture of 8 bits a sample.
///
/// The rows of a PNG that is not interlaced, and of a JPEG of one scan (all but progressive
/// ones) that becomes half as large or smaller, are made small as they come: for a box of
/// 512 x 512 that takes 4 MiB at most, of a reader, up to widths of 8192; in linear light
/// it takes more. A JPEG that becomes smaller by less is made so where it saves memory.
/// All else is decoded in full.
/// With the feature `native` a JPEG or an opaque WebP is decoded to a part of its size, the
/// file being held in memory: a JPEG of one scan where it is reduced by less than fourteen,
/// and that takes 64 MiB at most.
/// Either way a Lanczos filter of three lobes makes the result, transparency is weighted
/// in, so that edges have no fringe, and what is truncated or corrupt is an error.
/// What memory it takes is known from the header:
/// [`Info::thumbnail_bytes`](crate::Info::thumbnail_bytes).
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
/// when the profile is to be converted and is not a valid one; and when the image is
/// animated and that is refused.
pub fn thumbnail(
    mut source: Source<'_>,
    fit: Fit,
    options: &ThumbnailOptions,
) -> Result<Pixels, Error> {
    let header = sized_header(&mut source.input, &options.limits)?;
    let info = &header.info;
    options.animation.check(info)?;
    let plan = options.plan(info, fit);
    options.limits.check_thumbnail(&header, &plan, options.light)?;
    let small =
        small_pixels(&mut source.input, &header, &options.limits, &plan, options.light)?;
    guarded(info.format, || options.icc.apply(small.turn(info.orientation)))
}
