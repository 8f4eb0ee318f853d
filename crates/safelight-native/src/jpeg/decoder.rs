use std::{
    ffi::{c_int, c_uint},
    fmt,
};

use turbojpeg_sys::{
    TJCS_TJCS_CMYK, TJCS_TJCS_GRAY, TJCS_TJCS_RGB, TJCS_TJCS_YCCK, TJCS_TJCS_YCbCr,
    TJINIT_TJINIT_DECOMPRESS, TJPARAM_TJPARAM_COLORSPACE, TJPARAM_TJPARAM_JPEGHEIGHT,
    TJPARAM_TJPARAM_JPEGWIDTH, TJPARAM_TJPARAM_LOSSLESS, TJPARAM_TJPARAM_PRECISION,
    TJPARAM_TJPARAM_SAVEMARKERS, TJPARAM_TJPARAM_SCANLIMIT, TJPARAM_TJPARAM_SUBSAMP,
    TJPF_TJPF_GRAY, TJPF_TJPF_RGB, TJSAMP_TJSAMP_420, TJSAMP_TJSAMP_444,
    TJSAMP_TJSAMP_GRAY, tj3Decompress8, tj3DecompressHeader, tj3SetScalingFactor,
    tjscalingfactor,
};

use crate::{Error, Image, Samples, image::sides, jpeg::handle::Handle};

/// Samplings whose chroma the library makes as large as luma when it reduces.
const FINE: [c_int; 3] = [TJSAMP_TJSAMP_GRAY, TJSAMP_TJSAMP_444, TJSAMP_TJSAMP_420];

/// More passes than this over one image are an attack, not a picture.
const MAX_SCANS: c_int = 100;

/// Decodes a JPEG at full or reduced size.
///
/// ```
/// use safelight_native::{Picture, Samples, jpeg};
///
/// let picture = Picture { pixels: &[90; 3 * 17 * 9], width: 17, height: 9 };
/// let file = jpeg::encode(&picture, Samples::Rgb, 90, jpeg::Chroma::Halved)?;
/// let mut decoder = jpeg::Decoder::new(&file)?;
/// let half = decoder.decode(Samples::Rgb, jpeg::Scale::Half)?;
/// assert_eq!((half.width, half.height), (9, 5));
/// # Ok::<(), safelight_native::Error>(())
/// ```
pub struct Decoder<'a> {
    handle: Handle,
    bytes: &'a [u8],
    header: Header,
}

/// What the header of a JPEG says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Pixels across, as stored.
    pub width: u32,
    /// Pixels down, as stored.
    pub height: u32,
    /// How colors are stored.
    pub color: Color,
    /// Whether a reduced image has less color than it has pixels.
    ///
    /// Chroma that is whole, or halved both ways, comes out at the size of the reduced image;
    /// chroma that is halved one way, or is less than a half, does not.
    pub is_coarse: bool,
}

/// How a JPEG stores its colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Color {
    /// Luma alone.
    Gray,
    /// Luma and chroma.
    Ycc,
    /// Red, green and blue.
    Rgb,
    /// Four inks, which are not decoded here.
    Inks,
}

/// To which part of its size an image is decoded; sides are rounded up.
///
/// Reduced blocks are made of their lowest frequencies, which is much faster than to make
/// all pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scale {
    /// All pixels.
    Whole,
    /// A half of each side.
    Half,
    /// Three eighths of each side.
    ThreeEighths,
    /// A quarter of each side.
    Quarter,
    /// An eighth of each side.
    Eighth,
}

impl Scale {
    /// Returns how many of each eight pixels along a side are left.
    pub const fn eighths(self) -> u32 {
        match self {
            Self::Whole => 8,
            Self::Half => 4,
            Self::ThreeEighths => 3,
            Self::Quarter => 2,
            Self::Eighth => 1,
        }
    }

    /// Returns the length that a side is decoded to.
    pub const fn apply(self, side: u32) -> u32 {
        // In wholes and rests, so that no side is too long.
        let n = self.eighths();
        side / 8 * n + (side % 8 * n).div_ceil(8)
    }

    /// Returns the fraction in its lowest terms, as the library knows it.
    const fn factor(self) -> tjscalingfactor {
        let (num, denom) = match self {
            Self::Whole => (1, 1),
            Self::Half => (1, 2),
            Self::ThreeEighths => (3, 8),
            Self::Quarter => (1, 4),
            Self::Eighth => (1, 8),
        };
        tjscalingfactor { num, denom }
    }
}

#[expect(unsafe_code, reason = "the functions are of C")]
impl<'a> Decoder<'a> {
    /// Reads the header; no pixel is decoded.
    ///
    /// # Errors
    ///
    /// When the header is cut, or declares what the library does not take.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut handle = Handle::new(TJINIT_TJINIT_DECOMPRESS)?;
        handle.set(TJPARAM_TJPARAM_SCANLIMIT, MAX_SCANS)?;
        // Color profiles are for the caller.
        handle.set(TJPARAM_TJPARAM_SAVEMARKERS, 0)?;
        let raw = handle.raw();
        // SAFETY: the instance lives and was made for decompression; the library reads as
        // many bytes as it is told, all of which are in the slice, and keeps no pointer
        // that a later call would use without being given the bytes again.
        let result =
            unsafe { tj3DecompressHeader(raw, bytes.as_ptr(), bytes.len() as _) };
        handle.check(result)?;
        let header = header(&handle)?;
        Ok(Self { handle, bytes, header })
    }

    /// Returns what the header says.
    pub fn header(&self) -> Header {
        self.header
    }

    /// Decodes to gray or RGB; the buffer is that of the reduced size.
    ///
    /// Every bit of the pixel data is read whatever the scale, and the end marker as well.
    ///
    /// # Errors
    ///
    /// When the data is cut or damaged; and when the image is of inks, or opacity is asked
    /// for, which JPEG has not.
    pub fn decode(&mut self, samples: Samples, scale: Scale) -> Result<Image, Error> {
        let format = pixel_format(samples)?;
        if self.header.color == Color::Inks {
            return Err(Error::refused("the colors are inks"));
        }
        let Header { width, height, .. } = self.header;
        let mut image = samples.image(scale.apply(width), scale.apply(height))?;
        sides(image.width, image.height)?;
        let raw = self.handle.raw();
        // SAFETY: the instance lives; a factor that it does not know is told by the result.
        let result = unsafe { tj3SetScalingFactor(raw, scale.factor()) };
        self.handle.check(result)?;
        // SAFETY: the instance lives and was made for decompression. It reads the same
        // bytes as for the header, all of which are in the slice, so that the sides are
        // those of the header, which is not lossless, and writes rows without a gap (a
        // pitch of zero): as many rows of as many pixels as the sides times the factor and
        // rounded up, which is what the buffer was made for. No row is cropped, and errors
        // come back as a result: they jump within the library, over no frame of Rust.
        let result = unsafe {
            tj3Decompress8(
                raw,
                self.bytes.as_ptr(),
                self.bytes.len() as _,
                image.data.as_mut_ptr(),
                0,
                format,
            )
        };
        self.handle.check(result)?;
        Ok(image)
    }
}

impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("header", &self.header).finish_non_exhaustive()
    }
}

pub(super) fn pixel_format(samples: Samples) -> Result<c_int, Error> {
    match samples {
        Samples::Gray => Ok(TJPF_TJPF_GRAY),
        Samples::Rgb => Ok(TJPF_TJPF_RGB),
        Samples::Rgba => Err(Error::refused("JPEG has no opacity")),
    }
}

fn header(handle: &Handle) -> Result<Header, Error> {
    let side = |parameter| {
        let side = u32::try_from(handle.get(parameter)).ok().filter(|&side| 0 < side);
        side.ok_or_else(|| Error::refused("the header declares no pixels"))
    };
    if handle.get(TJPARAM_TJPARAM_PRECISION) != 8 {
        return Err(Error::refused("samples are not of 8 bits"));
    }
    // The library ignores the scaling factor for it, and would write beyond a buffer.
    if handle.get(TJPARAM_TJPARAM_LOSSLESS) != 0 {
        return Err(Error::refused("it is lossless"));
    }
    let color = handle.get(TJPARAM_TJPARAM_COLORSPACE);
    Ok(Header {
        width: side(TJPARAM_TJPARAM_JPEGWIDTH)?,
        height: side(TJPARAM_TJPARAM_JPEGHEIGHT)?,
        color: color_of(color).ok_or_else(|| Error::refused("unknown colors"))?,
        is_coarse: !FINE.contains(&handle.get(TJPARAM_TJPARAM_SUBSAMP)),
    })
}

fn color_of(color: c_int) -> Option<Color> {
    #[expect(non_upper_case_globals, reason = "the names are of C")]
    match c_uint::try_from(color).ok()? {
        TJCS_TJCS_GRAY => Some(Color::Gray),
        TJCS_TJCS_YCbCr => Some(Color::Ycc),
        TJCS_TJCS_RGB => Some(Color::Rgb),
        TJCS_TJCS_CMYK | TJCS_TJCS_YCCK => Some(Color::Inks),
        _ => None,
    }
}
