use std::{ffi::c_int, fmt, ops::Deref, ptr, slice};

use turbojpeg_sys::{
    TJINIT_TJINIT_COMPRESS, TJPARAM_TJPARAM_QUALITY, TJPARAM_TJPARAM_SUBSAMP,
    TJSAMP_TJSAMP_420, TJSAMP_TJSAMP_444, TJSAMP_TJSAMP_GRAY, tj3Compress8, tj3Free,
};

use crate::{
    Error, Picture, Samples,
    jpeg::{decoder::pixel_format, handle::Handle},
};

/// At which resolution colors are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chroma {
    /// Of every pixel.
    Whole,
    /// Of two by two pixels together.
    Halved,
}

/// Encodes gray or RGB pixels as a baseline JPEG, without metadata.
///
/// The quality is clamped to 1, the smallest file, and 100, the best picture.
///
/// ```
/// use safelight_native::{Picture, Samples, jpeg};
///
/// let picture = Picture { pixels: &[1, 2, 3], width: 1, height: 1 };
/// let file = jpeg::encode(&picture, Samples::Rgb, 85, jpeg::Chroma::Halved)?;
/// assert!(file.starts_with(&[0xff, 0xd8]) && file.ends_with(&[0xff, 0xd9]));
/// # Ok::<(), safelight_native::Error>(())
/// ```
///
/// # Errors
///
/// When the pixels are not as many as the sides say, a side is zero or over 65 500, or
/// there is opacity.
#[expect(unsafe_code, reason = "the functions are of C")]
pub fn encode(
    picture: &Picture<'_>,
    samples: Samples,
    quality: u8,
    chroma: Chroma,
) -> Result<Encoded, Error> {
    let format = pixel_format(samples)?;
    let [width, height] = picture.sides(samples)?;
    let sampling = match (samples, chroma) {
        (Samples::Gray, _) => TJSAMP_TJSAMP_GRAY,
        (_, Chroma::Whole) => TJSAMP_TJSAMP_444,
        (_, Chroma::Halved) => TJSAMP_TJSAMP_420,
    };
    let mut handle = Handle::new(TJINIT_TJINIT_COMPRESS)?;
    handle.set(TJPARAM_TJPARAM_QUALITY, c_int::from(quality.clamp(1, 100)))?;
    handle.set(TJPARAM_TJPARAM_SUBSAMP, sampling)?;
    let mut encoded = Encoded { start: ptr::null_mut(), len: 0 };
    let raw = handle.raw();
    let mut len = 0;
    // SAFETY: the instance lives and was made for compression. It reads rows without a gap
    // (a pitch of zero), as many and as long as the slice has, which was compared. The
    // buffer starts as null, so that the library makes one, and stores where it is and how
    // long the file is.
    let result = unsafe {
        tj3Compress8(
            raw,
            picture.pixels.as_ptr(),
            width,
            0,
            height,
            format,
            &raw mut encoded.start,
            &raw mut len,
        )
    };
    handle.check(result)?;
    encoded.len = len as usize;
    Ok(encoded)
}

/// A file in memory of the library.
pub struct Encoded {
    start: *mut u8,
    len: usize,
}

impl Deref for Encoded {
    type Target = [u8];

    #[expect(unsafe_code, reason = "the buffer is of C")]
    fn deref(&self) -> &[u8] {
        if self.start.is_null() {
            return &[];
        }
        // SAFETY: the library has written as many bytes from there on, the buffer is
        // nobody else's, and it is freed only with `self`.
        unsafe { slice::from_raw_parts(self.start, self.len) }
    }
}

impl Drop for Encoded {
    #[expect(unsafe_code, reason = "the buffer is of C")]
    fn drop(&mut self) {
        // SAFETY: the buffer is null or came from the library, and nobody has it after this.
        unsafe { tj3Free(self.start.cast()) };
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoded").field("len", &self.len).finish_non_exhaustive()
    }
}
