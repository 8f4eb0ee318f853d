use std::{ffi::c_int, fmt, ops::Deref, ptr, slice};

use libwebp_sys::{
    WebPConfig, WebPEncode, WebPMemoryWrite, WebPMemoryWriter, WebPMemoryWriterClear,
    WebPMemoryWriterInit, WebPPicture, WebPPictureFree, WebPPictureImportRGB,
    WebPPictureImportRGBA,
};

use crate::{Error, Picture, Samples};

/// Encodes RGB or RGBA pixels as a lossy WebP, without metadata; opacity is lossless.
///
/// The quality is clamped to 0, the smallest file, and 100, the best picture; the method
/// to 0, the fastest, and 6, the most thorough. What is fully transparent may change color.
///
/// ```
/// use safelight_native::{Picture, Samples, webp};
///
/// let picture = Picture { pixels: &[1, 2, 3, 4], width: 1, height: 1 };
/// let file = webp::encode_lossy(&picture, Samples::Rgba, 80, 4)?;
/// assert!(webp::header(&file)?.has_alpha);
/// # Ok::<(), safelight_native::Error>(())
/// ```
///
/// # Errors
///
/// When the pixels are not as many as the sides say, a side is zero or over 16 383, or the
/// pixels are gray, which WebP has not.
pub fn encode_lossy(
    picture: &Picture<'_>,
    samples: Samples,
    quality: u8,
    method: u8,
) -> Result<Encoded, Error> {
    let Ok(mut config) = WebPConfig::new() else {
        return Err(Error::refused("libwebp is of another version"));
    };
    config.quality = f32::from(quality.min(100));
    config.method = c_int::from(method.min(6));
    let mut planes = Planes::new(picture, samples)?;
    planes.encode(&config)
}

/// Pixels as the library keeps them, freed with it.
struct Planes(WebPPicture);

#[expect(unsafe_code, reason = "the functions are of C")]
impl Planes {
    fn new(picture: &Picture<'_>, samples: Samples) -> Result<Self, Error> {
        let [width, height] = picture.sides(samples)?;
        let import = match samples {
            Samples::Rgb => WebPPictureImportRGB,
            Samples::Rgba => WebPPictureImportRGBA,
            Samples::Gray => return Err(Error::refused("WebP has no gray")),
        };
        let Ok(planes) = WebPPicture::new() else {
            return Err(Error::refused("libwebp is of another version"));
        };
        let mut planes = Self(planes);
        (planes.0.width, planes.0.height) = (width, height);
        let stride = c_int::try_from(samples.pixel_len() * picture.width as usize);
        let stride = stride.map_err(|_| Error::refused("rows of that length"))?;
        // SAFETY: the picture was set up by the library; it reads as many rows, as far apart
        // and as long, as it is told, which was compared with the slice. The planes are
        // memory of its own.
        let result =
            unsafe { import(&raw mut planes.0, picture.pixels.as_ptr(), stride) };
        if result == 0 {
            return Err(planes.error());
        }
        Ok(planes)
    }

    fn encode(&mut self, config: &WebPConfig) -> Result<Encoded, Error> {
        let mut encoded = Encoded::new();
        self.0.writer = Some(WebPMemoryWrite);
        self.0.custom_ptr = (&raw mut encoded.0).cast();
        // SAFETY: both were set up by the library, which compares sides and configuration
        // with what it can do; the writer gets a pointer to the memory writer, which lives
        // until after the call and is used by nobody else meanwhile.
        let result = unsafe { WebPEncode(config, &raw mut self.0) };
        self.0.custom_ptr = ptr::null_mut();
        if result == 0 { Err(self.error()) } else { Ok(encoded) }
    }

    fn error(&self) -> Error {
        Error::refused(format!("libwebp says {:?}", self.0.error_code))
    }
}

impl Drop for Planes {
    #[expect(unsafe_code, reason = "the function is of C")]
    fn drop(&mut self) {
        // SAFETY: the picture was set up by the library, and nobody has it after this.
        unsafe { WebPPictureFree(&raw mut self.0) };
    }
}

/// A file in memory of the library.
pub struct Encoded(WebPMemoryWriter);

#[expect(unsafe_code, reason = "the function is of C")]
impl Encoded {
    fn new() -> Self {
        let mut writer =
            WebPMemoryWriter { mem: ptr::null_mut(), size: 0, max_size: 0, pad: [0] };
        // SAFETY: the writer lives; it is only written to.
        unsafe { WebPMemoryWriterInit(&raw mut writer) };
        Self(writer)
    }
}

impl Deref for Encoded {
    type Target = [u8];

    #[expect(unsafe_code, reason = "the buffer is of C")]
    fn deref(&self) -> &[u8] {
        if self.0.mem.is_null() {
            return &[];
        }
        // SAFETY: the library has written as many bytes from there on, the buffer is
        // nobody else's, and it is freed only with `self`.
        unsafe { slice::from_raw_parts(self.0.mem, self.0.size) }
    }
}

impl Drop for Encoded {
    #[expect(unsafe_code, reason = "the function is of C")]
    fn drop(&mut self) {
        // SAFETY: the writer was set up by the library, and nobody has it after this.
        unsafe { WebPMemoryWriterClear(&raw mut self.0) };
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoded").field("len", &self.0.size).finish_non_exhaustive()
    }
}
