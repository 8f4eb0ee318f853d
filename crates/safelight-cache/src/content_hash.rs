use std::{
    fmt,
    io::{self, Read},
};

/// Keeps the hashes of pixels apart from all other BLAKE3 hashes.
const PIXELS_CONTEXT: &str = "safelight-cache 2026 content hash of pixels, version 1";

/// The BLAKE3 hash of an image, either of its encoded bytes or of its pixels.
///
/// The two kinds never meet: encoded bytes are hashed plainly, as `b3sum` does, and pixels
/// in the mode of key derivation, which BLAKE3 keeps apart from the plain one.
/// (J. O'Connor, J.-P. Aumasson, S. Neves, Z. Wilcox-O'Hearn: *BLAKE3: one function, fast
/// everywhere*, 2020.)
///
/// Pixels are hashed with their [`PixelShape`], never alone: a black image of 2 x 8 pixels
/// has the same bytes as one of 4 x 4.
///
/// ```
/// use safelight_cache::{ContentHash, PixelShape};
///
/// let encoded = ContentHash::of(b"abc");
/// assert!(encoded.to_string().starts_with("6437b3ac38465133ffb63b75273a8db5"));
/// assert_eq!(ContentHash::of_reader(&b"abc"[..])?, encoded);
///
/// let black = |width, height| {
///     let shape = PixelShape { width, height, layout: "gray8", palette: &[] };
///     ContentHash::of_pixels(&shape, &[0; 16])
/// };
/// assert_ne!(black(2, 8), black(4, 4));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Hashes the encoded bytes of a whole image.
    pub fn of(encoded: &[u8]) -> Self {
        Self(blake3::hash(encoded).into())
    }

    /// Hashes encoded bytes up to the end, in blocks of 64 KiB that lie on the stack.
    ///
    /// # Errors
    ///
    /// Returns the error of the reader, unchanged; interrupted reads are taken up again.
    pub fn of_reader(encoded: impl Read) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(encoded)?;
        Ok(Self(hasher.finalize().into()))
    }

    /// Hashes pixels together with all that says what their bytes mean.
    ///
    /// The bytes are those of the rows without padding; their number is not checked.
    pub fn of_pixels(shape: &PixelShape<'_>, data: &[u8]) -> Self {
        let &PixelShape { width, height, layout, palette } = shape;
        let mut hasher = blake3::Hasher::new_derive_key(PIXELS_CONTEXT);
        // Every part is of fixed length or follows its length, and so no two shapes run together.
        hasher
            .update(&width.to_le_bytes())
            .update(&height.to_le_bytes())
            .update(&(layout.len() as u64).to_le_bytes())
            .update(layout.as_bytes())
            .update(&(palette.len() as u64).to_le_bytes())
            .update(palette)
            .update(data);
        Self(hasher.finalize().into())
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Prints 64 hexadecimal digits.
impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// What the bytes of raw pixels mean; part of their [`ContentHash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PixelShape<'a> {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// The name of the layout: channels, their order, bits, byte order, color space.
    pub layout: &'a str,
    /// The colors that indexed pixels refer to; empty where pixels are colors themselves.
    pub palette: &'a [u8],
}
