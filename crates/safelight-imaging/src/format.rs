use std::fmt;

#[cfg(test)]
mod tests;

/// An image format, as told by the first bytes and never by a name.
///
/// ```
/// use safelight_imaging::Format;
///
/// assert_eq!(Format::sniff(b"\x89PNG\r\n\x1a\n...."), Some(Format::Png));
/// assert!(Format::Jpeg.is_supported() && !Format::Gif.is_supported());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Format {
    /// JPEG, baseline and progressive.
    Jpeg,
    /// PNG; of an animated one the still image.
    Png,
    /// WebP, lossy and lossless; of an animated one the first frame.
    WebP,
    /// GIF: recognized, not decoded.
    Gif,
    /// BMP: recognized, not decoded.
    Bmp,
    /// TIFF: recognized, not decoded.
    Tiff,
    /// AVIF: recognized, not decoded.
    Avif,
}

impl Format {
    /// The number of leading bytes that [`sniff`](Format::sniff) looks at.
    pub const N_SNIFFED: usize = 32;

    /// Tells the format from the first [`N_SNIFFED`](Format::N_SNIFFED) bytes of a file.
    pub fn sniff(head: &[u8]) -> Option<Self> {
        let at = |idx: usize, text: &[u8]| head.get(idx..idx + text.len()) == Some(text);
        match head {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            _ if at(0, b"\x89PNG\r\n\x1a\n") => Some(Self::Png),
            _ if at(0, b"RIFF") && at(8, b"WEBP") => Some(Self::WebP),
            _ if at(0, b"GIF87a") || at(0, b"GIF89a") => Some(Self::Gif),
            _ if at(0, b"II*\0") || at(0, b"MM\0*") => Some(Self::Tiff),
            _ if at(4, b"ftypavif") || at(4, b"ftypavis") => Some(Self::Avif),
            // "BM" is short enough to be text: the reserved bytes must be zero, too.
            _ if at(0, b"BM") && at(6, &[0; 4]) => Some(Self::Bmp),
            _ => None,
        }
    }

    /// Whether this crate decodes the format.
    pub const fn is_supported(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::WebP)
    }

    /// Returns the file name extensions in use, in lower case, the usual one first.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png", "apng"],
            Self::WebP => &["webp"],
            Self::Gif => &["gif"],
            Self::Bmp => &["bmp", "dib"],
            Self::Tiff => &["tif", "tiff"],
            Self::Avif => &["avif"],
        }
    }

    /// Reads the size of a format that is recognized only, where its place is fixed.
    pub(crate) fn sniff_size(self, head: &[u8]) -> Option<Size> {
        let u16_at = |idx: usize| {
            Some(u16::from_le_bytes(head.get(idx..idx + 2)?.try_into().ok()?))
        };
        let i32_at = |idx: usize| {
            Some(i32::from_le_bytes(head.get(idx..idx + 4)?.try_into().ok()?))
        };
        match self {
            Self::Gif => Some(Size::new(u16_at(6)?.into(), u16_at(8)?.into())),
            // A header of 12 bytes is the old one, with 16-bit sides.
            Self::Bmp if i32_at(14)? == 12 => {
                Some(Size::new(u16_at(18)?.into(), u16_at(20)?.into()))
            }
            // A negative height says that the rows come from the top.
            Self::Bmp => {
                Some(Size::new(i32_at(18)?.unsigned_abs(), i32_at(22)?.unsigned_abs()))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
        })
    }
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Size {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    pub(crate) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.width, self.height)
    }
}
